import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { HttpStatusError } from './http-source.ts';
import type { Family } from './line-rate.ts';
import { familyOf, type LineSource, Served } from './line-source.ts';
import { smallFetch } from './small-fetch.ts';

/**
 * The download of ndt7 (github.com/m-lab/ndt-server, spec/ndt7-protocol.md): a WebSocket (RFC 6455) with subprotocol
 * `net.measurementlab.ndt.v7` on which the server sends binary messages for ten seconds, and JSON beside them. Frames
 * are counted as they pass and never kept: a message may be 16 MiB (spec, "Maximum message size").
 */
const SUBPROTOCOL = 'net.measurementlab.ndt.v7';
/** The server ends the download by itself after this long, seconds (spec, "Test duration"); measure a little less. */
export const NDT7_SECONDS = 9;
/** M-Lab's Locate service, version 2, names the nearest servers. */
export const LOCATE_URL = 'https://locate.measurementlab.net/v2/nearest/ndt/ndt7';
const HANDSHAKE_MS = 10_000;
/** RFC 6455, 1.3: what the server joins to our key. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class Ndt7Error extends Error {
  override name = 'Ndt7Error';
  readonly code = 'HPE_NDT7'; // counts as malformed
}

/** Pongs that a server does not read are dropped from here on, bytes: it may ask faster than it listens. */
const MAX_UNSENT_BYTES = 64 * 1024;

/**
 * One download for each of `urls` in turn (`ws:` or `wss:`, path `/ndt/v7/download`). What a server counted before it broke
 * the protocol says nothing of the line.
 */
export function ndt7Source(urls: readonly string[]): LineSource {
  let next = 0;
  let family: Family = 4;
  let spoilt: Error | undefined;
  const served = new Served();
  return {
    source: async (_stream, onBytes, signal) => {
      const url = new URL(urls[next++ % urls.length]!);
      const { socket, head } = await handshake(url, signal);
      const { remoteFamily, remoteAddress } = socket as Socket;
      family = familyOf({ remoteFamily, remoteAddress });
      served.connected(url.hostname, remoteAddress);
      const count = (bytes: number) => {
        served.delivered(url.hostname);
        onBytes(bytes);
      };
      await new Promise<void>((resolve, reject) => {
        const frames = frameCounter(count, (payload) => answerPing(socket, payload));
        const finish = (error?: Error | null) => {
          signal.removeEventListener('abort', onAbort);
          socket.destroy();
          if (error) reject(error);
          else resolve();
        };
        const onAbort = () => finish();
        const take = (piece: Buffer) => {
          try {
            if (frames(piece) === 'closed') finish();
          } catch (error) {
            spoilt = error as Error;
            finish(spoilt);
          }
        };
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) return finish();
        socket.on('error', finish);
        socket.on('close', () => finish());
        socket.on('data', take);
        if (head.length > 0) take(head);
      });
    },
    family: () => family,
    served: () => served.list(),
    spoilt: () => spoilt,
    close: async () => {},
  };
}

/** RFC 6455, 4.1: the opening handshake, checked. */
function handshake(url: URL, signal: AbortSignal): Promise<{ socket: Duplex; head: Buffer }> {
  const key = randomBytes(16).toString('base64');
  const plain = url.protocol === 'ws:';
  const target = new URL(url);
  target.protocol = plain ? 'http:' : 'https:';
  return new Promise((resolve, reject) => {
    const request = (plain ? httpRequest : httpsRequest)(target, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(HANDSHAKE_MS)]),
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Protocol': SUBPROTOCOL,
      },
    });
    request.once('error', reject);
    request.once('response', (response: IncomingMessage) => {
      response.destroy();
      reject(new HttpStatusError(response.statusCode ?? 0));
    });
    request.once('upgrade', (response, socket, head) => {
      const expected = createHash('sha1')
        .update(key + HANDSHAKE_GUID)
        .digest('base64');
      const { 'sec-websocket-accept': accept, 'sec-websocket-protocol': protocol } = response.headers;
      if (accept === expected && protocol === SUBPROTOCOL) return resolve({ socket, head });
      socket.destroy();
      reject(new Ndt7Error('the server does not speak ndt7'));
    });
    request.end();
  });
}

const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa };
const MAX_CONTROL_BYTES = 125; // RFC 6455, 5.5
const MAX_HEADER_BYTES = 10; // RFC 6455, 5.2, without a mask
/** Frames that carry no measurement; ndt-server sends some four pings a second (spec, "Measurement message"). */
const MAX_EMPTY_PER_SECOND = 100;

/**
 * Reads frames (RFC 6455, 5.2) from pieces cut anywhere; gives the bytes of binary messages to `onBytes` and answers
 * pings. Throws Ndt7Error on what a server must not send: masked frames, reserved bits or opcodes, long control frames,
 * a flood of control or empty frames. `nowMs` only goes forward.
 */
export function frameCounter(
  onBytes: (bytes: number) => void,
  onPing: (payload: Buffer) => void,
  nowMs: () => number = () => performance.now(),
) {
  let header: Buffer = Buffer.alloc(0);
  let left = 0; // of the current frame's payload
  let opcode = 0;
  let message = 0; // opcode of the message that continuation frames continue
  let control = Buffer.alloc(0);
  let empty = 0; // in the second that began at `second`
  let second = Number.NEGATIVE_INFINITY;

  const boundEmpty = () => {
    const now = nowMs();
    if (now - second >= 1000) {
      second = now;
      empty = 0;
    }
    if (++empty > MAX_EMPTY_PER_SECOND) throw new Ndt7Error('a flood of frames that carry no measurement');
  };

  return (piece: Buffer): 'open' | 'closed' => {
    let rest = piece;
    while (rest.length > 0) {
      if (left > 0) {
        const part = rest.subarray(0, left);
        left -= part.length;
        rest = rest.subarray(part.length);
        if (opcode === OPCODE.ping) control = Buffer.concat([control, part]);
        else if (opcode < OPCODE.close && message === OPCODE.binary) onBytes(part.length);
      } else {
        // No more than a header: joining all that is left to each one would copy the piece once a frame.
        const needed = rest.subarray(0, MAX_HEADER_BYTES - header.length);
        const joined = header.length === 0 ? needed : Buffer.concat([header, needed]);
        const start = readHeader(joined);
        if (!start) {
          header = Buffer.from(joined);
          return 'open';
        }
        rest = rest.subarray(start.headerBytes - header.length);
        header = Buffer.alloc(0);
        opcode = start.opcode;
        left = start.payloadBytes;
        if (opcode >= OPCODE.close || left === 0) boundEmpty();
        if (opcode === OPCODE.text || opcode === OPCODE.binary) message = opcode;
        if (opcode === OPCODE.close) return 'closed';
        control = Buffer.alloc(0);
      }
      if (left === 0 && opcode === OPCODE.ping) {
        onPing(control);
        opcode = OPCODE.pong; // answered
      }
    }
    return 'open';
  };
}

/** The frame header at the start of `bytes`; nothing while it is incomplete. */
function readHeader(bytes: Buffer): { headerBytes: number; opcode: number; payloadBytes: number } | undefined {
  if (bytes.length < 2) return undefined;
  const opcode = bytes[0]! & 0x0f;
  const short = bytes[1]! & 0x7f;
  if (!Object.values(OPCODE).includes(opcode)) throw new Ndt7Error(`reserved opcode ${opcode}`);
  if (bytes[0]! & 0x70) throw new Ndt7Error('reserved bits are set');
  if (bytes[1]! & 0x80) throw new Ndt7Error('the server masks its frames');
  if (opcode >= OPCODE.close && short > MAX_CONTROL_BYTES) throw new Ndt7Error('a control frame is too long');
  const headerBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < headerBytes) return undefined;
  const payloadBytes = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { headerBytes, opcode, payloadBytes };
}

/** Sends the pong for a ping, unless MAX_UNSENT_BYTES of earlier ones still wait to be read. */
export function answerPing(socket: Writable, payload: Buffer): void {
  if (socket.writableLength <= MAX_UNSENT_BYTES) socket.write(pong(payload));
}

/** A pong as a client sends it, masked (RFC 6455, 5.3 and 5.5.3). */
function pong(payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([0x80 | OPCODE.pong, 0x80 | payload.length]), mask, masked]);
}

/** Download addresses of the nearest servers; throws like `smallFetch`, and Ndt7Error on another shape. */
export async function locate(locateUrl: string, signal: AbortSignal): Promise<string[]> {
  const text = await smallFetch(locateUrl, { maxBytes: 256 * 1024, timeoutMs: 8_000, signal });
  const urls = downloadUrls(text);
  if (urls.length === 0) throw new Ndt7Error('the Locate service names no server');
  return urls;
}

/** `results[].urls["wss:///ndt/v7/download"]` of the Locate service's JSON, wss alone; empty for any other text. */
export function downloadUrls(text: string): string[] {
  try {
    const { results } = JSON.parse(text) as { results?: { urls?: Record<string, unknown> }[] };
    if (!Array.isArray(results)) return [];
    return results
      .map((result) => result?.urls?.['wss:///ndt/v7/download'])
      .filter((url): url is string => typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'wss:');
  } catch {
    return [];
  }
}
