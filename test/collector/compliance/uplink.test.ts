import { expect, test } from 'vitest';
import { lineFacts } from '../../../collector/compliance/line-facts.ts';
import { decode, encode } from '../../../collector/compliance/rollup/codec.ts';
import type { FactSample } from '../../../collector/compliance/series.ts';
import { assetOf, facts, HOUR, MINUTE, moments, sampleOf } from './school-facts.ts';

/** What the looks at an internet line each minute say of it. */

const line = assetOf('internet', 'internet');
const START = moments(24 * HOUR)[0]!;
const gateway = { mac: 'aa:bb:cc:dd:ee:ff', answered: 2 };
const known = (samples: FactSample[], policy = {}) => lineFacts(facts({ assets: [line], samples, policy }), line);
/** A look a minute: `.` up, `x` no way out, `-` cut off from the gateway, `?` nonsense, a space: none. */
const looks = (drawn: string, rest: Partial<FactSample> = {}) =>
  [...drawn].flatMap((mark, minute): FactSample[] => {
    if (mark === ' ') return [];
    const values = mark === '?' ? { gateway: 'x' } : { gateway: mark === '-' ? { ...gateway, answered: 0 } : gateway };
    return [
      {
        ...sampleOf('uplink', 'internet', START + minute * MINUTE, values, mark === '.'),
        reason: mark === '.' ? null : 'unreachable',
        ...rest,
      },
    ];
  });

test.each([
  ['one lost look may be the host that was asked', '...x...', 0, 0],
  ['two in a row are an outage', '...xx...', 1, 2],
  ['a silent gateway is the agent’s own trouble', '...-----...', 0, 0],
  ['nonsense is no outage', '...?????...', 0, 0],
  ['cut off in the middle: known for three minutes more', '..xx------.', 1, 4],
  ['a gap adds what one look speaks for', '..xx          ..', 1, 4],
  ['still out', '..xxxx', 1, 3],
  ['two', '.xx.xxx.', 2, 5],
])('%s', (_, drawn, count, minutes) => {
  expect(known(looks(drawn)).outages).toMatchObject({ count, ms: minutes * MINUTE });
});

test('an outage that counts may be longer by policy', () => {
  expect(known(looks('.xxx.'), { internetOutageMinSeconds: 181 }).outages).toMatchObject({ count: 0 });
});

test('an outage that another agent contradicts is none', () => {
  const other = looks('.......', { agentId: 'agent-2' }).map((sample) => ({ ...sample, at: sample.at + 30_000 }));
  expect(known([...looks('..xxx..'), ...other]).outages).toMatchObject({ count: 0 });
});

test('names that nobody resolves are an outage where the gateway answers, and else nothing', () => {
  expect(
    known(looks('..xxx..').map((sample) => ({ ...sample, reason: sample.ok ? null : 'unresolved' }))).outages,
  ).toMatchObject({
    count: 1,
  });
  expect(
    known(looks('..---..').map((sample) => ({ ...sample, reason: sample.ok ? null : 'unresolved' }))).outages,
  ).toMatchObject({
    count: 0,
  });
});

test('of a line that flaps for days the longest outages are kept, and the number and time of all', () => {
  const samples = looks(`.${'xx.'.repeat(400)}${'xxxx.'.repeat(3)}`);
  const written = facts({ assets: [line], samples });
  const { outages } = known(samples);
  expect(outages).toMatchObject({ count: 403, ms: (800 + 12) * MINUTE });
  expect(outages!.longest.map(({ ms }) => ms / MINUTE)).toEqual([4, 4, 4, 2, 2, 2, 2, 2, 2, 2]);
  expect(encode(written.rollup).length).toBeLessThan(2500);
  expect(lineFacts({ ...written, rollup: decode(encode(written.rollup)) }, line)).toEqual(known(samples));
});

test('another line shows by address, provider and gateway, each agent by itself', () => {
  const seen = (minute: number, values: object, agentId = 'agent-1') => ({
    ...sampleOf('uplink', 'internet', START + minute * MINUTE, { gateway, ...values }),
    agentId,
  });
  const { switches } = known([
    seen(0, { publicAddress: '203.0.113.5', provider: 'VNPT' }),
    seen(1, { publicAddress: null, provider: null }),
    seen(2, { publicAddress: '203.0.113.5', provider: 7, gateway: { mac: 'AA:BB:CC:DD:EE:FF' } }),
    seen(3, { publicAddress: '198.51.100.7', provider: 'Viettel' }),
    seen(4, { publicAddress: '203.0.113.9' }, 'agent-2'),
    seen(5, { publicAddress: '198.51.100.7', gateway: { mac: '00:00:00:00:00:01' } }),
    seen(6, { publicAddress: 'x'.repeat(5000), provider: '', gateway: null }),
  ]);
  // Provider and address changed at one moment: the line once.
  expect(switches.count).toBe(2);
  expect(
    switches.newest.map(({ changes }) => changes.map(({ trait, before, after }) => `${trait} ${before} ${after}`)),
  ).toEqual([
    ['gateway aa:bb:cc:dd:ee:ff 00:00:00:00:00:01'],
    ['address 203.0.113.5 198.51.100.7', 'provider VNPT Viettel'],
  ]);
});

test('the half of an IPv6 address that a host changes daily is no other line', () => {
  const addresses = [
    '2001:db8:0:12::1',
    '2001:0db8::12:aaaa:bbbb:cccc:dddd',
    '2001:db8:0:13::1',
    '::1',
    'fe80::1%eth0',
  ];
  const samples = addresses.map((publicAddress, minute) =>
    sampleOf('uplink', 'internet', START + minute * MINUTE, { gateway, publicAddress }),
  );
  expect(
    known(samples)
      .switches.newest.toReversed()
      .flatMap(({ changes }) => changes.map(({ after }) => after)),
  ).toEqual(['2001:db8:0:13::/64', '0:0:0:0::/64', 'fe80:0:0:0::/64']);
});
