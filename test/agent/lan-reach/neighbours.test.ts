import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseArpA,
  parseIpNeigh,
  parseNetNeighbor,
  parseProcNetArp,
} from '../../../agent/probes/lan-reach/neighbours.ts';

test('ip neigh: only a confirmed entry is a sure answer', () => {
  const text = `192.0.2.1 dev eth0 lladdr 02:fc:00:00:00:05 STALE
192.0.2.2 dev eth0 lladdr 02:fc:00:00:00:06 REACHABLE
192.0.2.3 dev eth0 FAILED
192.0.2.4 dev eth0 INCOMPLETE
fe80::1 dev eth0 lladdr 02:fc:00:00:00:07 router REACHABLE
not a line
`;
  expect(parseIpNeigh(text)).toEqual([
    { address: '192.0.2.1', mac: '02:fc:00:00:00:05', state: 'unsure' },
    { address: '192.0.2.2', mac: '02:fc:00:00:00:06', state: 'reachable' },
    { address: '192.0.2.3', mac: null, state: 'absent' },
    { address: '192.0.2.4', mac: null, state: 'asking' },
    { address: 'fe80::1%eth0', mac: '02:fc:00:00:00:07', state: 'reachable' },
  ]);
});

test('/proc/net/arp: a completed entry may be old', () => {
  const text = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
192.0.2.3        0x1         0x0         00:00:00:00:00:00     *        eth0
`;
  expect(parseProcNetArp(text)).toEqual([
    { address: '192.0.2.1', mac: '02:fc:00:00:00:05', state: 'unsure' },
    { address: '192.0.2.3', mac: null, state: 'absent' },
  ]);
});

test('arp -a: Windows in Vietnamese, macOS', () => {
  const windows = `
Giao diện: 192.168.1.10 --- 0x5
  Địa chỉ Internet      Địa chỉ Vật lý        Kiểu
  192.168.1.1           a4-2b-b0-c1-d2-e3     động
  192.168.1.255         ff-ff-ff-ff-ff-ff     tĩnh
`;
  expect(parseArpA(windows)[0]).toEqual({ address: '192.168.1.1', mac: 'a4:2b:b0:c1:d2:e3', state: 'unsure' });
  expect(parseArpA(windows)).toHaveLength(2);
  const mac = `? (192.168.1.1) at a4:2b:b0:c1:d2:3 on en0 ifscope [ethernet]
? (192.168.1.7) at (incomplete) on en0 ifscope [ethernet]
`;
  expect(parseArpA(mac)).toEqual([
    { address: '192.168.1.1', mac: 'a4:2b:b0:c1:d2:03', state: 'unsure' },
    { address: '192.168.1.7', mac: null, state: 'absent' },
  ]);
});

test('Get-NetNeighbor: one object, an array, states by number and by name', () => {
  const one = { IPAddress: '192.168.1.1', LinkLayerAddress: 'A4-2B-B0-C1-D2-E3', State: 5 };
  expect(parseNetNeighbor(JSON.stringify(one))).toMatchObject([{ mac: 'a4:2b:b0:c1:d2:e3', state: 'reachable' }]);
  const stale = { ...one, State: 'Stale' };
  const gone = { ...one, LinkLayerAddress: '00-00-00-00-00-00', State: 0 };
  expect(parseNetNeighbor(`\uFEFF${JSON.stringify([one, stale, gone])}`).map(({ state }) => state)).toEqual([
    'reachable',
    'unsure',
    'absent',
  ]);
});

test('Get-NetNeighbor of Windows 8 writes MAC addresses without dashes; a longer address is none of Ethernet', () => {
  const entry = { IPAddress: '192.168.1.1', LinkLayerAddress: 'A42BB0C1D2E3', State: 5 };
  expect(parseNetNeighbor(JSON.stringify(entry))).toMatchObject([{ mac: 'a4:2b:b0:c1:d2:e3', state: 'reachable' }]);
  const none = { ...entry, LinkLayerAddress: '000000000000', State: 0 };
  expect(parseNetNeighbor(JSON.stringify(none))).toMatchObject([{ mac: null, state: 'absent' }]);
  expect(parseArpA('  192.168.1.1   aa-bb-cc-dd-ee-ff-00-11   dynamic\n')).toEqual([]);
  expect(parseArpA('  192.168.1.999   aa-bb-cc-dd-ee-ff   dynamic\n')).toEqual([]);
});

test('no parser throws, whatever a system prints', () => {
  const words = fc.constantFrom(
    '192.0.2.1',
    'lladdr',
    '02:00:00:00:00:01',
    'STALE',
    '0x2',
    '(',
    ')',
    'at',
    '\n',
    ' ',
    '{',
    '[',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words).map((list) => list.join(' ')),
    fc.json(),
  );
  fc.assert(
    fc.property(text, (output) => {
      for (const parse of [parseIpNeigh, parseProcNetArp, parseArpA, parseNetNeighbor]) {
        for (const { mac } of parse(output)) if (mac !== null) expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      }
    }),
  );
});
