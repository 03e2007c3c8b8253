import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reverseOf } from '../../../agent/discovery/mdns.ts';
import { knownNeighbours } from '../../../agent/discovery/sweep.ts';
import { canonical } from '../../../agent/probes/lan-reach/host.ts';
import { hasNeighbourEntry, withZone } from '../../../agent/probes/lan-reach/on-link.ts';
import { measureRound } from '../../../agent/probes/lan-reach/round.ts';
import { type System, thisSystem } from '../../../agent/probes/lan-reach/system.ts';
import type { Outcome } from '../../../agent/probes/probe.ts';
import { probeContext } from '../context.ts';
import { joinNamespaces, makeNamespace, type Namespace, whyNoNamespaces } from './namespace.ts';

const why = whyNoNamespaces() ?? (existsSync('/proc/net/if_inet6') ? undefined : 'no IPv6 here');

/** Linux at 10.0.0.1 and fe80::1 with this neighbour table. */
const linux = (table: string): System => {
  const own = { netmask: '', mac: '02:00:00:00:00:01', internal: false };
  return {
    ...thisSystem,
    platform: 'linux',
    interfaces: () => ({
      eth0: [
        { ...own, address: '10.0.0.1', family: 'IPv4', cidr: '10.0.0.1/24' },
        { ...own, address: 'fe80::1', family: 'IPv6', cidr: 'fe80::1/64', scopeid: 2 },
      ],
    }),
    run: async (program) => ({ output: program === 'ip' ? table : '', ended: program === 'ip' ? 'well' : 'missing' }),
    sendByte: async () => {},
    connect: async (_host, port) => ({ port, answer: 'none', reason: 'timeout' }),
  };
};
const PC = 'lladdr 02:00:00:00:00:09 REACHABLE\n';

test('a device is one device by its MAC address, proposed at its IPv4 address, else at its best one of IPv6', async () => {
  const table = `fe80::9 dev eth0 ${PC}10.0.0.9 dev eth0 ${PC}fd00::9 dev eth0 ${PC}
fe80::8 dev eth0 lladdr 02:00:00:00:00:08 STALE
fd00::8 dev eth0 lladdr 02:00:00:00:00:08 STALE
fe80::7 dev eth0 lladdr 02:00:00:00:00:07 router STALE
fe80::6 dev eth0 FAILED
ff02::16 dev eth0 lladdr 33:33:00:00:00:16 NOARP
`;
  expect(await knownNeighbours(AbortSignal.timeout(5000), linux(table))).toEqual([
    '10.0.0.9',
    'fd00::8',
    'fe80::7%eth0',
  ]);
});

describe('a device with a MAC address', () => {
  const look = async (address: string, table: string) => {
    const targets = [{ id: 'pc', address, mac: '02:00:00:00:00:09' }];
    const context = { ...probeContext(AbortSignal.timeout(5000)), memoryOf: () => new Map(), everySeconds: null };
    const told: Outcome[] = [];
    const options = { patienceMs: 50, confirmMs: 50, system: linux(table) };
    await measureRound(targets, { targets }, context, (_id, outcome) => void told.push(outcome), options);
    return told[0]!;
  };
  test('has not moved because it has an address of IPv6 as well', async () => {
    for (const table of [
      `10.0.0.9 dev eth0 ${PC}fe80::9 dev eth0 ${PC}`,
      `fe80::9 dev eth0 ${PC}10.0.0.9 dev eth0 ${PC}`,
    ]) {
      const { ok, values } = await look('10.0.0.9', table);
      expect(ok).toBe(true);
      expect(values).not.toHaveProperty('address');
    }
  });
  test('has not moved because it has a second address, and has where it answers at that alone', async () => {
    expect((await look('10.0.0.9', `10.0.0.9 dev eth0 ${PC}10.0.0.99 dev eth0 ${PC}`)).values).not.toHaveProperty(
      'address',
    );
    expect((await look('10.0.0.9', `10.0.0.99 dev eth0 ${PC}fe80::9 dev eth0 ${PC}`)).values.address).toBe('10.0.0.99');
  });
  test('is there where only its link-local address answers', async () => {
    const { ok, values } = await look('10.0.0.9', `fe80::9 dev eth0 ${PC}`);
    expect([ok, values.address]).toEqual([true, undefined]);
  });
});

test('this machine and what lies in a tunnel have no neighbour entry', () => {
  const tunnel = { netmask: '', mac: '00:00:00:00:00:00', internal: false, family: 'IPv4' as const };
  const interfaces = { ...linux('').interfaces(), wg0: [{ ...tunnel, address: '10.8.0.1', cidr: '10.8.0.1/24' }] };
  expect(['10.0.0.1', '10.8.0.1', '10.8.0.9', '10.9.0.1'].map((one) => hasNeighbourEntry(one, interfaces))).toEqual(
    Array(4).fill(false),
  );
  expect(hasNeighbourEntry('10.0.0.9', interfaces)).toBe(true);
});

test('a link-local address is of its interface', () => {
  const interfaces = linux('').interfaces();
  expect(hasNeighbourEntry('fe80::9%eth0', interfaces)).toBe(true);
  expect(hasNeighbourEntry('fe80::9%eth1', interfaces)).toBe(false);
  expect(hasNeighbourEntry('fe80::1%eth0', interfaces)).toBe(false);
  expect(withZone('fe80::9', interfaces)).toBe('fe80::9%eth0');
  expect(withZone('fe80::9', { ...interfaces, wlan0: interfaces.eth0! })).toBeNull();
  expect(withZone('10.0.0.9', {})).toBe('10.0.0.9');
});

test('addresses are spelt as the system spells them, and backwards as name servers keep them', () => {
  expect(canonical('FD00:0:0::0009')).toBe('fd00::9');
  expect(canonical('FE80::9%eth0')).toBe('fe80::9%eth0');
  expect(canonical('10.0.0.9')).toBe('10.0.0.9');
  expect(reverseOf('2001:db8::567:89ab')).toBe(
    'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
});

describe('on a link of IPv6', () => {
  let agent: Namespace;
  let device: Namespace;
  beforeAll(() => {
    if (why) return;
    [agent, device] = [makeNamespace(), makeNamespace()];
    joinNamespaces(agent, device);
    agent.exec('ip', 'address', 'add', 'fd00:77::1/64', 'dev', 'va', 'nodad');
    device.exec('ip', 'address', 'add', 'fd00:77::2/64', 'dev', 'vb', 'nodad');
    // As a PC behind its firewall: no echo and no TCP; its neighbours it must answer (RFC 4890, 4.4.1).
    const rules =
      'table ip6 pc { chain in { type filter hook input priority 0; icmpv6 type echo-request drop; meta l4proto tcp drop; }; }';
    device.exec('nft', rules);
  });
  afterAll(() => {
    agent?.remove();
    device?.remove();
  });

  test('a device is found at its address and at its link-local one, and a silent address is not', async (ctx) => {
    if (why) ctx.skip(why);
    // An address that is still asked for itself (RFC 4862, 5.4) is nobody's.
    for (const end of [agent, device])
      await expect.poll(() => end.exec('ip', '-6', 'address', 'show', 'tentative'), { timeout: 20_000 }).toBe('');
    const link = /inet6 (fe80:[0-9a-f:]+)/.exec(device.exec('ip', '-6', 'address', 'show', 'dev', 'vb'))![1];
    const addresses = ['FD00:77:0::2', `${link}%va`, link, 'fd00:77::9', 'fd00:77::1'];
    const targets = addresses.map((address) => ({ id: address, address }));
    const { told } = (await agent.script(new URL('./run-round.ts', import.meta.url), {
      config: { targets },
      options: { patienceMs: 1500 },
    })) as { told: Record<string, Outcome> };
    for (const address of addresses.slice(0, 3))
      expect(told[address!], address).toMatchObject({ ok: true, values: { method: 'arp' } });
    expect(told['fd00:77::9']).toMatchObject({ ok: false, reason: 'timeout', values: { tried: ['arp'] } });
    expect(told['fd00:77::1']).toMatchObject({ ok: true, values: { method: 'icmp' } });
  });
});
