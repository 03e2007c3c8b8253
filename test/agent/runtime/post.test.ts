import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcp, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_ANSWER_BYTES, NoAnswerError, post } from '../../../agent/uplink/post.ts';

/** One POST against servers that behave and servers that do not. */

const listening = async (server: Server): Promise<string> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
};
const answering = (listener: RequestListener) => listening(createServer(listener));
const send = (url: string, more: { deadlineMs?: number; signal?: AbortSignal } = {}) =>
  post(url, 'bản tin', { contentType: 'text/plain', headers: { 'x-own': '1' }, ...more });

describe('a POST of the agent', () => {
  it('brings body and headers, and takes a redirect for an answer', async () => {
    const url = await answering(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      response.writeHead(302, { location: '/login', 'retry-after': '7', 'content-type': 'application/json' });
      response.end(JSON.stringify({ body, own: request.headers['x-own'], length: request.headers['content-length'] }));
    });
    const { status, headers, body } = await send(url);
    expect(status).toBe(302);
    expect(headers.get('Retry-After')).toBe('7');
    expect(headers.get('x-none')).toBeNull();
    expect(body).toEqual({ body: 'bản tin', own: '1', length: String(Buffer.byteLength('bản tin')) });
  });

  it('reads no answer that is too large, and none that is not JSON', async () => {
    const large = await answering((_, response) => response.end(JSON.stringify('x'.repeat(MAX_ANSWER_BYTES))));
    expect((await send(large)).body).toBeUndefined();
    const page = await answering((_, response) => response.end('<html>'));
    expect((await send(page)).body).toBeUndefined();
  });

  it.each<[string, RequestListener]>([
    ['says nothing', () => {}],
    ['stops in mid-answer', (_, response) => response.writeHead(200, { 'content-length': 9 }).write('{')],
  ])('gives up on a server that %s', async (_, listener) => {
    await expect(send(await answering(listener), { deadlineMs: 150 })).rejects.toThrow('no answer within 150 ms');
  });

  it('tells why there was no answer', async () => {
    await expect(send('http://127.0.0.1:9/')).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.1:9/);
    const broken = await answering((_, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('{', () => response.destroy());
    });
    await expect(send(broken)).rejects.toThrow(NoAnswerError);
    const noise = await listening(createTcp((socket) => socket.on('error', () => {}).end('SSH-2.0-x\r\n')));
    await expect(send(noise)).rejects.toThrow(NoAnswerError);
    await expect(send('ftp://127.0.0.1/')).rejects.toThrow(NoAnswerError);
  });

  it('ends when the agent does', async () => {
    const ending = new AbortController();
    const url = await answering(() => ending.abort());
    await expect(send(url, { signal: ending.signal })).rejects.toThrow(NoAnswerError);
  });
});
