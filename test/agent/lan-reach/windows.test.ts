import { describe, expect, test, vi } from 'vitest';
import { reach } from '../../../agent/probes/lan-reach/reach.ts';
import { measureRound } from '../../../agent/probes/lan-reach/round.ts';
import type { Config } from '../../../agent/probes/lan-reach/target.ts';
import type { Outcome } from '../../../agent/probes/probe.ts';
import { Names } from '../../../agent/probes/uplink/resolve.ts';
import { probeContext } from '../context.ts';
import { nameServer } from '../uplink/name-server.ts';
import type { HostKind } from './hosts.ts';
import { macAt, OWN, type RecordedWindows, recordedWindows } from './recorded-windows.ts';

/** Whole rounds on what Windows' own programs print. */

const at = (last: number) => `192.168.1.${last}`;
const KINDS: readonly HostKind[] = ['ping', 'ping-and-445', 'no-icmp', 'arp-only'];
const devices = new Map(Array.from({ length: 40 }, (_, index) => [at(20 + index), KINDS[index % 4]!] as const));
const dead = Array.from({ length: 10 }, (_, index) => at(100 + index));
const rested = dead.slice(0, 5);

async function play(
  system: RecordedWindows,
  config: Partial<Config> = {},
  everySeconds: number | null = null,
  names?: Names,
) {
  const targets = config.targets ?? [...devices.keys(), ...dead].map((address) => ({ id: address, address }));
  const told = new Map<string, Outcome>();
  const memories = new Map<string, Map<string, unknown>>();
  const memoryOf = (id: string) => {
    const memory = memories.get(id) ?? new Map<string, unknown>();
    memories.set(id, memory);
    return memory;
  };
  const context = { ...probeContext(AbortSignal.timeout(60_000)), memoryOf, everySeconds };
  const tell = (id: string, outcome: Outcome) => void told.set(id, outcome);
  await measureRound(targets, { targets, ...config }, context, tell, {
    patienceMs: 5,
    confirmMs: 10,
    system,
    ...(names ? { names } : {}),
  });
  return told;
}
const found = (told: ReadonlyMap<string, Outcome>) => [...told].filter(([, { ok }]) => ok).map(([id]) => id);

describe.each(['en', 'vi'] as const)('a round on what Windows prints (%s)', (language) => {
  test('finds each device of four kinds, invents none, and says how', async () => {
    const told = await play(recordedWindows(language, devices, { rested }));
    expect(found(told)).toEqual([...devices.keys()]);
    const by = { ping: 'icmp', 'ping-and-445': 'tcp', 'no-icmp': 'tcp', 'arp-only': undefined };
    for (const [address, kind] of devices) {
      const { values } = told.get(address)!;
      expect(values).toMatchObject({ method: 'arp', mac: macAt(address), looks: '1', sent: 1, answered: 1 });
      expect(values.echoedBy, `${address} ${kind}`).toBe(by[kind]);
      if (by[kind] === 'icmp') expect(values).toMatchObject({ echoes: { sent: 3, answered: 2 }, rttMaxMs: 1 });
    }
    for (const address of dead)
      expect(told.get(address)).toMatchObject({ ok: false, reason: 'timeout', values: { looks: '0', sent: 1 } });
  });

  test('asked one by one, each by the first means that answers', async () => {
    const system = recordedWindows(language, devices, { rested });
    const one = (address: string) => reach({ id: 'x', address }, AbortSignal.timeout(30_000), system);
    // 192.168.2.x is behind a router: no ARP. "Unreachable" from the own host is no answer, whatever the exit code.
    const [ping, refuses, open, gone] = await Promise.all([at(20), at(21), at(22), '192.168.2.9'].map(one));
    expect(ping).toMatchObject({ ok: true, values: { method: 'icmp', tried: ['icmp'] } });
    expect(refuses).toMatchObject({ ok: true, values: { method: 'icmp' } });
    expect(open).toMatchObject({ ok: true, values: { method: 'tcp', port: 445, tried: ['icmp', 'tcp'] } });
    expect(gone).toMatchObject({ ok: false, reason: 'unreachable', values: { tried: ['icmp', 'tcp'] } });
  });
});

describe.concurrent('a steady state under Windows', () => {
  const looks = (system: RecordedWindows, config: Partial<Config> = {}) =>
    play(system, { lookSeconds: 1, ...config }, 5);

  test('costs one arp -a a look, one PowerShell a round, and one ping a round for each device that answers no port', async () => {
    const system = recordedWindows('vi', devices, { rested });
    const told = await looks(system);
    expect(found(told)).toEqual([...devices.keys()]);
    expect(told.get(at(23))).toMatchObject({ values: { looks: '11111', method: 'arp' } });
    expect(told.get(rested[0]!)).toMatchObject({ values: { looks: '00000' } });
    // Half answer at a port; of the others half answer echoes, and half are tried once, and then not for an hour.
    expect(Object.fromEntries(system.started)).toEqual({ arp: 5, 'powershell.exe': 1, 'ping.exe': 20 });
  });

  test('asks PowerShell in each look where arp -a goes on listing what was given up', async () => {
    const system = recordedWindows('en', devices, { rested, listKeepsDead: true });
    const told = await looks(system);
    expect(found(told)).toEqual([...devices.keys()]);
    for (const address of rested) expect(told.get(address)).toMatchObject({ ok: false, values: { looks: '00000' } });
    expect(system.started.get('powershell.exe')).toBe(5);
  });

  test('goes by arp -a alone where PowerShell is forbidden', async () => {
    const system = recordedWindows('en', devices, { rested, powershell: false });
    expect(found(await looks(system))).toEqual([...devices.keys()]);
  });

  test('sees a device go and come by arp -a', async () => {
    const system = recordedWindows('en', devices);
    const own = system.sendByte;
    let look = 0;
    system.sendByte = async (...asked) => {
      look++;
      if (look === 3) system.living.delete(at(23));
      if (look === 4) system.living.set(at(23), 'arp-only');
      return own(...asked);
    };
    const told = await looks(system);
    expect(told.get(at(23))).toMatchObject({ ok: true, values: { looks: '11011', drops: 1 } });
  });

  test('more devices than Windows keeps neighbours are asked in parts', async () => {
    const many = new Map(Array.from({ length: 240 }, (_, index) => [at(11 + index), 'arp-only'] as const));
    const system = recordedWindows('en', many);
    const most: number[] = [];
    const own = system.sendByte;
    system.sendByte = async (addresses, signal) => {
      most.push(addresses.length);
      return own(addresses, signal);
    };
    const targets = [...many.keys()].map((address) => ({ id: address, address, icmp: false, ports: [9] }));
    expect(found(await play(system, { targets }))).toHaveLength(240);
    expect(most).toEqual([200, 40]);
  });

  test('a PC that is off is looked for in the ranges of DHCP once a round, not in each look', async () => {
    const system = recordedWindows('en', devices);
    let asked = 0;
    const own = system.sendByte;
    system.sendByte = async (addresses, signal) => {
      asked += addresses.length;
      return own(addresses, signal);
    };
    const targets = [{ id: 'pc', address: at(150), mac: macAt(at(150)) }];
    const told = await looks(system, { targets, ranges: [`${at(200)}-${at(229)}`] });
    expect(told.get('pc')).toMatchObject({ ok: false, values: { looks: '00000' } });
    expect(asked).toBe(5 + 30);
  });
});

test('a look that its predecessor left no time for is unknown: letters stay so far apart as the sample says', async () => {
  const system = recordedWindows('en', devices);
  const own = system.sendByte;
  let look = 0;
  system.sendByte = async (...asked) => {
    if (++look === 2) await new Promise((resolve) => setTimeout(resolve, 1000));
    return own(...asked);
  };
  const targets = [{ id: 'pc', address: at(23) }];
  const told = await play(system, { targets, lookSeconds: 0.5 }, 2.5);
  expect(told.get('pc')!.values.looks).toMatch(/^11-+1+$/);
  expect(told.get('pc')!.values).toMatchObject({ looks: expect.stringMatching(/^.{5}$/), drops: 0 });
});

test('who answers in the place of a device that is no longer configured is forgotten', async () => {
  const kept = {
    get: async () => ({ gone: '02:00:00:00:00:01', pc: '02:00:00:00:00:02' }),
    set: vi.fn(async () => {}),
  };
  const targets = [{ id: 'pc', address: at(150), mac: macAt(at(150)), icmp: false }];
  const context = { ...probeContext(AbortSignal.timeout(20_000)), kept, memoryOf: () => new Map(), everySeconds: null };
  const options = { patienceMs: 5, confirmMs: 10, system: recordedWindows('en', devices) };
  await measureRound(targets, { targets }, context, () => {}, options);
  expect(kept.set).toHaveBeenCalledExactlyOnceWith('replaced', { pc: '02:00:00:00:00:02' });
});

test('a device that is configured by name is looked at and timed like any other', async (ctx) => {
  const server = await nameServer(at(20));
  ctx.onTestFinished(() => server.close());
  const names = new Names([server.address], () => Promise.reject(new Error('not asked')));
  const targets = [{ id: 'may-in', address: 'may-in.truong.example' }];
  const told = await play(recordedWindows('vi', devices), { targets }, null, names);
  expect(told.get('may-in')).toMatchObject({ ok: true, values: { method: 'arp', echoes: { sent: 3, answered: 2 } } });
});

test('this machine itself is asked at once, without waiting for a neighbour entry that it never has', async () => {
  const system = recordedWindows('en', new Map([[OWN, 'ping' as const]]));
  const told = await play(system, { targets: [{ id: 'own', address: OWN }] });
  expect(told.get('own')).toMatchObject({ ok: true, values: { method: 'icmp' } });
  expect(system.started.has('arp')).toBe(false);
});
