import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
import { scriptOf, tokenOf } from '../../../agent/probes/internet-speed/providers/fast-servers.ts';
import { context, type Served, serveHttp, serveTcp, shapedListener } from './servers.ts';

const serving: Served[] = [];
afterEach(async () => {
  for (const server of serving.splice(0)) await server.close();
});

const TOKEN = 'YXNkZmFzZGxmbnNkYWZoYXNkZmhrYWxm';
const json = (value: unknown): RequestListener => {
  return (_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
};

/** fast.com on loopback: the page, the script and the API as `api` answers it. */
async function fastCom(api: RequestListener, token = TOKEN) {
  const server = await serveHttp((request, response) => {
    const path = request.url ?? '';
    if (path === '/') return response.end('<html><script src="/app-a32983.js"></script></html>');
    if (path === '/app-a32983.js') return response.end(`var a={endpoint:"x",token:"${token}",urlCount:5}`);
    return api(request, response);
  });
  serving.push(server);
  return server;
}
const run = (fastUrl: string, more: object = {}, around = context()) =>
  internetSpeed.run(
    { id: 'internet' },
    { providers: [{ provider: 'fast', fastUrl, ...more }], seconds: 1, minSeconds: 0.5, upload: 'never' },
    around,
  );

describe('fast.com', () => {
  test('names the servers, the own engine measures them', async () => {
    const files = await serveHttp(shapedListener(2.5e6));
    serving.push(files);
    let query = '';
    const { url } = await fastCom((request, response) => {
      query = request.url ?? '';
      json(Array.from({ length: 5 }, () => ({ url: `${files.url}/speedtest` })))(request, response);
    });
    const around = context();
    const result = await run(url, {}, around);
    expect(result).toMatchObject({ ok: true, values: { valid: true, provider: 'fast', servers: ['127.0.0.1'] } });
    expect(result.values.payloadMbps).toBeGreaterThan(20 * 0.9);
    expect(result.values.payloadMbps).toBeLessThan(20 * 1.1);
    expect(query).toContain(`token=${TOKEN}`);
    expect(await around.kept.get('fast-token')).toBe(TOKEN);
  });

  test('with a token that is no longer good is asked for a new one', async () => {
    const files = await serveHttp(shapedListener(2.5e6));
    serving.push(files);
    const { url } = await fastCom((request, response) => {
      if (!request.url?.includes(TOKEN))
        return response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
      json(Array.from({ length: 5 }, () => ({ url: files.url })))(request, response);
    });
    const around = context();
    await around.kept.set('fast-token', 'oldoldoldold');
    expect(await run(url, {}, around)).toMatchObject({ ok: true });
    expect(await around.kept.get('fast-token')).toBe(TOKEN);
    expect(await run(url, { token: 'configuredtoken' })).toMatchObject({ ok: false, reason: 'auth' });
  });

  const hostile: [string, RequestListener, string][] = [
    ['an empty list for ever', json([]), 'malformed'],
    ['an answer that is no list', json({ error: 1 }), 'malformed'],
    ['addresses that are none', json([1, 2, 3, 4, 5].map(() => ({ url: 'file:///etc/passwd' }))), 'malformed'],
    ['bad JSON', (_, response) => response.setHeader('content-type', 'application/json').end('{"a'), 'malformed'],
    ['no content-type', (_, response) => response.end('[]'), 'malformed'],
    ['a server fault', (_, response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('no'), 'failed'],
    ['a cut connection', (_, response) => response.destroy(), 'failed'],
  ];
  test.for(hostile)('answering with %s ends in a reason, not in a crash', async ([, api, reason]) => {
    const { url } = await fastCom(api);
    expect(await run(url, { token: TOKEN })).toMatchObject({ ok: false, reason });
  });

  test('answering without end is stopped', async () => {
    const { url } = await fastCom((_request, response) => {
      response.setHeader('content-type', 'application/json');
      const piece = Buffer.alloc(1024 * 1024, 0x20);
      const more = () => {
        if (!response.destroyed) response.write(piece, () => setImmediate(more));
      };
      more();
    });
    const result = await run(url, { token: TOKEN });
    expect(result.ok).toBe(false);
    expect(['failed', 'timeout']).toContain((result as { reason: string }).reason);
  });

  test('refusing, silent targets and pages without a script have their reasons', async () => {
    const gone = await serveTcp(() => {});
    await gone.close();
    expect(await run(gone.url)).toMatchObject({ ok: false, reason: 'refused' });
    expect(await run(gone.url, { token: TOKEN })).toMatchObject({ ok: false, reason: 'refused' });
    const { url } = await fastCom(json(Array.from({ length: 5 }, () => ({ url: gone.url }))));
    expect(await run(url)).toMatchObject({ ok: false, reason: 'refused' });
    const page = await serveHttp((_request, response) => response.end('<html>nothing</html>'));
    serving.push(page);
    expect(await run(page.url)).toMatchObject({ ok: false, reason: 'malformed' });
    const endless = await serveHttp((_request, response) => response.end(Buffer.alloc(3 * 1024 * 1024, 0x41)));
    serving.push(endless);
    expect(await run(endless.url)).toMatchObject({ ok: false, reason: 'too-large' });
  });
});

test('page and script are read without harm, whatever they hold', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500 }), (text) => {
      scriptOf(text);
      tokenOf(text);
    }),
  );
  expect(scriptOf('<script src="https://evil/x.js">')).toBeUndefined();
  expect(tokenOf('token:"short"')).toBeUndefined();
});
