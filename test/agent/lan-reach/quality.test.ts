import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { icmpEchoes, readBlocks } from '../../../agent/probes/lan-reach/icmp.ts';
import { type Timed, timeWays } from '../../../agent/probes/lan-reach/quality.ts';
import type { Echoes } from '../../../agent/probes/lan-reach/summary.ts';
import { type System, thisSystem } from '../../../agent/probes/lan-reach/system.ts';
import { tcpConnect } from '../../../agent/probes/lan-reach/tcp.ts';
import { probeContext } from '../context.ts';
import type { HostKind } from './hosts.ts';

/** How devices of four kinds are timed round by round, on a Linux that is played. */

const at = (last: number) => `192.0.2.${last}`;

/** Answers as each device does; `connects` and `shells` tell what was asked of whom. */
function played(devices: Map<string, HostKind>) {
  const connects: string[] = [];
  const shells: string[][] = [];
  const system: System = {
    ...thisSystem,
    platform: 'linux',
    connect: async (host, port) => {
      connects.push(`${host} ${port}`);
      const refuses = port === 445 && ['ping-and-445', 'no-icmp'].includes(devices.get(host)!);
      return refuses ? { port, answer: 'refused', rttMs: 2 } : { port, answer: 'none', reason: 'timeout' };
    },
    run: async (program, args) => {
      expect([program, ...args.slice(0, 1), args[2]]).toEqual(['sh', '-c', 'sh']);
      const hosts = args.slice(3);
      for (const host of hosts) expect(args[1]).not.toContain(host);
      shells.push([...hosts]);
      const text = hosts.map((host) => {
        const answers = ['ping', 'ping-and-445'].includes(devices.get(host)!);
        const line = (n: number) => `64 bytes from ${host}: icmp_seq=${n} ttl=64 time=0.${n}00 ms\n`;
        return `> ${host}\nPING ${host} (${host}) 56(84) bytes of data.\n${answers ? line(1) + line(3) : ''}`;
      });
      return { output: `${text.join('')}> \n`, ended: 'well' };
    },
  };
  const memories = new Map<string, Map<string, unknown>>([...devices.keys()].map((address) => [address, new Map()]));
  const round = async () => {
    const timed = [...devices.keys()].map((address): Timed => {
      const look = { at: 0, answered: true, reason: null, values: { method: 'arp' } };
      return { target: { id: address, address }, resolved: address, look };
    });
    const told = new Map<string, Echoes>();
    const memoryOf = (id: string) => memories.get(id)!;
    const context = { ...probeContext(AbortSignal.timeout(20_000)), memoryOf, everySeconds: 300 };
    await timeWays(timed, context, system, (id, echoes) => told.set(id, echoes));
    return {
      told,
      by: new Map(timed.map(({ target, look }) => [target.id, (look.values as Record<string, unknown>).echoedBy])),
      connects: connects.splice(0),
      shells: shells.splice(0),
    };
  };
  return { system, round };
}

test('a port that answers is timed without a process, and asked alone from then on', async () => {
  const { round } = played(new Map([[at(1), 'ping-and-445']]));
  const first = await round();
  expect(first.told.get(at(1))).toEqual({ sent: 3, rttsMs: [2, 2, 2] });
  expect(first.by.get(at(1))).toBe('tcp');
  const second = await round();
  expect([second.connects, second.shells]).toEqual([Array(3).fill(`${at(1)} 445`), []]);
});

test('a device whose port falls silent is timed by ICMP in the same round, and its sample says so', async () => {
  const devices = new Map<string, HostKind>([[at(1), 'ping-and-445']]);
  const { round } = played(devices);
  await round();
  devices.set(at(1), 'ping');
  const { told, by } = await round();
  expect(told.get(at(1))).toEqual({ sent: 3, rttsMs: [0.1, 0.3] });
  expect(by.get(at(1))).toBe('icmp');
  // Its ports are not tried again in every round.
  expect((await round()).connects).toEqual([]);
});

test('one that answers neither is asked once, and has no times', async () => {
  const { round } = played(new Map([[at(1), 'arp-only']]));
  const first = await round();
  expect([first.told.size, first.connects.length, first.shells]).toEqual([0, 8, [[at(1)]]]);
  const second = await round();
  expect([second.told.size, second.connects, second.shells]).toEqual([0, [], []]);
});

test('those that answer ICMP alone share shells', async () => {
  const { round } = played(new Map(Array.from({ length: 20 }, (_, index) => [at(index + 1), 'ping'])));
  const { told, shells } = await round();
  expect(told.size).toBe(20);
  expect(shells.map((hosts) => hosts.length)).toEqual([8, 8, 4]);
});

test('what a shell did not ask to the end counts as not asked', () => {
  const whole = '> 192.0.2.1\nPING\n64 bytes from 192.0.2.1: ttl=64 time=0.1 ms\n';
  expect(readBlocks(`${whole}> 192.0.2.2\nPING 192.0.2.2`).map(([host]) => host)).toEqual(['192.0.2.1']);
  expect(readBlocks(`${whole}> 192.0.2.2\nPING\n> \n`).map(([host]) => host)).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(readBlocks('')).toEqual([]);
});

test('the real programs are asked by one shell', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('there is no sh');
  const echoed = await icmpEchoes(['127.0.0.1', '127.0.0.2'], 2, 1000, AbortSignal.timeout(20_000));
  expect(echoed.get('127.0.0.1')).toHaveLength(2);
  if (process.platform === 'linux') expect(echoed.get('127.0.0.2')).toHaveLength(2);
});

test('a machine without the program has asked nobody', async () => {
  const system: System = { ...thisSystem, platform: 'linux', run: async () => ({ output: '', ended: 'cut' }) };
  expect(await icmpEchoes([at(1)], 3, 1000, AbortSignal.timeout(1000), system)).toEqual(new Map());
});

test('what is no address never reaches a shell', async () => {
  const asking = icmpEchoes(['192.0.2.1; reboot'], 3, 1000, AbortSignal.timeout(1000));
  await expect(asking).rejects.toThrow(TypeError);
});

test('an answer that came while this process was kept busy is one, though its time is over', async (ctx) => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  ctx.onTestFinished(() => void server.close());
  await once(server, 'listening');
  const connecting = tcpConnect('127.0.0.1', (server.address() as AddressInfo).port, 20, AbortSignal.timeout(10_000));
  process.nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100));
  expect(await connecting).toMatchObject({ answer: 'open' });
});
