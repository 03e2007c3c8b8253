import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { spend } from '../../../agent/probes/internet-speed/budget.ts';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
import { context, type Served, serveHttp, serveTcp, shapedListener } from './servers.ts';

const serving: Served[] = [];
afterEach(async () => {
  for (const server of serving.splice(0)) await server.close();
});
const serve = async (listener: RequestListener) => {
  const server = await serveHttp(listener);
  serving.push(server);
  return server.url;
};
/** A server that gives so many Mbps of payload. */
const giving = (mbps: number) => serve(shapedListener(mbps * 125_000));

type Config = Parameters<typeof internetSpeed.run>[1];
const http = (...urls: string[]): Config['providers'] => urls.map((url) => ({ provider: 'http', urls: [url] }));
const QUICK = { seconds: 1.5, minSeconds: 0.5, certainty: 0.05, layer: 'ip', upload: 'never' } as const;
const run = (config: Partial<Config>, around = context(60_000)) =>
  internetSpeed.run({ id: 'internet' }, { providers: [], ...QUICK, ...config }, around);

describe('a chain of providers', () => {
  test('goes on to the next when one fails, and names who failed and why', async () => {
    const gone = await serveTcp(() => {});
    await gone.close();
    const status = await serve((_request, response) => response.writeHead(500).end('no'));
    const portal = await serve((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<html>Đăng nhập</html>'),
    );
    const result = await run({ providers: http(gone.url, status, portal, await giving(20)), crossCheck: 'never' });
    expect(result).toMatchObject({
      ok: true,
      values: {
        provider: 'http',
        tried: [
          { provider: 'http', reason: 'refused' },
          { provider: 'http', reason: 'failed', message: 'HTTP 500' },
          { provider: 'http', reason: 'malformed' },
        ],
      },
    });
    expect(result.values.payloadMbps).toBeGreaterThan(17);
  });

  test('of which none measures gives the first reason, and every one in the list', async () => {
    const status = await serve((_request, response) => response.writeHead(503).end('no'));
    const result = await run({ providers: [{ provider: 'collector' }, ...http(status)] });
    expect(result).toMatchObject({ ok: false, reason: 'refused' });
    expect(result.values.tried).toHaveLength(2);
    expect(result.values.message).toContain('ghi danh');
  });

  test('a server that stalls for good is left, and what it cost is counted', async () => {
    const stalling = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.write(Buffer.alloc(200_000));
    });
    const around = context(60_000);
    const result = await run({ providers: http(stalling, await giving(20)), crossCheck: 'never', seconds: 10 }, around);
    expect(result).toMatchObject({ ok: true, values: { tried: [{ reason: 'timeout' }] } });
    const { bytes } = (await around.kept.get('bytes-of-month')) as { bytes: number };
    expect(bytes).toBe(result.values.totalBytes);
    expect(bytes).toBeGreaterThan((result.values.downloadBytes as number) + 199_999);
  });
});

describe('a second opinion', () => {
  test('is asked for once a day, and shown beside the first, not averaged with it', async () => {
    const around = context(60_000);
    const config = { providers: http(await giving(50), await giving(51)), thresholdMbps: 20 };
    const first = await run(config, around);
    expect(first).toMatchObject({
      ok: true,
      values: { valid: true, crossCheck: { provider: 'http', differs: false } },
    });
    expect(first.values.payloadMbps).toBeLessThan(51.5);
    expect(await run(config, around)).toMatchObject({ ok: true, values: { crossCheck: null } });
  });

  test('is asked for at once when a result is low; a server that was slower than the line marks it', async () => {
    const around = context(60_000);
    await around.kept.set('cross-check', new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10));
    const slowServer = await run({ providers: http(await giving(20), await giving(60)), thresholdMbps: 45 }, around);
    expect(slowServer).toMatchObject({
      ok: true,
      values: { valid: false, marks: ['server-limited'], crossCheck: { differs: true } },
    });
    const { lineMbps, crossCheck } = slowServer.values as { lineMbps: number; crossCheck: { lineMbps: number } };
    expect(lineMbps).toBeLessThan(25);
    expect(crossCheck.lineMbps).toBeGreaterThan(50);

    const slowLine = await run({ providers: http(await giving(20), await giving(20)), thresholdMbps: 45 }, around);
    expect(slowLine).toMatchObject({ ok: true, values: { valid: true, crossCheck: { differs: false } } });
  });

  test('that reaches the threshold where the first did not marks it, however little they differ', async () => {
    const result = await run({ providers: http(await giving(42), await giving(47)), thresholdMbps: 45 });
    expect(result).toMatchObject({ ok: true, values: { crossCheck: { differs: false } } });
    expect(result.values.marks).toContain('server-limited');
  });

  test('is asked for when a server gives up in mid-test, whose own figure then says nothing', async () => {
    const flow = shapedListener(30 * 125_000);
    let began = 0;
    const failing = await serve((request, response) => {
      began ||= performance.now();
      if (performance.now() - began > 700) return void response.writeHead(503).end();
      flow(request, response);
      setTimeout(() => response.destroy(), Math.max(0, 700 - (performance.now() - began)));
    });
    const result = await run({ providers: http(failing), seconds: 3, certainty: 0.002, crossCheck: 'never' });
    expect(result).toMatchObject({ ok: true, values: { valid: false } });
    expect(result.values.failures).toBeGreaterThan(3);
    expect(result.values.marks).toContain('server-limited');
  });

  test('from a slower server is shown and leaves the result as it is', async () => {
    const result = await run({ providers: http(await giving(60), await giving(20)), crossCheck: 'always' });
    expect(result).toMatchObject({ ok: true, values: { valid: true, marks: [], crossCheck: { differs: true } } });
  });
});

describe('limits', () => {
  test('a month that is used up skips the test and says so', async () => {
    const around = context();
    await spend(around.kept, 20e9, Date.now());
    const result = await run({ providers: http(await giving(20)) }, around);
    expect(result).toMatchObject({ ok: false, reason: 'skipped', values: { monthBytes: 20e9 } });
    expect(result.values.message).toContain('20,0/20,0 GB');
  });

  test('an endless body ends by the bytes of the test, and what was cut short is no rate', async () => {
    const url = await giving(200);
    const result = await run({ providers: http(url), maxBytes: 8e6, certainty: 0.002, crossCheck: 'never' });
    expect(result).toMatchObject({ ok: true, values: { ended: 'max-bytes', valid: false, marks: [] } });
    expect(['cut-short', 'window-too-short']).toContain(result.values.invalidReason);
    expect(result.values.totalBytes).toBeLessThan(10e6);
  });

  test('the bytes of a test are those of all its providers together', async () => {
    const providers = http(await giving(100), await giving(100));
    const result = await run({ providers, maxBytes: 12e6, certainty: 0.002, crossCheck: 'always' });
    expect(result.values.totalBytes).toBeLessThan(16e6);
  });

  test('a result that is certain ends long before its time', async () => {
    const result = await run({ providers: http(await giving(20)), seconds: 20, crossCheck: 'never' });
    expect(result).toMatchObject({ ok: true, values: { ended: 'certain' } });
    expect(result.values.seconds).toBeLessThan(6);
  });
});

describe('the upload', () => {
  test('is measured where it is taken, and a refusal is a message, not a rate', async () => {
    const download = shapedListener(20 * 125_000);
    let taken = 0;
    const url = await serve((request, response) => {
      if (request.method !== 'POST') return download(request, response);
      request.on('data', (piece: Buffer) => {
        taken += piece.length;
      });
      request.on('end', () => response.end('ok'));
    });
    const both = [{ provider: 'http' as const, urls: [url], uploadUrls: [url] }];
    const result = await run({ providers: both, upload: 'always', crossCheck: 'never', maxBytes: 40e6 });
    const { upload } = result.values as { upload: { totalBytes: number; lineMbps: number } };
    expect(upload.lineMbps).toBeGreaterThan(1);
    expect(taken).toBeGreaterThan(1e6);
    expect(upload.totalBytes).toBeGreaterThan(1e6);
    expect(Math.abs(taken / upload.totalBytes - 1)).toBeLessThan(0.5);

    const refusing = await serve((request, response) => {
      if (request.method !== 'POST') return download(request, response);
      request.resume();
      response.writeHead(405).end();
    });
    const none = [{ provider: 'http' as const, urls: [refusing], uploadUrls: [refusing] }];
    const refused = await run({ providers: none, upload: 'always', crossCheck: 'never' });
    expect(refused).toMatchObject({ ok: true, values: { upload: null } });
    expect(refused.values.uploadMessage).toContain('405');
  });
});

describe("the district's endpoint", () => {
  const access = (url: string) => ({ url, signed: async (typ: string) => `${typ}.signed.jws` });

  test('gives a turn, measures, and gets it back', async () => {
    const download = shapedListener(30 * 125_000);
    const asked: string[] = [];
    let jws = '';
    const url = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      asked.push(`${request.method} ${pathname} ${searchParams.get('token') ?? ''}`.trim());
      if (request.method === 'DELETE') return response.end('{}');
      if (pathname.endsWith('/download')) return download(request, response);
      request.on('data', (piece: Buffer) => {
        jws += piece.toString();
      });
      request.on('end', () =>
        response.end(JSON.stringify({ token: 'token-1234', maxSeconds: 40, maxBytes: 1e9, limitMbps: 32 })),
      );
    });
    const around = { ...context(60_000), collector: access(url) };
    const result = await run({ providers: [{ provider: 'collector' }], crossCheck: 'never' }, around);
    // The server gives what it said that it gives: it may have been what was measured.
    expect(result).toMatchObject({
      ok: true,
      values: { provider: 'collector', marks: ['server-limited'], valid: false },
    });
    expect(jws).toBe('thdt-speed+jws.signed.jws');
    expect(asked[0]).toBe('POST /api/v1/speed/turn');
    expect(asked).toContain('GET /api/v1/speed/download token-1234');
    for (const until = Date.now() + 5000; Date.now() < until && !asked.at(-1)!.startsWith('DELETE'); ) await delay(20);
    expect(asked.at(-1)).toBe('DELETE /api/v1/speed/turn token-1234');
  });

  test('that is busy is asked again in its time, and one that refuses, or is none, has its reason', async () => {
    let tries = 0;
    const busy = await serve((_request, response) => {
      tries++;
      response.writeHead(409, { 'retry-after': '1', 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'speed-busy', message: 'một trường khác đang đo' } }));
    });
    const ask = (url: string) =>
      run({ providers: [{ provider: 'collector' }] }, { ...context(), collector: access(url) });
    const result = await ask(busy);
    expect(result).toMatchObject({ ok: false, reason: 'refused', values: { httpStatus: 409 } });
    expect(result.values.message).toBe('collector: một trường khác đang đo');
    expect(tries).toBe(3);
    const page = await serve((_request, response) => response.end('<html>'));
    expect(await ask(page)).toMatchObject({ ok: false, reason: 'failed' });
    const endless = await serve((_request, response) => response.end(Buffer.alloc(10e6, 0x41)));
    expect((await ask(endless)).ok).toBe(false);
    const gone = await serveTcp(() => {});
    await gone.close();
    expect(await ask(gone.url)).toMatchObject({ ok: false, reason: 'refused' });
  });
});
