import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { Compile } from 'typebox/compile';
import { describe, expect, onTestFinished, test } from 'vitest';
import { gateway6In } from '../../../agent/probes/uplink/default-gateway.ts';
import { askOutside } from '../../../agent/probes/uplink/outside.ts';
import { Names } from '../../../agent/probes/uplink/resolve.ts';
import { uplink, watch } from '../../../agent/probes/uplink/uplink.ts';
import { probeContext } from '../context.ts';
import { joinNamespaces, makeNamespace, whyNoNamespaces } from '../lan-reach/namespace.ts';
import { nameServer, type Says } from './name-server.ts';

const never = () => new Promise<never>(() => undefined);
const unknown = () => Promise.reject(Object.assign(new Error('no name'), { code: 'ENOTFOUND' }));
const signal = () => AbortSignal.timeout(20_000);

async function resolverOf(says: Says, system: () => Promise<{ address: string }> = unknown) {
  const server = await nameServer(says);
  onTestFinished(() => server.close());
  return { server, names: new Names([server.address], system) };
}

describe('a name', () => {
  test('has the address that the name server gives', async () => {
    const { names } = await resolverOf('192.0.2.7');
    expect(await names.addressOf('truong.example', signal())).toBe('192.0.2.7');
  });

  test('that is an address is asked of nobody; what is no name neither', async () => {
    const { names, server } = await resolverOf('192.0.2.7');
    expect(await names.addressOf('198.51.100.1', signal())).toBe('198.51.100.1');
    expect(await names.addressOf('fd00::1', signal())).toBe('fd00::1');
    for (const host of ['10.0.0', '-c1', 'a b', '']) expect(await names.addressOf(host, signal())).toBeNull();
    expect(server.asked()).toBe(0);
  });

  test.each<Says>(['no-name', 'failure', 'silence'])(
    'is asked of the system when the server gives %s',
    async (says) => {
      const { names } = await resolverOf(says, async () => ({ address: '192.0.2.8' }));
      expect(await names.addressOf('truong.example', signal())).toBe('192.0.2.8');
    },
  );

  test('that nobody knows, or that everybody keeps silent about, has none, within its time', async () => {
    for (const [says, system] of [
      ['no-name', unknown],
      ['silence', never],
    ] as const) {
      const { names } = await resolverOf(says, system);
      const start = performance.now();
      expect(await names.addressOf('truong.example', signal())).toBeNull();
      expect(performance.now() - start).toBeLessThan(8000);
    }
  });

  test('is given up at once when the agent ends', async () => {
    const { names } = await resolverOf('silence', never);
    const start = performance.now();
    expect(await names.addressOf('truong.example', AbortSignal.abort())).toBeNull();
    expect(await names.addressOf('truong.example', AbortSignal.timeout(50))).toBeNull();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test('of a resolver that never ends, two threads are kept and no more: the disk needs the others', async () => {
  let started = 0;
  const { names } = await resolverOf('no-name', () => {
    started++;
    return never();
  });
  const four = ['a.example', 'b.example', 'c.example', 'd.example'].map((name) => names.addressOf(name, signal()));
  expect(await Promise.all(four)).toEqual([null, null, null, null]);
  expect(started).toBe(2);
});

describe('the line', () => {
  const look = (says: Says, names: string[], system = unknown) =>
    resolverOf(says, system).then((of) => watch({ names, gateway: '127.0.0.1' }, probeContext(signal()), of.names));

  test('is there for a name whose host refuses', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const name = `truong.example:${port}`;
    expect(await look('127.0.0.1', [name])).toMatchObject({
      ok: true,
      values: { names: [{ name, address: '127.0.0.1', sent: 2, answered: 2, reason: null }], lossShare: 0 },
    });
  });

  test('is out where the resolver is silent, with the gateway told', async () => {
    expect(await look('silence', ['a.example', 'b.example'], never)).toMatchObject({
      ok: false,
      reason: 'unresolved',
      values: { gateway: { answered: 1 }, sent: 0, lossShare: null, publicAddress: null },
    });
  });

  test('takes no port that there is none of', async () => {
    for (const port of [0, 70_000])
      expect(await look('127.0.0.1', [`a.example:${port}`])).toMatchObject({ ok: false, values: { sent: 0 } });
  });
});

test('a router that answers every name with itself is not outside', async (ctx) => {
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((one: NetworkInterfaceInfo) => !one.internal && one.family === 'IPv4');
  if (own) {
    const { names } = await resolverOf(own.address);
    const asked = await askOutside('truong.example', 2, names, signal());
    expect(asked).toMatchObject({ address: own.address, sent: 0, answered: 0, reason: 'unreachable' });
    return;
  }
  const why = whyNoNamespaces();
  if (why) ctx.skip(`no network of its own, and ${why}`);
  const [namespace, other] = [makeNamespace(), makeNamespace()];
  ctx.onTestFinished(() => {
    namespace.remove();
    other.remove();
  });
  joinNamespaces(namespace, other);
  const script = new URL('../lan-reach/run-probe.ts', import.meta.url);
  const asked = { probe: 'uplink', target: { id: 'internet' }, config: { names: ['10.77.0.1:443'] } };
  expect(await namespace.script(script, asked)).toMatchObject({
    ok: false,
    reason: 'unreachable',
    values: { sent: 0 },
  });
});

describe('without names', () => {
  test('nothing is measured, and doctor says so', async () => {
    expect(Compile(uplink.schema).Check({})).toBe(true);
    expect(uplink.targets({})).toEqual([]);
    expect(await uplink.doctor?.({})).toEqual([expect.stringContaining('names')]);
    expect(uplink.cautions?.({})).toEqual([]);
  });
  test('that can be asked, doctor says which', async () => {
    const [port] = (await uplink.doctor?.({ names: ['127.0.0.1:70000', '127.0.0.1:443'] })) ?? [];
    expect(port).toContain('127.0.0.1:70000');
  });
});

describe('the default gateway of IPv6', () => {
  const route = (hop: string, metric: string, flags = '00000003', to = '0'.repeat(32), prefix = '00') =>
    `${to} ${prefix} ${'0'.repeat(32)} 00 ${hop} ${metric} 00000001 00000000 ${flags}     eth0`;
  const [near, far] = ['fe800000000000000000000000000001', '20010db8000000000000000000000001'];

  test('is the one of least metric, spelt as the system spells it', () => {
    const reject = route('0'.repeat(32), 'ffffffff', '00200200');
    const net = route('0'.repeat(32), '00000100', '00000001', far, '40');
    expect(gateway6In([net, route(near, '00000400'), route(far, '00000064'), reject].join('\n'))).toBe('2001:db8::1');
    expect(gateway6In([net, route(near, '00000400')].join('\n'))).toBe('fe80::1');
    for (const text of ['', net, reject, 'nonsense', route('x', '1')]) expect(gateway6In(text)).toBeNull();
  });

  test('is read from the table of this machine without a mistake', (ctx) => {
    if (process.platform !== 'linux') ctx.skip('Linux has this table');
    let text = '';
    try {
      text = readFileSync('/proc/net/ipv6_route', 'utf8');
    } catch {
      ctx.skip('no IPv6 here');
    }
    expect(() => gateway6In(text)).not.toThrow();
  });

  test('is named and not called silent where its address alone says not where it is', async () => {
    const { names } = await resolverOf('no-name');
    const outcome = await watch({ names: ['a.example'], gateway: 'fe80::1' }, probeContext(signal()), names);
    expect(outcome.values.gateway).toEqual({ address: 'fe80::1', mac: null, sent: 0, answered: 0, rttMs: null });
  });
});
