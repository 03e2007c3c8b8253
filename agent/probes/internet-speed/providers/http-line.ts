import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import type { Family } from '../overhead.ts';
import { HttpStatusError, NotAFileError } from './answers.ts';
import { endpointOf, familyOf, type Line, Served } from './provider.ts';

const CONNECT_MS = 5_000;
const HEADERS_MS = 10_000;
const MAX_REDIRECTS = 3;
/** Longest that a direction takes over HTTP unless the provider says less, seconds. */
const MAX_SECONDS = 20;
/**
 * Smallest file that a line is measured with. Between two files a stream waits one round trip: of 1 MB over four streams
 * at 100 Mbps and 20 ms that is at most a sixteenth of the time, of 100 kB it is up to a third, and a page of a few kB, such
 * as a portal's, measures the wait (or, from a box nearby, the school's own network) and no line.
 */
export const MIN_FILE_BYTES = 1_000_000;
/** What one upload sends, as fast.com's page does, in pieces of this size; random, so that nothing on the way packs it. */
const UPLOAD_BYTES = 26_214_400;
const PIECE_BYTES = 64 * 1024;
const PORTAL = 'trang đăng nhập mạng?';

export interface HttpLineOptions {
  downloads: readonly string[];
  /** Addresses that take a POST of any size; none: nothing is sent. */
  uploads?: readonly string[];
  limits?: Partial<Pick<Line, 'maxSeconds' | 'maxBytes' | 'maxStreams' | 'limitMbps'>>;
  /** Called once at the end. */
  onClose?: () => Promise<void>;
}

/**
 * Downloads from and uploads to addresses in turn, over connections of its own (RFC 9112). Bodies are counted as they pass
 * and dropped; no content coding is asked for or undone. Bytes are those of TCP, headers and TLS records with them, read
 * at the socket. Redirects are followed to the same host only, and pages are refused: behind a captive portal every
 * address answers, out of the school's own network.
 */
export function httpLine({ downloads, uploads = [], limits = {}, onClose }: HttpLineOptions): Line {
  let family: Family = 4;
  let spoilt: Error | undefined;
  const served = new Served();
  const connections = new Connections((host, socket) => {
    family = familyOf(socket);
    served.connected(host, socket.remoteAddress);
  });
  const agent = new Agent({
    pipelining: 1,
    headersTimeout: HEADERS_MS,
    bodyTimeout: 0, // a stall is a result, the engine's clock runs on
    connect: connections.connect,
  });
  let next = 0;
  const inTurn = (urls: readonly string[]) => new URL(urls[next++ % urls.length]!);

  return {
    download: async (_stream, onBytes, signal) => {
      const url = inTurn(downloads);
      const body = await fileAt(url, agent, signal);
      let size = 0;
      body.on('data', (piece: Buffer) => {
        if (size === 0) served.delivered(url.hostname);
        size += piece.length;
        // At a TLS record's end more may have come than was read, at a chunk's header less.
        onBytes(connections.received());
      });
      const whole = await new Promise<boolean>((resolve, reject) => {
        body.once('end', () => resolve(true));
        body.once('error', reject);
        body.once('close', () => resolve(false));
      });
      // A file whose length was not told before: its bytes are in the count by now.
      if (whole && size > 0 && size < MIN_FILE_BYTES) {
        spoilt = tooSmall(url, size);
        throw spoilt;
      }
    },
    upload:
      uploads.length === 0
        ? null
        : async (_stream, onBytes, signal) => {
            const url = inTurn(uploads);
            const { statusCode, body } = await request(url, {
              dispatcher: agent,
              method: 'POST',
              signal,
              headers: { 'content-type': 'application/octet-stream', 'content-length': String(UPLOAD_BYTES) },
              body: Readable.from(pieces(onBytes), { objectMode: false, highWaterMark: 0 }),
            });
            drop(body);
            if (statusCode < 400) return;
            // What was sent before the refusal went to nobody.
            spoilt = new HttpStatusError(statusCode);
            throw spoilt;
          },
    maxStreams: 16,
    maxSeconds: MAX_SECONDS,
    maxBytes: Number.POSITIVE_INFINITY,
    limitMbps: null,
    ...limits,
    hosts: [...new Set(downloads.map((url) => new URL(url).hostname))],
    endpoint: endpointOf(new URL(downloads[0]!)),
    family: () => family,
    served: () => served.list(),
    spoilt: () => spoilt,
    close: async () => {
      await agent.destroy();
      await onClose?.();
    },
  };
}

/** Tells of each piece when the next is asked for: then the system has taken it. */
async function* pieces(onBytes: (bytes: number) => void) {
  const piece = randomBytes(PIECE_BYTES);
  for (let sent = 0; sent < UPLOAD_BYTES; sent += PIECE_BYTES) {
    yield piece;
    onBytes(PIECE_BYTES);
  }
}

/** Opens connections and counts what TCP carried on them, below TLS. */
class Connections {
  readonly #sockets = new Map<Socket, number>();
  readonly #onConnect: (host: string, socket: Socket) => void;
  readonly #overTcp = buildConnector({ timeout: CONNECT_MS });

  constructor(onConnect: (host: string, socket: Socket) => void) {
    this.#onConnect = onConnect;
  }

  /** Bytes received on all connections since the last call. */
  received(): number {
    let bytes = 0;
    for (const [socket, before] of this.#sockets) {
      const now = socket.bytesRead;
      bytes += now - before;
      if (socket.destroyed) this.#sockets.delete(socket);
      else this.#sockets.set(socket, now);
    }
    return bytes;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const { host, port } = endpointOf(new URL(`${options.protocol}//${options.host}`));
    const socket = connectTcp({ host, port, noDelay: true, autoSelectFamily: true });
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      callback(error, null);
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error(`no connection in ${CONNECT_MS} ms`), { code: 'UND_ERR_CONNECT_TIMEOUT' })),
      CONNECT_MS,
    );
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      this.#sockets.set(socket, 0);
      this.#onConnect(options.hostname, socket);
      if (options.protocol !== 'https:') return callback(null, socket);
      this.#overTcp({ ...options, httpSocket: socket }, callback);
    });
  };
}

type Body = Dispatcher.ResponseData['body'];

/** The body of the file at `url`; throws HttpStatusError and NotAFileError for everything that is none. */
async function fileAt(url: URL, dispatcher: Dispatcher, signal: AbortSignal): Promise<Body> {
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { statusCode, headers, body } = await request(at, {
      dispatcher,
      signal,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'cache-control': 'no-cache' },
    });
    const refuse = (error: Error): never => {
      drop(body);
      throw error;
    };
    const location = [headers.location].flat()[0];
    if ([301, 302, 303, 307, 308].includes(statusCode) && location !== undefined) {
      const to = URL.canParse(location, at) ? new URL(location, at) : undefined;
      if (to?.hostname !== url.hostname || !/^https?:$/.test(to.protocol))
        return refuse(
          new NotAFileError(
            'failed',
            `${url.hostname} chuyển hướng sang ${(to?.hostname ?? location).slice(0, 100)}: ${PORTAL}`,
          ),
        );
      drop(body);
      at = to;
      continue;
    }
    if (statusCode !== 200) return refuse(new HttpStatusError(statusCode));
    if (/^\s*(text\/html|application\/xhtml\+xml)\b/i.test(String(headers['content-type'] ?? '')))
      return refuse(new NotAFileError('malformed', `${url.hostname} trả về trang web thay vì tệp: ${PORTAL}`));
    const length = Number(headers['content-length'] ?? Number.NaN);
    if (length > 0 && length < MIN_FILE_BYTES) return refuse(tooSmall(url, length));
    return body;
  }
  throw new NotAFileError('failed', `${url.hostname} chuyển hướng quá ${MAX_REDIRECTS} lần`);
}

function drop(body: Body): void {
  body.on('error', () => {});
  body.destroy();
}

const tooSmall = ({ hostname, pathname }: URL, bytes: number) =>
  new NotAFileError(
    'malformed',
    `tệp ${hostname}${pathname.slice(0, 60)} chỉ có ${bytes} byte: cần tệp từ ${MIN_FILE_BYTES / 1e6} MB trở lên`,
  );
