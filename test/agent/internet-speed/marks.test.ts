import { expect, test } from 'vitest';
import { type Conditions, marksOf } from '../../../agent/probes/internet-speed/conditions.ts';
import { type OutgoingInterface, UNKNOWN } from '../../../agent/probes/internet-speed/outgoing-interface.ts';

const CALM: Conditions = { otherMbps: 0.1, cpuShare: 0.2, hostCpuShare: 0.3, loopShare: 0.2 };
const WIRED: OutgoingInterface = {
  name: 'eth0',
  medium: 'ethernet',
  linkMbps: 1000,
  busyMbps: 0,
  mtu: 1500,
  vpn: false,
  metered: false,
};
const marks = (
  outgoing: Partial<OutgoingInterface>,
  conditions: Partial<Conditions> = {},
  lineMbps = 30,
  limitMbps: number | null = null,
  refused = false,
) =>
  marksOf(
    { ...WIRED, ...outgoing },
    { ...CALM, ...conditions },
    lineMbps,
    { payloadMbps: lineMbps / 1.036, limitMbps, refused },
    45,
  );

test('a wired port, a calm computer and a free server leave no mark, nor does what is unknown', () => {
  expect(marks({})).toEqual([]);
  expect(marks(UNKNOWN, { otherMbps: null, hostCpuShare: null })).toEqual([]);
});

test.for([
  ['wifi', { medium: 'wifi' }, {}],
  ['port', { linkMbps: 10 }, {}],
  ['port', { linkMbps: 45 }, {}],
  ['own-traffic', { busyMbps: 3.1 }, {}],
  ['own-traffic', {}, { otherMbps: 3.1 }],
  ['cpu', {}, { loopShare: 0.96 }],
  ['cpu', {}, { hostCpuShare: 0.98 }],
  ['vpn', { vpn: true }, {}],
  ['metered', { metered: true }, {}],
] as const)('%s: %j %j', ([mark, outgoing, conditions]) => {
  expect(marks(outgoing, conditions)).toEqual([mark]);
});

test('a port of 100 does not mark, a little traffic does not, a server at its own limit does', () => {
  expect(marks({ linkMbps: 100 }, {}, 92)).toEqual([]);
  expect(marks({ busyMbps: 2.9 })).toEqual([]);
  expect(marks({ busyMbps: 0.4 }, {}, 1)).toEqual([]);
  expect(marks({}, {}, 96, 100)).toEqual(['server-limited']);
  expect(marks({}, {}, 80, 100)).toEqual([]);
  expect(marks({}, {}, 80, null, true)).toEqual(['server-limited']);
});
