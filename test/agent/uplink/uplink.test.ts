import { type AddressInfo, createServer } from 'node:net';
import { Compile } from 'typebox/compile';
import { afterEach, describe, expect, test } from 'vitest';
import { gatewayIn } from '../../../agent/probes/uplink/default-gateway.ts';
import { hostAndPort } from '../../../agent/probes/uplink/outside.ts';
import { registrable } from '../../../agent/probes/uplink/public-address.ts';
import { Names } from '../../../agent/probes/uplink/resolve.ts';
import { uplink, watch } from '../../../agent/probes/uplink/uplink.ts';
import { probeContext } from '../context.ts';
import { serveHttp } from '../internet-speed/servers.ts';
import { joinNamespaces, makeNamespace, whyNoNamespaces } from '../lan-reach/namespace.ts';
import { nameServer } from './name-server.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openPort(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}
/** By a name server on loopback that knows no name. */
async function run(config: Parameters<typeof uplink.run>[1], more: Parameters<typeof probeContext>[1] = {}) {
  const server = await nameServer('no-name');
  closing.push(async () => server.close());
  const names = new Names([server.address], () => Promise.reject(new Error('no name')));
  return watch(config, probeContext(AbortSignal.timeout(15_000), more), names);
}

describe('the line is there', () => {
  test('when a name answers, by a connection or by refusing one; the quickest time counts', async () => {
    const open = await openPort();
    const names = [`127.0.0.1:${open}`, '127.0.0.1:1', 'no-such-name.invalid'];
    const result = await run({ names, gateway: '127.0.0.1' });
    expect(result).toMatchObject({
      ok: true,
      values: {
        gateway: { address: '127.0.0.1', sent: 1, answered: 1 },
        sent: 4,
        answered: 4,
        lossShare: 0,
        publicAddress: null,
        provider: null,
      },
    });
    const [first, second, third] = result.values.names as { answered: number; reason: string | null; ms: number }[];
    expect(first).toMatchObject({ answered: 2, reason: null });
    expect(first!.ms).toBeGreaterThan(0);
    expect(second).toMatchObject({ answered: 2 });
    expect(third).toMatchObject({ answered: 0, reason: 'unresolved' });
  });

  test('and is not, when no name is known', async () => {
    const result = await run({ names: ['no-such-name.invalid'], gateway: '127.0.0.1' });
    expect(result).toMatchObject({
      ok: false,
      reason: 'unresolved',
      values: { answered: 0, gateway: { answered: 1 } },
    });
  });
});

describe('the public address', () => {
  const access = (url: string) => ({ collector: { url, signed: async () => '' } });

  test('is what the collector sees, asked every ten minutes and at once after the line was away', async () => {
    const port = await openPort();
    let asked = 0;
    const server = await serveHttp((_request, response) => {
      asked++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ address: '127.0.0.1' }));
    });
    closing.push(server.close);
    const memory = new Map<string, unknown>();
    const ask = (name: string) => run({ names: [name], gateway: '127.0.0.1' }, { ...access(server.url), memory });
    expect(await ask(`127.0.0.1:${port}`)).toMatchObject({ values: { publicAddress: '127.0.0.1' } });
    expect(await ask(`127.0.0.1:${port}`)).toMatchObject({ values: { publicAddress: '127.0.0.1' } });
    expect(asked).toBe(1);
    expect(await ask('no-such-name.invalid')).toMatchObject({ ok: false, values: { publicAddress: null } });
    await ask(`127.0.0.1:${port}`);
    expect(asked).toBe(2);
  });

  test.for([
    ['a page', '<html>Đăng nhập</html>'],
    ['another shape', '{"address":5}'],
    ['no address', '{"address":"ten-mien"}'],
    ['an endless answer', 'x'.repeat(100_000)],
  ])('is unknown when the collector answers with %s', async ([, text]) => {
    const port = await openPort();
    const server = await serveHttp((_request, response) => response.end(text));
    closing.push(server.close);
    const result = await run({ names: [`127.0.0.1:${port}`], gateway: '127.0.0.1' }, access(server.url));
    expect(result).toMatchObject({ ok: true, values: { publicAddress: null, provider: null } });
  });

  test('belongs to who names it', () => {
    expect(registrable('static.vnpt.vn')).toBe('vnpt.vn');
    expect(registrable('adsl-1.hn.vnpt-hanoi.com.vn.')).toBe('vnpt-hanoi.com.vn');
    expect(registrable('dynamic-ip.fpt.net')).toBe('fpt.net');
    for (const text of ['', 'localhost', 'a b.c', '-\u0000.vn']) expect(registrable(text)).toBeNull();
  });
});

describe('what is asked', () => {
  test('are the names of the configuration, checked before they become arguments', () => {
    const schema = Compile(uplink.schema);
    expect(schema.Check({ names: ['truong.example', '192.0.2.1:8443', 'fd00::1'] })).toBe(true);
    for (const name of ['-c1', 'a;reboot', 'http://x', 'a b', '', '$(id)', 'x:999999'])
      expect(schema.Check({ names: [name] }), name).toBe(false);
    expect(schema.Check({ names: [] })).toBe(false);
    expect(schema.Check({ names: ['a'], gateway: '--help' })).toBe(false);
  });

  test('a name may carry its port', () => {
    expect(hostAndPort('truong.example')).toEqual({ host: 'truong.example', port: 443 });
    expect(hostAndPort('truong.example:8443')).toEqual({ host: 'truong.example', port: 8443 });
    expect(hostAndPort('fd00::1')).toEqual({ host: 'fd00::1', port: 443 });
  });

  test('the default gateway is the one of least metric', () => {
    const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n';
    const eth = 'eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n';
    const lte = 'wwan0\t00000000\t010A000A\t0003\t0\t0\t700\t00000000\t0\t0\t0\n';
    const lan = 'eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n';
    expect(gatewayIn(head + lan + lte + eth)).toBe('192.168.1.1');
    expect(gatewayIn(head + lan + lte)).toBe('10.0.10.1');
    for (const text of ['', head, head + lan, 'nonsense']) expect(gatewayIn(text)).toBeNull();
  });
});

test('an outage of the line is not one of the cable: the gateway answers or does not', async (ctx) => {
  const why = whyNoNamespaces();
  if (why) ctx.skip(why);
  const [school, router] = [makeNamespace(), makeNamespace()];
  ctx.onTestFinished(() => {
    school.remove();
    router.remove();
  });
  joinNamespaces(school, router);
  school.exec('ip', 'route', 'add', 'default', 'via', '10.77.0.2');
  // The outside stands behind the router, as an address of its own.
  router.exec('ip', 'address', 'add', '198.51.100.7/32', 'dev', 'lo');
  const script = new URL('../lan-reach/run-probe.ts', import.meta.url);
  const ask = async () =>
    (await school.script(script, {
      probe: 'uplink',
      target: { id: 'internet' },
      config: { names: ['198.51.100.7:443'] },
    })) as { ok: boolean; reason: string; values: { gateway: { address: string; mac: string; answered: number } } };
  const there = await ask();
  expect(there).toMatchObject({ ok: true, values: { gateway: { address: '10.77.0.2', answered: 1 } } });
  expect(there.values.gateway.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  router.exec('ip', 'address', 'del', '198.51.100.7/32', 'dev', 'lo');
  expect(await ask()).toMatchObject({ ok: false, reason: 'unreachable', values: { gateway: { answered: 1 } } });
  router.exec('ip', 'link', 'set', 'vb', 'down');
  expect(await ask()).toMatchObject({ ok: false, reason: 'unreachable', values: { gateway: { answered: 0 } } });
});
