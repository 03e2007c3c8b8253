import { afterAll, expect, test } from 'vitest';
import type { Outcome } from '../../../agent/probes/probe.ts';
import { type Hosts, makeHosts } from './hosts.ts';
import { makeNamespace, whyNoNamespaces } from './namespace.ts';

/** Rounds of lan-reach in networks of our own. */

const why = whyNoNamespaces();
let hosts: Hosts | undefined;
afterAll(() => hosts?.remove());

interface Round {
  wallMs: number;
  told: Record<string, Outcome>;
}
const play = (input: unknown) =>
  hosts!.agent.script(new URL('./run-round.ts', import.meta.url), input) as Promise<Round>;
const flush = () => hosts!.agent.exec('ip', 'neigh', 'flush', 'dev', 'va');
const everyOne = () => hosts!.addresses.map((address) => ({ id: address, address }));

test('254 addresses of four kinds: each that lives is found, none is invented, its quality is by what it answers', async (ctx) => {
  if (why) ctx.skip(why);
  hosts = makeHosts();
  flush();
  const { told } = await play({ config: { targets: everyOne() }, options: { patienceMs: 800 } });
  const found = Object.keys(told).filter((address) => told[address]!.ok);
  expect(Object.keys(told)).toHaveLength(253);
  expect(found.sort()).toEqual([...hosts.living.keys()].sort());
  expect(found).toHaveLength(200);
  const by = { ping: 'icmp', 'ping-and-445': 'tcp', 'no-icmp': 'tcp', 'arp-only': undefined };
  for (const [address, kind] of hosts.living) {
    const { values } = told[address]!;
    expect(values, address).toMatchObject({ method: 'arp', looks: '1', sent: 1, answered: 1 });
    expect(values.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(values.echoedBy, `${address} ${kind}`).toBe(by[kind]);
  }
  const silent = hosts.addresses.find((address) => !hosts!.living.has(address))!;
  expect(told[silent]).toMatchObject({ ok: false, reason: 'timeout', values: { looks: '0', sent: 1, answered: 0 } });
});

test('a round of several looks is one sample a device, and a device that falls silent in it is seen to', async (ctx) => {
  if (why || !hosts) ctx.skip(why ?? 'needs the network of the first test');
  flush();
  const [stays, goes] = [...hosts!.living.keys()].slice(1, 3) as [string, string];
  // Tcp: … OutRsts of /proc/net/snmp (RFC 2012): a device that refuses is asked for its time.
  const refusals = () => {
    const [names, values] = hosts!.device
      .exec('cat', '/proc/net/snmp')
      .split('\n')
      .filter((line) => line.startsWith('Tcp:'))
      .map((line) => line.split(' '));
    return Number(values![names!.indexOf('OutRsts')]);
  };
  const before = refusals();
  const round = play({
    config: { targets: [stays, goes].map((address) => ({ id: address, address })), lookSeconds: 12 },
    everySeconds: 24,
  });
  // The first look is over when the one that stays is asked for its time.
  await expect.poll(refusals, { timeout: 20_000 }).toBeGreaterThan(before);
  hosts!.device.exec('ip', 'address', 'del', `${goes}/24`, 'dev', 'vb');
  hosts!.agent.exec('ip', 'neigh', 'flush', 'to', goes, 'dev', 'va');
  const { told } = await round;
  hosts!.device.exec('ip', 'address', 'add', `${goes}/24`, 'dev', 'vb');
  expect(told[stays]).toMatchObject({ ok: true, values: { looks: '11', everySeconds: 12, sent: 2, answered: 2 } });
  expect(told[goes]).toMatchObject({ ok: true, values: { looks: '10', sent: 2, answered: 1, drops: 0 } });
});

test('the host of the agent itself, which no neighbour table holds, answers at its own address', async (ctx) => {
  if (why || !hosts) ctx.skip(why ?? 'needs the network of the first test');
  const own = { id: 'own', address: '10.77.0.1' };
  const [nobody] = hosts!.addresses.filter((address) => !hosts!.living.has(address));
  const targets = [own, { ...own, id: 'own-mac', mac: '02:00:00:00:00:01' }, { id: 'nobody', address: nobody }];
  const { told } = await play({ config: { targets }, options: { patienceMs: 800 } });
  for (const id of ['own', 'own-mac']) expect(told[id], id).toMatchObject({ ok: true, values: { method: 'icmp' } });
  expect(told.nobody).toMatchObject({ ok: false, reason: 'timeout', values: { tried: ['arp'] } });
});

test('a device with a MAC address stays itself at the address that DHCP gave it, and another at its old one is not it', async (ctx) => {
  if (why || !hosts) ctx.skip(why ?? 'needs the network of the first test');
  const mac = '02:00:00:00:00:77';
  const { agent } = hosts!;
  const pc = makeNamespace();
  ctx.onTestFinished(() => pc.remove());
  // A second cable into the agent's network: the agent is a switch for it by proxy of nothing but its own link.
  agent.exec('ip', 'link', 'add', 'vc', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pc.name);
  agent.exec('ip', 'address', 'add', '10.78.0.1/24', 'dev', 'vc');
  agent.exec('ip', 'link', 'set', 'vc', 'up');
  pc.exec('ip', 'link', 'set', 'eth0', 'address', mac, 'up');
  pc.exec('ip', 'address', 'add', '10.78.0.140/24', 'dev', 'eth0');
  const target = { id: 'pc-01', address: '10.78.0.101', mac };
  const ranges = ['10.78.0.100-10.78.0.160'];
  const moved = await play({ config: { targets: [target], ranges }, rounds: 2, options: { patienceMs: 800 } });
  expect(moved.told['pc-01']).toMatchObject({ ok: true, values: { mac, address: '10.78.0.140', looks: '1' } });
  // Without the range nobody looks for it, and at its old address there is nobody.
  agent.exec('ip', 'neigh', 'flush', 'dev', 'vc');
  const lost = await play({ config: { targets: [target] }, options: { patienceMs: 800 } });
  expect(lost.told['pc-01']).toMatchObject({ ok: false, reason: 'timeout' });
  // It is replaced: another device answers at its address.
  pc.exec('ip', 'link', 'set', 'eth0', 'down');
  pc.exec('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:88', 'up');
  pc.exec('ip', 'address', 'replace', '10.78.0.101/24', 'dev', 'eth0');
  agent.exec('ip', 'neigh', 'flush', 'dev', 'vc');
  const replaced = await play({ config: { targets: [target] }, options: { patienceMs: 800 } });
  expect(replaced.told['pc-01']).toMatchObject({
    ok: false,
    reason: 'other-device',
    values: { mac: '02:00:00:00:00:88', looks: '-', sent: 0 },
  });
});
