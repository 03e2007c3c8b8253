import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { afterAll, describe, expect, test } from 'vitest';
import { isHost } from '../../../agent/probes/lan-reach/host.ts';
import { pingWorks, readPing } from '../../../agent/probes/lan-reach/icmp.ts';
import { lanReach } from '../../../agent/probes/lan-reach/lan-reach.ts';
import { networkReason } from '../../../agent/probes/lan-reach/network-reason.ts';
import { isOnLink } from '../../../agent/probes/lan-reach/on-link.ts';
import { probeContext } from '../context.ts';
import { joinNamespaces, makeNamespace, type Namespace, whyNoNamespaces } from './namespace.ts';

const run = (target: object) =>
  lanReach.run(
    { id: 'pc-01', address: '127.0.0.1', ...target },
    { targets: [] },
    probeContext(AbortSignal.timeout(10_000)),
  );

async function openPort() {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('a device is on the network', () => {
  test('when it answers ICMP', async (ctx) => {
    if (!(await pingWorks())) ctx.skip('the ping program is missing');
    const result = await run({});
    expect(result).toMatchObject({ ok: true, values: { method: 'icmp', tried: ['icmp'] } });
    expect(result.values.rttMs).toBeGreaterThan(0);
  });

  test('when it takes a connection', async () => {
    const { port, close } = await openPort();
    const result = await run({ icmp: false, ports: [port] });
    await close();
    expect(result).toMatchObject({ ok: true, values: { method: 'tcp', port, answer: 'open', tried: ['tcp'] } });
  });

  test('when it refuses a connection', async () => {
    const { port, close } = await openPort();
    await close();
    const result = await run({ icmp: false, ports: [port] });
    expect(result).toMatchObject({ ok: true, values: { method: 'tcp', port, answer: 'refused' } });
  });

  test('but a service that refuses is not there, while one that serves is', async () => {
    const { port, close } = await openPort();
    expect(await run({ service: true, ports: [port] })).toMatchObject({ ok: true, values: { answer: 'open' } });
    await close();
    expect(await run({ service: true, ports: [port] })).toMatchObject({ ok: false, reason: 'refused' });
  });
});

test('a machine without ping goes on by TCP, and its doctor says so', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('Windows always has ping');
  const path = process.env.PATH;
  ctx.onTestFinished(() => {
    process.env.PATH = path;
  });
  process.env.PATH = '/nonexistent';
  expect(await run({})).toMatchObject({ ok: true, values: { method: 'tcp', tried: ['icmp-missing', 'tcp'] } });
  const target = { id: 'a', address: '127.0.0.1' };
  expect(await lanReach.doctor?.({ targets: [target] })).toEqual([expect.stringContaining('ping')]);
  expect(await lanReach.doctor?.({ targets: [{ ...target, icmp: false }] })).toEqual([]);
});

test('doctor names devices that share a MAC address, and ranges that are none', async () => {
  const mac = '02:00:00:00:00:01';
  const targets = ['pc-1', 'pc-2'].map((id) => ({ id, address: '127.0.0.1', mac, icmp: false }));
  expect(await lanReach.doctor?.({ targets, ranges: ['10.0.0.9-10.0.0.1', '10.0.0.1-10.0.0.9'] })).toEqual([
    expect.stringContaining('dải 10.0.0.9-10.0.0.1 không đúng'),
    expect.stringContaining(`pc-1, pc-2 cùng ghi một MAC ${mac}`),
  ]);
});

describe('in a network of its own', () => {
  const why = whyNoNamespaces();
  const made: Namespace[] = [];
  const make = () => {
    const namespace = makeNamespace();
    made.push(namespace);
    return namespace;
  };
  afterAll(() => {
    for (const namespace of made) namespace.remove();
  });
  const reach = (namespace: Namespace, target: object) =>
    namespace.script(new URL('./run-probe.ts', import.meta.url), {
      probe: 'lan-reach',
      target: { id: 'pc', ...target },
      config: { targets: [] },
    });

  test('a blackhole, a missing route and a silent network are told apart from an answer', async (ctx) => {
    if (why) ctx.skip(why);
    const [alone, other] = [make(), make()];
    joinNamespaces(alone, other);
    alone.exec('ip', 'route', 'add', 'blackhole', '10.9.9.0/24');
    const [black, none, silent] = await Promise.all([
      reach(alone, { address: '10.9.9.9' }),
      reach(alone, { address: '10.7.7.7' }),
      reach(alone, { address: '10.77.0.8' }),
    ]);
    expect(black).toMatchObject({ ok: false, reason: 'unreachable', values: { tried: ['icmp', 'tcp'] } });
    expect(none).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(silent).toMatchObject({ ok: false, reason: 'timeout', values: { tried: ['icmp', 'tcp', 'arp'] } });
  });

  test('a device that drops every packet is found by ARP, until its cable is out', async (ctx) => {
    if (why) ctx.skip(why);
    const [agent, device] = [make(), make()];
    joinNamespaces(agent, device);
    // No IP packet finds its way back, while ARP, which needs no route, goes on answering.
    device.exec('sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.vb.rp_filter=0');
    device.exec('ip', 'route', 'add', 'blackhole', '10.77.0.1/32');
    const found = await reach(agent, { address: '10.77.0.2' });
    expect(found).toMatchObject({ ok: true, values: { method: 'arp', tried: ['icmp', 'tcp', 'arp'] } });
    device.exec('ip', 'address', 'flush', 'dev', 'vb');
    agent.exec('ip', 'neigh', 'replace', '10.77.0.2', 'lladdr', '02:00:00:00:00:09', 'nud', 'stale', 'dev', 'va');
    expect(await reach(agent, { address: '10.77.0.2' })).toMatchObject({ ok: false });
  });
});

describe('what ping prints', () => {
  const linux = (text: string) => readPing('10.0.0.9', text, 'linux', {});
  test('counts only with the time of an answer', () => {
    const head = 'PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.\n';
    expect(linux(`${head}64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=0.408 ms\n`)).toEqual({
      answered: true,
      rttMs: 0.408,
    });
    expect(linux(`${head}From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n`).answered).toBe(false);
    expect(linux('ping: connect: Network is unreachable\n').answered).toBe(false);
    expect(linux('').answered).toBe(false);
    const windows = (text: string) => readPing('10.0.0.9', text, 'win32', { packetSize: 32 });
    const windowsHead = '\r\nPinging 10.0.0.9 with 32 bytes of data:\r\n';
    expect(windows(`${windowsHead}Reply from 10.0.0.9: bytes=32 time<1ms TTL=128\r\n`).answered).toBe(true);
    expect(windows(`${windowsHead}Reply from 10.0.0.1: Destination host unreachable.\r\n`).answered).toBe(false);
    expect(windows(`${windowsHead}Request timed out.\r\n`).answered).toBe(false);
  });

  test('never ends the agent, where the package throws', () => {
    expect(linux('ping:\n').answered).toBe(false);
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom<NodeJS.Platform>('linux', 'win32', 'darwin'),
        fc.boolean(),
        (text, os, v6) => {
          readPing('h', text, os, { v6 });
        },
      ),
    );
  });
});

describe('hosts', () => {
  test('are addresses and names, never options or commands', () => {
    for (const good of [
      '10.0.0.1',
      '::1',
      'fe80::1',
      'fe80::1%eth0',
      'FE80::1%5',
      'pc-01',
      'may_in.truong.local',
      'a.b.',
    ]) {
      expect(isHost(good), good).toBe(true);
    }
    for (const bad of [
      '-c1',
      '',
      'a b',
      'a;b',
      '10.0.0',
      '999.1.1.1',
      '1:2',
      '$(x)',
      'a/b',
      'fe80::1%-c',
      'fe80::1%a;b',
      'fd00::1%eth0',
      'fe80::%',
      'x-',
    ]) {
      expect(isHost(bad), bad).toBe(false);
    }
    const schema = Compile(lanReach.schema);
    expect(schema.Check({ targets: [{ id: 'a', address: '-f' }] })).toBe(false);
    expect(schema.Check({ targets: [{ id: 'a', address: 'pc-1', kind: 'pc', ports: [445], icmp: false }] })).toBe(true);
    expect(schema.Check({ targets: [{ id: 'a', address: 'pc-1', port: 445 }] })).toBe(false);
  });

  test('lie on the own link or not', () => {
    const own = (address: string, cidr: string, family: 'IPv4' | 'IPv6', internal = false) =>
      ({ e: [{ address, cidr, family, internal, netmask: '', mac: '', ...{ scopeid: 0 } }] }) as never;
    expect(isOnLink('10.0.5.9', own('10.0.4.1', '10.0.4.1/22', 'IPv4'))).toBe(true);
    expect(isOnLink('10.0.8.9', own('10.0.4.1', '10.0.4.1/22', 'IPv4'))).toBe(false);
    expect(isOnLink('fd00::9', own('fd00::1', 'fd00::1/64', 'IPv6'))).toBe(true);
    expect(isOnLink('127.0.0.9', own('127.0.0.1', '127.0.0.1/8', 'IPv4', true))).toBe(false);
    expect(isOnLink('name', own('10.0.4.1', '10.0.4.1/22', 'IPv4'))).toBe(false);
  });
});

test('errors of the network have a reason, inside causes and lists as well', () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  expect(networkReason(error('ECONNREFUSED')).reason).toBe('refused');
  expect(networkReason(new Error('fetch failed', { cause: error('ENOTFOUND') })).reason).toBe('unresolved');
  expect(networkReason(new AggregateError([error('EHOSTUNREACH'), error('ETIMEDOUT')])).reason).toBe('unreachable');
  expect(networkReason('what').reason).toBe('failed');
  fc.assert(fc.property(fc.anything(), (value) => void networkReason(value)));
});
