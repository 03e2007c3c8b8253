import { Compile } from 'typebox/compile';
import { afterEach, describe, expect, test } from 'vitest';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
import { MIN_FILE_BYTES } from '../../../agent/probes/internet-speed/providers/http-line.ts';
import { context, type Served, serveHttp, serveTcp, shapedListener } from './servers.ts';

const serving: Served[] = [];
afterEach(async () => {
  for (const server of serving.splice(0)) await server.close();
});
const keep = (server: Served) => {
  serving.push(server);
  return server;
};
type Config = Parameters<typeof internetSpeed.run>[1];
const run = (config: Config, timeoutMs?: number) => internetSpeed.run({ id: 'internet' }, config, context(timeoutMs));
const http = (url: string, more: Partial<Config> = {}): Config => ({
  providers: [{ provider: 'http', urls: [url] }],
  layer: 'ethernet',
  seconds: 2,
  upload: 'never',
  ...more,
});

describe('the rate of a line', () => {
  test('is read within three percent', async () => {
    const { url } = keep(await serveHttp(shapedListener(5e6)));
    const result = await run(http(url));
    expect(result).toMatchObject({ ok: true, values: { valid: true, invalidReason: null, medium: 'loopback' } });
    const { payloadMbps, lineMbps, seconds } = result.values as Record<string, number>;
    expect(payloadMbps).toBeGreaterThan(40 * 0.97);
    expect(payloadMbps).toBeLessThan(40 * 1.03);
    expect(lineMbps! / payloadMbps!).toBeCloseTo(1514 / 1448, 3);
    expect(seconds).toBeGreaterThan(1.5);
    expect(seconds).toBeLessThan(1.8);
  });

  test('counts a stall as the nothing that arrived in it', async () => {
    // Stalls in the second half of every 400 ms: half the rate is the truth, twice that is what arrives in between.
    const { url } = keep(await serveHttp(shapedListener(5e6, (ms) => ms % 400 >= 200)));
    const { payloadMbps } = (await run(http(url))).values as Record<string, number>;
    expect(payloadMbps).toBeGreaterThan(20 * 0.85);
    expect(payloadMbps).toBeLessThan(20 * 1.15);
  });

  test('goes on over many files, and names who served them', async () => {
    const file = Buffer.alloc(MIN_FILE_BYTES);
    const { url } = keep(await serveHttp((_request, response) => response.end(file)));
    const result = await run(http(url.replace('127.0.0.1', 'localhost'), { seconds: 1 }));
    expect(result).toMatchObject({
      ok: true,
      // Without a limit the computer is what is measured, which may be marked.
      values: { failures: 0, servers: ['localhost'], serverAddresses: ['127.0.0.1'] },
    });
    expect(result.values.totalBytes).toBeGreaterThan(file.length);
  });

  test('names the layer that it counts', async () => {
    const { url } = keep(await serveHttp(shapedListener(2e6)));
    const { payloadMbps, lineMbps, layer } = (await run(http(url, { seconds: 1, layer: 'ip' }))).values as never;
    expect(layer).toBe('ip');
    expect(lineMbps / payloadMbps).toBeCloseTo(1500 / 1448, 3);
  });

  test('is not claimed from a handful of bytes', async () => {
    let first = true;
    const { url } = keep(
      await serveHttp((_request, response) => {
        response.write(first ? 'x' : '');
        response.flushHeaders();
        first = false;
      }),
    );
    const result = await run(http(url, { seconds: 1 }));
    expect(result).toMatchObject({ ok: true, values: { valid: false, invalidReason: 'too-few-bytes' } });
  });
});

describe('a test is bounded', () => {
  test('by its bytes', async () => {
    const { url } = keep(await serveHttp(shapedListener(5e6)));
    const { totalBytes } = (await run(http(url, { maxBytes: 1e6 }))).values as Record<string, number>;
    expect(totalBytes).toBeGreaterThanOrEqual(1e6);
    expect(totalBytes).toBeLessThan(1.4e6);
  });

  test('by the signal', async () => {
    const { url } = keep(await serveHttp(shapedListener(5e6)));
    const start = performance.now();
    const result = await run(http(url, { seconds: 15 }), 500);
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe('a captive portal is no line', () => {
  /** What a browser is shown: 20 kB, for any address. */
  const portal = async (type: string | undefined, chunked: boolean) =>
    keep(
      await serveHttp((_request, response) => {
        if (type) response.setHeader('content-type', type);
        const page = Buffer.alloc(20_000, '<html>Đăng nhập ');
        if (!chunked) return response.end(page);
        response.write(page);
        response.end();
      }),
    );

  test.for([
    ['a page', 'text/html; charset=utf-8', false, 'trang đăng nhập mạng?'],
    ['a page of XHTML', 'Application/XHTML+xml', false, 'trang đăng nhập mạng?'],
    ['a small file', 'application/octet-stream', false, '1 MB'],
    ['a small file of untold length', undefined, true, '1 MB'],
  ] as const)('when it answers with %s', async ([, type, chunked, words]) => {
    const { url } = await portal(type, chunked);
    const result = await run(http(`${url}/100MB.bin`, { seconds: 0.5 }));
    expect(result).toMatchObject({ ok: false, reason: 'malformed', values: { servers: ['127.0.0.1'] } });
    expect(result.values.message).toContain(words);
  });

  test('when it redirects to another host, which is not asked', async () => {
    let asked = 0;
    const elsewhere = keep(
      await serveHttp((_request, response) => {
        asked++;
        response.end(Buffer.alloc(2e6));
      }),
    );
    const location = `${elsewhere.url.replace('127.0.0.1', 'localhost')}/login`;
    const { url } = keep(await serveHttp((_request, response) => response.writeHead(302, { location }).end()));
    const result = await run(http(url));
    expect(result).toMatchObject({ ok: false, reason: 'failed', values: { servers: ['127.0.0.1'] } });
    expect(result.values.message).toBe('127.0.0.1 chuyển hướng sang localhost: trang đăng nhập mạng?');
    expect(asked).toBe(0);
  });

  test('while a redirect on the same host is followed, but not for ever', async () => {
    const { url } = keep(
      await serveHttp((request, response) => {
        if (request.url === '/file') return void response.end(Buffer.alloc(2e6));
        response.writeHead(307, { location: request.url === '/old' ? '/file' : '/again' }).end();
      }),
    );
    expect(await run(http(`${url}/old`, { seconds: 0.5 }))).toMatchObject({ ok: true, values: { failures: 0 } });
    expect(await run(http(`${url}/again`))).toMatchObject({ ok: false, reason: 'failed' });
  });
});

describe('a server that does not serve', () => {
  test('refuses', async () => {
    const gone = await serveTcp(() => {});
    await gone.close();
    expect(await run(http(gone.url))).toMatchObject({ ok: false, reason: 'refused' });
  });

  test('answers with a status', async () => {
    const { url } = keep(await serveHttp((_request, response) => response.writeHead(404).end('no')));
    expect(await run(http(url))).toMatchObject({ ok: false, reason: 'failed', values: { httpStatus: 404 } });
  });

  test('never answers', async () => {
    const { url } = keep(await serveTcp(() => {}));
    expect(await run(http(url), 1500)).toMatchObject({ ok: false, reason: 'timeout' });
  });

  test('sends headers without end', async () => {
    const { url } = keep(
      await serveTcp((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = () => {
          if (!socket.destroyed)
            socket.write(`x-${'y'.repeat(1000)}: ${'z'.repeat(1000)}\r\n`, () => setImmediate(more));
        };
        more();
      }),
    );
    expect(await run(http(url))).toMatchObject({ ok: false, reason: 'malformed' });
  });

  test('speaks something else', async () => {
    const { url } = keep(await serveTcp((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
    expect(await run(http(url))).toMatchObject({ ok: false, reason: 'malformed' });
  });

  test('sends nothing at all', async () => {
    const { url } = keep(await serveHttp((_request, response) => response.end()));
    expect(await run(http(url))).toMatchObject({ ok: false, reason: 'failed', values: { message: 'empty files' } });
  });

  test('ends in the middle, and is asked again', async () => {
    const { url } = keep(
      await serveHttp((_request, response) => {
        response.writeHead(200, { 'content-length': 1e6 });
        response.write(Buffer.alloc(100_000), () => response.destroy());
      }),
    );
    const result = await run(http(url, { seconds: 1 }));
    expect(result).toMatchObject({ ok: true, values: { valid: true } });
    expect(result.values.failures).toBeGreaterThan(3);
  });
});

test('the schema takes what is documented and nothing else', () => {
  const schema = Compile(internetSpeed.schema);
  expect(schema.Check({ providers: [{ provider: 'fast' }] })).toBe(true);
  expect(
    schema.Check({ providers: [{ provider: 'http', urls: ['http://127.0.0.1/x'] }], seconds: 5, target: 'line-1' }),
  ).toBe(true);
  expect(schema.Check({ providers: [{ provider: 'ookla' }] })).toBe(false);
  expect(schema.Check({ providers: [{ provider: 'http', urls: ['file:///etc/passwd'] }] })).toBe(false);
  expect(schema.Check({ providers: [{ provider: 'http', url: 'http://127.0.0.1/' }] })).toBe(false);
});
