import { Compile } from 'typebox/compile';
import { afterEach, describe, expect, test } from 'vitest';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
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
  provider: 'http',
  urls: [url],
  seconds: 2,
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

  test('goes on over many small files', async () => {
    const { url } = keep(await serveHttp((_request, response) => response.end(Buffer.alloc(20_000))));
    const result = await run(http(url, { seconds: 1 }));
    expect(result).toMatchObject({ ok: true, values: { valid: true, failures: 0 } });
    expect(result.values.totalBytes).toBeGreaterThan(1e6);
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
  expect(schema.Check({ provider: 'fast' })).toBe(true);
  expect(schema.Check({ provider: 'http', urls: ['http://127.0.0.1/x'], seconds: 5, target: 'line-1' })).toBe(true);
  expect(schema.Check({ provider: 'ookla' })).toBe(false);
  expect(schema.Check({ provider: 'http', urls: ['file:///etc/passwd'] })).toBe(false);
  expect(schema.Check({ provider: 'http', url: 'http://127.0.0.1/' })).toBe(false);
});
