import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOfSchool, type RelayLimits, startRelay } from '../../../agent/relay/relay.ts';
import { signReport } from '../../../shared/wire/signature.ts';
import { FakeCollector } from '../runtime/fake-collector.ts';
import { identityOf, reportOf, silent } from '../runtime/helpers.ts';

async function relayTo(collector: string, limits: Partial<RelayLimits> = {}): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const relay = startRelay({
    host: '127.0.0.1',
    port: 0,
    collector: () => collector,
    log: silent,
    limits,
    onListen: resolve,
  });
  onTestFinished(() => relay.stop());
  return `http://127.0.0.1:${await promise}`;
}

const ID = '01930000-0000-7000-8000-000000000000';
async function signed(collector: FakeCollector): Promise<string> {
  const identity = await identityOf('pc-1', collector.url);
  collector.keys.set('pc-1', identity.publicKey);
  return signReport(reportOf(ID, 'pc-1'), identity.privateKey);
}
const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

/** What comes back for these bytes on a bare connection, until it is closed. */
function raw(relay: string, text: string): Promise<string> {
  const { port } = new URL(relay);
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      got += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
  });
}

describe('the relay of a school', () => {
  it('passes a report on byte by byte and answers what the collector answers, status and all', async () => {
    const collector = await FakeCollector.start();
    const relay = await relayTo(collector.url);
    const jws = await signed(collector);
    const first = await post(`${relay}/api/v1/reports`, jws, { 'content-type': 'application/jose' });
    expect([first.status, await first.json()]).toMatchObject([201, { id: ID, stored: 'new' }]);
    expect((await post(`${relay}/api/v1/reports`, jws)).status).toBe(200);
    const forged = await post(`${relay}/api/v1/reports`, `${jws.slice(0, -8)}AAAAAAAA`);
    expect([forged.status, (await forged.json()).error.code]).toEqual([400, 'signature-invalid']);
    expect(collector.received.map(({ body }) => body.slice(0, 20))).toEqual(Array(3).fill(jws.slice(0, 20)));
    expect(collector.received.every(({ contentType }) => contentType === 'application/jose')).toBe(true);
  });

  it('passes on nothing but the body: no header of the PC, no other address, no other method', async () => {
    const seen: Record<string, unknown>[] = [];
    const upstream = createServer((request, response) => {
      seen.push({ ...request.headers, url: request.url });
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{"ok":true}'));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void upstream.close());
    await new Promise((resolve) => upstream.once('listening', resolve));
    const base = `http://127.0.0.1:${(upstream.address() as { port: number }).port}`;
    const relay = await relayTo(base);
    const smuggled = {
      cookie: 'thdt_session=x',
      'x-forwarded-for': '127.0.0.1',
      'x-thdt': '1',
      authorization: 'Bearer x',
    };
    expect((await post(`${relay}/api/v1/enrol`, '{}', smuggled)).status).toBe(200);
    expect(Object.keys(seen[0]!).filter((name) => Object.hasOwn(smuggled, name))).toEqual([]);
    expect([seen[0]!.url, seen[0]!['content-type']]).toEqual(['/api/v1/enrol', 'application/json']);
    for (const path of [
      '/',
      '/api/v1/session',
      '/api/v1/reports/../session',
      '/api/v1/reports?x=1',
      '/api/v1//reports',
      '/__proto__',
    ])
      expect(
        (await raw(relay, `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`)).slice(9, 12),
        path,
      ).toBe('404');
    for (const line of [`GET /api/v1/reports`, `POST ${base}/api/v1/session`, `POST http://example.com/`])
      expect((await raw(relay, `${line} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`)).slice(9, 12), line).toBe(
        '404',
      );
    expect(await raw(relay, 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n')).not.toContain(' 200 ');
    // Two lengths in one request are how a second one is hidden behind the first.
    const two =
      'POST /api/v1/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    expect((await raw(relay, `${two}POST /api/v1/session HTTP/1.1\r\nhost: x\r\n\r\n`)).slice(9, 12)).toBe('400');
    expect(seen).toHaveLength(1);
  });

  it('refuses what is too large, told or not, before the collector sees it', async () => {
    const collector = await FakeCollector.start();
    const relay = await relayTo(collector.url);
    const told = await post(`${relay}/api/v1/reports`, 'x'.repeat(512 * 1024 + 1));
    expect([told.status, (await told.json()).error.code]).toEqual([413, 'report-too-large']);
    const untold = await new Promise<number>((resolve) => {
      const request = httpRequest(`${relay}/api/v1/enrol`, { method: 'POST' }, (answer) =>
        resolve(answer.statusCode ?? 0),
      );
      request.on('error', () => undefined);
      request.write('x'.repeat(20_000));
      request.write('x'.repeat(20_000));
    });
    expect([untold, collector.received.length]).toEqual([413, 0]);
  });

  it('says when to come again where the collector is away, answers a portal’s page, or is too slow', async () => {
    const collector = await FakeCollector.start();
    const jws = await signed(collector);
    const relay = await relayTo(collector.url, { collectorMs: 150 });
    const ask = async () => {
      const answer = await post(`${relay}/api/v1/reports`, jws);
      return [answer.status, Number(answer.headers.get('retry-after')) >= 20, (await answer.json()).error.code];
    };
    collector.instead = () => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>đăng nhập Wi-Fi',
    });
    expect(await ask()).toEqual([503, true, 'not-ready']);
    collector.instead = () => 'hang-up';
    expect(await ask()).toEqual([503, true, 'not-ready']);
    const { promise, resolve } = Promise.withResolvers<'hang-up'>();
    collector.instead = () => promise;
    expect(await ask()).toEqual([503, true, 'not-ready']);
    resolve('hang-up');
    collector.instead = () => ({
      status: 503,
      headers: { 'retry-after': '7' },
      body: { error: { code: 'not-ready', message: '' } },
    });
    const passed = await post(`${relay}/api/v1/reports`, jws);
    expect([passed.status, passed.headers.get('retry-after')]).toEqual([503, '7']);
    expect(collector.stored.size).toBe(0);
  });

  it('is held up by no slow PC: it has a deadline and three places, the others are answered', async () => {
    const collector = await FakeCollector.start();
    const jws = await signed(collector);
    const relay = await relayTo(collector.url, { requestMs: 400 });
    const head = 'POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nx';
    const slow = Array.from({ length: 3 }, () => raw(relay, head));
    await expect.poll(async () => (await post(`${relay}/api/v1/reports`, jws)).status).toBe(503);
    expect((await Promise.all(slow)).every((answer) => answer.includes('408'))).toBe(true);
    await expect.poll(async () => (await post(`${relay}/api/v1/reports`, jws)).status).toBeLessThan(300);
    expect(await raw(relay, 'POST /api/v1/rep')).toContain('408');
  });

  it('does not pass round what another relay passed on', async () => {
    const relay: string = await relayTo(await relayTo('http://127.0.0.1:1'));
    const answer = await post(`${relay}/api/v1/reports`, 'x');
    expect([answer.status, (await answer.json()).error.code]).toEqual([508, 'relay-loop']);
  });

  it('waits for a port that is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const { promise, resolve } = Promise.withResolvers<number>();
    const collector = () => 'http://127.0.0.1:1';
    const relay = startRelay({
      host: '127.0.0.1',
      port,
      collector,
      log: silent,
      limits: { retryMs: 20 },
      onListen: resolve,
    });
    onTestFinished(() => relay.stop());
    await new Promise((done) => setTimeout(done, 60));
    holder.close();
    expect(await promise).toBe(port);
  });

  it.each([
    ['127.0.0.1', true],
    ['192.168.1.20', true],
    ['::ffff:10.1.2.3', true],
    ['172.31.255.255', true],
    ['fe80::1%eth0', true],
    ['fd00::1', true],
    ['172.32.0.1', false],
    ['::ffff:8.8.8.8', false],
    ['113.160.1.1', false],
    ['2001:db8::1', false],
    ['', false],
    [undefined, false],
  ])('%s is of the school: %s', (address, expected) => {
    expect(isOfSchool(address)).toBe(expected);
  });
});
