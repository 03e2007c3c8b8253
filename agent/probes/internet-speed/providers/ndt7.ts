import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Family } from '../overhead.ts';
import { failureOf, HttpStatusError } from './answers.ts';
import { answerPing, frameCounter, Ndt7Error, noiseMessage } from './ndt7-frames.ts';
import { endpointOf, familyOf, type Line, type Provider, Served } from './provider.ts';
import { smallFetch } from './small-fetch.ts';

/**
 * ndt7 (github.com/m-lab/ndt-server, spec/ndt7-protocol.md): a WebSocket (RFC 6455) with subprotocol
 * `net.measurementlab.ndt.v7` on which one side sends binary messages for ten seconds, and JSON beside them. A message may
 * be 16 MiB (spec, "Maximum message size"). One stream, as the protocol wants it.
 */
const SUBPROTOCOL = 'net.measurementlab.ndt.v7';
/** The server ends a direction by itself after this long, seconds (spec, "Test duration"); measure a little less. */
export const NDT7_SECONDS = 9;
/** M-Lab's Locate service, version 2, names the nearest servers. */
export const LOCATE_URL = 'https://locate.measurementlab.net/v2/nearest/ndt/ndt7';
const HANDSHAKE_MS = 10_000;
/** RFC 6455, 1.3: what the server joins to our key. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Size of an uploaded message, bytes: within the spec's 2^13 … 2^24, and a small part of a second at 10 Mbps. */
const MESSAGE_BYTES = 64 * 1024;

export interface Ndt7Urls {
  /** `ws:` or `wss:`, path `/ndt/v7/download`. */
  download: string;
  /** Path `/ndt/v7/upload`; null: not offered. */
  upload: string | null;
}

/** The servers at `urls`, or the nearest that Locate names. */
export const ndt7 = (options: { urls?: readonly string[] | undefined; locateUrl?: string | undefined }): Provider => ({
  name: 'ndt7',
  open: async ({ signal }) => {
    const { urls } = options;
    if (urls) return { line: ndt7Line(urls.map((download) => ({ download, upload: uploadBeside(download) }))) };
    try {
      return { line: ndt7Line(await locate(options.locateUrl ?? LOCATE_URL, signal)) };
    } catch (error) {
      return { outcome: failureOf(error, {}, 'M-Lab Locate: ') };
    }
  },
});

/** A server offers both at the paths that the spec names. */
function uploadBeside(download: string): string | null {
  const url = new URL(download);
  if (!url.pathname.endsWith('/download')) return null;
  url.pathname = url.pathname.replace(/\/download$/, '/upload');
  return url.href;
}

/** One direction at each of `urls` in turn. What a server moved before it broke the protocol says nothing of the line. */
export function ndt7Line(urls: readonly Ndt7Urls[]): Line {
  let next = 0;
  let family: Family = 4;
  let spoilt: Error | undefined;
  const served = new Served();
  const uploads = urls.map(({ upload }) => upload).filter((url) => url !== null);

  /** One WebSocket, until the server closes it or `signal` ends it; `begin` may send on it and answers how to end that. */
  const exchange = async (
    url: URL,
    onReceived: (bytes: number) => void,
    begin: (socket: Duplex) => void,
    signal: AbortSignal,
  ) => {
    const { socket, head } = await handshake(url, signal);
    const { remoteFamily, remoteAddress } = socket as Socket;
    family = familyOf({ remoteFamily, remoteAddress });
    served.connected(url.hostname, remoteAddress);
    await new Promise<void>((resolve, reject) => {
      const frames = frameCounter(onReceived, (payload) => answerPing(socket, payload));
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
      begin(socket);
    });
  };

  return {
    download: async (_stream, onBytes, signal) => {
      const url = new URL(urls[next++ % urls.length]!.download);
      const count = (bytes: number) => {
        served.delivered(url.hostname);
        onBytes(bytes);
      };
      await exchange(url, count, () => {}, signal);
    },
    upload:
      uploads.length === 0
        ? null
        : async (_stream, onBytes, signal) => {
            const url = new URL(uploads[next++ % uploads.length]!);
            const message = noiseMessage(MESSAGE_BYTES);
            const send = (socket: Duplex) => {
              // The callback comes when the system has taken the message.
              if (signal.aborted || socket.destroyed) return;
              socket.write(message, (error) => {
                if (error) return;
                onBytes(message.length);
                send(socket);
              });
            };
            await exchange(url, () => {}, send, signal);
          },
    maxStreams: 1,
    maxSeconds: NDT7_SECONDS,
    maxBytes: Number.POSITIVE_INFINITY,
    limitMbps: null,
    hosts: [...new Set(urls.map(({ download }) => new URL(download).hostname))],
    endpoint: endpointOf(new URL(urls[0]!.download)),
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

/** Addresses of the nearest servers; throws like `smallFetch`, and Ndt7Error on another shape. */
export async function locate(locateUrl: string, signal: AbortSignal): Promise<Ndt7Urls[]> {
  const text = await smallFetch(locateUrl, { maxBytes: 256 * 1024, timeoutMs: 8_000, signal });
  const urls = locatedUrls(text);
  if (urls.length === 0) throw new Ndt7Error('the Locate service names no server');
  return urls;
}

/** `results[].urls["wss:///ndt/v7/download"]` of the Locate service's JSON and `…/upload` beside it, wss alone. */
export function locatedUrls(text: string): Ndt7Urls[] {
  try {
    const { results } = JSON.parse(text) as { results?: { urls?: Record<string, unknown> }[] };
    if (!Array.isArray(results)) return [];
    return results.flatMap((result) => {
      const download = secure(result?.urls?.['wss:///ndt/v7/download']);
      return download === null ? [] : [{ download, upload: secure(result?.urls?.['wss:///ndt/v7/upload']) }];
    });
  } catch {
    return [];
  }
}

const secure = (url: unknown): string | null =>
  typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'wss:' ? url : null;
