import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableOf } from '../../../agent/discovery/discover.ts';
import { kindOf } from '../../../agent/discovery/kind.ts';
import { propose, withAddresses } from '../../../agent/discovery/propose.ts';
import { addressesOf, SweepRangeError } from '../../../agent/discovery/ranges.ts';
import type { Device } from '../../../agent/discovery/who.ts';
import { Names } from '../../../agent/probes/uplink/resolve.ts';
import { foundIn } from '../../../shared/wire/discovery.ts';
import { nameServer } from '../uplink/name-server.ts';

const device = (change: Partial<Device> = {}): Device => ({
  address: '10.0.0.5',
  mac: '54:bf:64:3f:2a:1b',
  vendor: 'Dell Inc.',
  names: {},
  snmp: null,
  printer: null,
  onvif: null,
  ports: [],
  kind: 'pc',
  kindBy: 'ports',
  via: 'sweep',
  ...change,
});
const idsOf = (devices: Device[], known: Parameters<typeof propose>[1] = []) =>
  propose(devices, known).map(({ found }) => found.proposedId);

describe('a range', () => {
  test('is a network without its ends, or from one address to another', () => {
    expect(addressesOf(['192.168.1.9/30'])).toEqual(['192.168.1.9', '192.168.1.10']);
    expect(addressesOf(['10.0.0.255-10.0.1.1', '10.0.1.0-2'])).toEqual([
      '10.0.0.255',
      '10.0.1.0',
      '10.0.1.1',
      '10.0.1.2',
    ]);
    expect(addressesOf(['172.16.0.0/20'])).toHaveLength(4094);
  });

  test.each([
    '8.8.8.0/24',
    '172.32.0.0/24',
    '192.168.0.0-193.0.0.1',
    '10.0.0.0/8',
    '10.0.0.0/0',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '10.0.0.1-10.0.16.1',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1',
    '10.0.0.256-10.0.1.1',
    '010.0.0.0/24',
    '10.0.0.0/24;reboot',
    '$(reboot)',
    '--json',
    '-rf',
    '10.0.0.0/24\n10.0.1.0/24',
    '',
    '1e1.0.0.0/30',
    'fe80::/120',
    '٣.0.0.0/24',
  ])('%j is refused in one line', (range) => {
    expect(() => addressesOf([range])).toThrow(SweepRangeError);
    expect(() => addressesOf([range])).toThrow(/^--sweep: [^\n]+$/);
  });

  test('is refused when all together are too many, and by nothing else than that error', () => {
    expect(() => addressesOf(['10.0.0.0/21', '10.1.0.0/21', '10.2.0.0/21'])).toThrow('quá 4096');
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          addressesOf([text]);
        } catch (error) {
          expect(error).toBeInstanceOf(SweepRangeError);
        }
      }),
    );
  });
});

describe('a proposed id', () => {
  test('comes from a name, else from kind and Ethernet address, else from the address', () => {
    expect(idsOf([device({ names: { netbios: 'PC-HIỆU TRƯỞNG', mdns: 'x.local' } })])).toEqual(['pc-hieu-truong']);
    expect(idsOf([device({ names: { dns: 'may-in.truong.lan' } })])).toEqual(['may-in']);
    expect(idsOf([device()])).toEqual(['pc-3f2a1b']);
    expect(idsOf([device({ mac: null, kind: null, names: { mdns: '***' } })])).toEqual(['other-10-0-0-5']);
  });

  test('is the configured one where the device is known, also at another address', () => {
    const known = [{ id: 'phòng-1', address: '10.0.0.9', mac: '54:bf:64:3f:2a:1b' }];
    expect(propose([device()], known)).toMatchObject([{ known: true, found: { proposedId: 'phòng-1' } }]);
    const other = device({ address: '10.0.0.9', mac: '54:bf:64:00:00:01' });
    expect(propose([other], known)).toMatchObject([{ known: false }]);
    expect(idsOf([other], [{ id: 'a', address: '10.0.0.9', mac: null }])).toEqual(['a']);
  });

  test('is the configured one where the device is configured by name, or in another spelling of its address', async (ctx) => {
    const server = await nameServer('10.0.0.5');
    ctx.onTestFinished(() => server.close());
    const names = new Names([server.address], async () => ({ address: '10.0.0.99' }));
    const known = [
      { id: 'may-in', address: 'may-in.truong.example', mac: null },
      { id: 'cam', address: 'FD00:0:0::7', mac: null },
      { id: 'none', address: '', mac: null },
    ];
    const found = await withAddresses(known, names, AbortSignal.timeout(5000));
    const devices = [device(), device({ address: 'fd00::7', mac: '02:00:00:00:00:07' })];
    expect(propose(devices, found)).toMatchObject([
      { known: true, found: { proposedId: 'may-in' } },
      { known: true, found: { proposedId: 'cam' } },
    ]);
  });

  test('is never taken, fits the wire, and is the same each time', () => {
    const name = fc.oneof(
      fc.constantFrom('PC', 'pc', 'pc-3f2a1b'),
      fc.string({ minLength: 1, maxLength: 255, unit: 'binary' }),
    );
    const octet = fc.nat(255).map((value) => value.toString(16).padStart(2, '0'));
    const mac = fc.option(fc.array(octet, { minLength: 6, maxLength: 6 }).map((octets) => octets.join(':')));
    const some = fc
      .record({ netbios: name, mac, end: fc.nat(255) })
      .map(({ netbios, mac, end }) => device({ names: { netbios }, mac, address: `10.0.0.${end}` }));
    const known = fc
      .array(fc.constantFrom('pc', 'pc-3f2a1b', 'x'))
      .map((ids) => ids.map((id) => ({ id, address: '', mac: null })));
    fc.assert(
      fc.property(fc.array(some), known, (devices, configured) => {
        const ids = idsOf(devices, configured);
        expect(new Set([...ids, ...configured.map(({ id }) => id)]).size).toBe(
          ids.length + new Set(configured.map(({ id }) => id)).size,
        );
        for (const id of ids) expect(id).toMatch(/^[a-z0-9-]{1,64}$/);
        expect(idsOf(devices, configured)).toEqual(ids);
        for (const { found } of propose(devices, configured)) expect(foundIn(found)).toBeDefined();
      }),
    );
  });

  test('is given once to a router that answers for many addresses', () => {
    expect(propose([device(), device({ address: '10.0.0.6' })], [])).toHaveLength(1);
  });
});

test('the surest clue decides what a device is', () => {
  const none = { ...device({ vendor: null }), services: [], isGateway: false };
  const kind = (change: object) => Object.values(kindOf({ ...none, ...change }));
  expect(kind({})).toEqual([null, null]);
  expect(kind({ isGateway: true, ports: [445] })).toEqual(['gateway', 'gateway']);
  expect(kind({ printer: 'HP', ports: [445, 631] })).toEqual(['printer', 'ipp']);
  expect(kind({ ports: [80, 135, 445] })).toEqual(['pc', 'ports']);
  expect(kind({ ports: [554] })).toEqual(['camera', 'ports']);
  expect(kind({ vendor: 'Hangzhou Hikvision Digital Technology Co.,Ltd.' })).toEqual(['camera', 'vendor']);
});

test('the table says that nothing was found', () => {
  expect(tableOf([])).toBe('Không tìm thấy thiết bị nào.');
});
