import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { internetSpeed } from '../../../agent/probes/internet-speed/internet-speed.ts';
import { locatedUrls } from '../../../agent/probes/internet-speed/providers/ndt7.ts';
import { answerPing, frameCounter, Ndt7Error } from '../../../agent/probes/internet-speed/providers/ndt7-frames.ts';
import { context, serveHttp } from './servers.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A frame as a server sends it, of any payload length form. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.from([length]) : length < 65536 ? Buffer.alloc(3, 126) : Buffer.alloc(9, 127);
  if (head.length === 3) head.writeUInt16BE(length, 1);
  if (head.length === 9) head.writeBigUInt64BE(BigInt(length), 1);
  return Buffer.concat([Buffer.from([0x80 | opcode]), head, payload]);
}

async function ndt7(onOpen: (socket: Duplex) => void, protocol = 'net.measurementlab.ndt.v7'): Promise<string> {
  const server = createServer();
  const sockets: Duplex[] = [];
  server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}\r\n` +
        `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    onOpen(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ndt/v7/download`;
}
const run = (url: string) =>
  internetSpeed.run(
    { id: 'internet' },
    { providers: [{ provider: 'ndt7', urls: [url] }], seconds: 1, upload: 'never' },
    context(),
  );

describe('ndt7', () => {
  test('counts binary messages, answers pings, passes over measurements', async () => {
    let ponged = false;
    const url = await ndt7((socket) => {
      socket.on('data', (piece: Buffer) => {
        ponged ||= piece[0] === 0x8a;
      });
      socket.write(frame(0x9, Buffer.from('ping')));
      const start = performance.now();
      let sent = 0;
      const timer = setInterval(() => {
        const due = ((performance.now() - start) / 1000) * 2.5e6 - sent;
        sent += Math.floor(due);
        socket.write(frame(0x2, Buffer.alloc(Math.max(0, Math.floor(due)))));
        socket.write(frame(0x1, Buffer.from('{"AppInfo":{}}')));
      }, 5);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await run(url);
    expect(result).toMatchObject({ ok: true, values: { valid: true, provider: 'ndt7', streams: 1 } });
    expect(result.values.payloadMbps).toBeGreaterThan(20 * 0.93);
    expect(result.values.payloadMbps).toBeLessThan(20 * 1.07);
    expect(ponged).toBe(true);
  });

  test('another protocol, another server and a masked frame are malformed or refused by status', async () => {
    expect(await run(await ndt7(() => {}, 'chat'))).toMatchObject({ ok: false, reason: 'malformed' });
    const masked = await ndt7((socket) => socket.write(Buffer.from([0x82, 0x84, 1, 2, 3, 4, 5, 6, 7, 8])));
    expect(await run(masked)).toMatchObject({ ok: false, reason: 'malformed' });
    const web = await serveHttp((_request, response) => response.end('hello'));
    closing.push(web.close);
    expect(await run(web.url.replace('http', 'ws'))).toMatchObject({ ok: false, reason: 'failed' });
    expect(await run('http://127.0.0.1:1/')).toMatchObject({ ok: false, reason: 'failed' });
  });

  test('a server that pings in a flood is malformed, though it sends a measurement too, and its pings fill no memory', async () => {
    let ponged = 0;
    const url = await ndt7((socket) => {
      socket.on('data', (piece: Buffer) => {
        ponged += piece.length;
      });
      const pieces = Buffer.concat([frame(0x2, Buffer.alloc(1000)), frame(0x9, Buffer.alloc(125))]);
      const more = () => {
        if (!socket.destroyed) socket.write(Buffer.concat(Array(100).fill(pieces)), () => setImmediate(more));
      };
      more();
    });
    const result = await run(url);
    expect(result).toMatchObject({ ok: false, reason: 'malformed' });
    expect(result.values.message).toContain('flood');
    expect(ponged).toBeGreaterThan(0);
  });

  test('pongs that nobody reads are dropped', () => {
    const unread = new PassThrough({ highWaterMark: 1 });
    for (let ping = 0; ping < 2000; ping++) answerPing(unread, Buffer.alloc(125));
    expect(unread.writableLength).toBeGreaterThan(0);
    expect(unread.writableLength).toBeLessThan(65 * 1024);
  });

  test('the Locate service names servers, or its answer is malformed', async () => {
    const located = await serveHttp((_request, response) => response.end('{"results":[]}'));
    closing.push(located.close);
    const config = { providers: [{ provider: 'ndt7' as const, locateUrl: located.url }] };
    expect(await internetSpeed.run({ id: 'x' }, config, context())).toMatchObject({ ok: false, reason: 'malformed' });
    const urls = { 'wss:///ndt/v7/download': 'wss://mlab1-sgn01.example/ndt/v7/download?access_token=x' };
    expect(locatedUrls(JSON.stringify({ results: [{ urls }, {}, null] }))).toHaveLength(1);
  });
});

describe('the frame reader', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2, 9), fc.uint8Array({ maxLength: 120 })), { maxLength: 20 });

  test('counts the same however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 70_000 }), (list, cut, large) => {
        const big = frame(2, Buffer.alloc(large));
        const bytes = Buffer.concat([...list.map(([opcode, payload]) => frame(opcode, Buffer.from(payload))), big]);
        let counted = 0;
        const pings: string[] = [];
        const read = frameCounter(
          (count) => {
            counted += count;
          },
          (payload) => pings.push(payload.toString('hex')),
        );
        for (let at = 0; at < bytes.length; at += cut) read(bytes.subarray(at, at + cut));
        const sum = list.reduce((total, [opcode, payload]) => total + (opcode === 2 ? payload.length : 0), large);
        expect(counted).toBe(sum);
        expect(pings).toEqual(list.filter(([opcode]) => opcode === 9).map(([, p]) => Buffer.from(p).toString('hex')));
      }),
      { numRuns: 50 },
    );
  });

  test('copies no more than headers, however many frames a piece holds', () => {
    const concat = vi.spyOn(Buffer, 'concat');
    onTestFinished(() => concat.mockRestore());
    const piece = Buffer.concat(Array(20_000).fill(frame(0x2, Buffer.alloc(10))));
    concat.mockClear();
    const read = frameCounter(
      () => {},
      () => {},
    );
    for (const cut of [piece.subarray(0, 100_001), piece.subarray(100_001)]) read(cut);
    const copied = concat.mock.results.reduce((sum, { value }) => sum + (value as Buffer).length, 0);
    expect(copied).toBeLessThan(1000);
  });

  test('bears the control frames of a second, and no flood of them or of empty frames', () => {
    for (const one of [frame(0x9, Buffer.from('p')), frame(0xa, Buffer.alloc(0)), frame(0x2, Buffer.alloc(0))]) {
      let now = 0;
      const read = frameCounter(
        () => {},
        () => {},
        () => now,
      );
      for (now = 0; now < 10_000; now += 20) read(one);
      expect(() => {
        for (let more = 0; more < 200; more++) read(one);
      }).toThrow(Ndt7Error);
    }
  });

  test('meets garbage with Ndt7Error alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.string(), (bytes, text) => {
        try {
          frameCounter(
            () => {},
            () => {},
          )(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Ndt7Error);
        }
        locatedUrls(text);
      }),
    );
  });
});
