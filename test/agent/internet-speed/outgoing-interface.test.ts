import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countInterface,
  interfaceOf,
  mtuIn,
  outgoingInterface,
  rateBetween,
  readInterface,
  receivedBetween,
} from '../../../agent/probes/internet-speed/outgoing-interface.ts';

test('an interface is told or unknown, in bounded time, whatever its name', async () => {
  const start = performance.now();
  expect(await outgoingInterface('no-such-0', AbortSignal.timeout(10_000))).toMatchObject({
    name: 'no-such-0',
    medium: null,
    linkMbps: null,
  });
  expect(performance.now() - start).toBeLessThan(9000);
  expect(await outgoingInterface('eth-x', AbortSignal.abort())).toMatchObject({ name: 'eth-x', medium: null });
  expect(await outgoingInterface(null, AbortSignal.abort())).toMatchObject({ name: null, medium: null });
  for (const name of ['../../etc', '..', 'a/b', 'no-such-0'])
    expect(await (await countInterface(name, AbortSignal.timeout(5000))).end()).toEqual([]);
});

test('the interface is the one whose address the connection has', () => {
  const one = (address: string) => [{ address }] as never;
  const interfaces = { lo: one('127.0.0.1'), 'Ethernet 2': one('192.168.1.7'), wlan0: one('fe80::1') };
  expect(interfaceOf('192.168.1.7', interfaces)).toBe('Ethernet 2');
  expect(interfaceOf('::ffff:192.168.1.7', interfaces)).toBe('Ethernet 2');
  expect(interfaceOf('fe80::1%wlan0', interfaces)).toBe('wlan0');
  expect(interfaceOf('10.0.0.1', interfaces)).toBeNull();
});

test("the system's words are ours, and its unknowns null", () => {
  const facts = { iface: 'eth0', type: 'wired', speed: 1000, virtual: false, mtu: 1492 };
  const before = { rxBytes: 1000, txBytes: 0, at: 1000 };
  const after = { rxBytes: 51_000, txBytes: 0, at: 1500 };
  expect(readInterface('eth0', { facts, before, after, cost: 'no (guessed)\n', mtus: '' })).toEqual({
    name: 'eth0',
    medium: 'ethernet',
    linkMbps: 1000,
    busyMbps: 0.8,
    mtu: 1492,
    vpn: false,
    metered: false,
  });
  const of = (more: object, rest: object = {}) => readInterface('eth0', { facts: { ...facts, ...more }, ...rest });
  expect(of({ type: 'wireless', speed: -1 })).toMatchObject({ medium: 'wifi', linkMbps: null });
  expect(of({ virtual: true, speed: null })).toMatchObject({ medium: 'virtual', linkMbps: null });
  expect(of({}, { cost: 'yes' })).toMatchObject({ metered: true });
  expect(of({}, { cost: 'Variable\r\n' })).toMatchObject({ metered: true });
  expect(of({}, { cost: 'Unrestricted' })).toMatchObject({ metered: false });
  expect(of({}, { cost: 'unknown' })).toMatchObject({ metered: null });
  for (const name of ['tun0', 'wg0', 'utun3', 'tailscale0', 'OpenVPN TAP-Windows6', 'NordLynx'])
    expect(readInterface(name, {}).vpn).toBe(true);
  expect(of({ ifaceName: 'Cisco AnyConnect Virtual Miniport' }).vpn).toBe(true);
  for (const name of ['eth0', 'enp3s0', 'Ethernet', 'Wi-Fi', 'ppp0', 'wlan0', 'tune'])
    expect(readInterface(name, { facts }).vpn).toBe(false);
  fc.assert(fc.property(fc.string(), fc.anything(), (name, answer) => void readInterface(name, answer)));
});

test("Windows' table of MTUs is read by its numbers, in any language", () => {
  const table = [
    '',
    '   MTU  MediaSenseState      Bytes In     Bytes Out  Interface',
    '------  ---------------  ------------  ------------  -------------',
    '4294967295                1             0       1250011  Loopback Pseudo-Interface 1',
    '  1492                1     123456789      98765432  Ethernet 2',
    '  1500                5             0             0  Kết nối cục bộ* 1',
  ].join('\r\n');
  expect(mtuIn(table, 'Ethernet 2')).toBe(1492);
  expect(mtuIn(table, 'Kết nối cục bộ* 1')).toBe(1500);
  expect(mtuIn(table, 'Loopback Pseudo-Interface 1')).toBeNull();
  expect(mtuIn('', 'Ethernet')).toBeNull();
});

test('a counter that went back tells nothing', () => {
  const at = (rxBytes: number, ms: number) => ({ rxBytes, txBytes: 0, at: ms });
  expect(rateBetween(at(0, 0), at(125_000, 1000))).toBe(1);
  expect(rateBetween(at(10, 0), at(5, 1000))).toBeNull();
  expect(rateBetween(at(0, 5), at(5, 5))).toBeNull();
  expect(rateBetween(null, at(5, 5))).toBeNull();
});

test('bytes between two moments come from the readings around them', () => {
  const readings = [0, 100, 200, 300].map((at) => ({ rxBytes: at * 10, txBytes: 0, at }));
  expect(receivedBetween(readings, 50, 250)).toBe(2000);
  expect(receivedBetween(readings, 50, 301)).toBeNull();
  expect(receivedBetween(readings, -1, 100)).toBeNull();
  expect(receivedBetween([], 0, 1)).toBeNull();
});
