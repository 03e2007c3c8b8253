import { Agent, buildConnector, interceptors, request } from 'undici';
import type { Source } from './download.ts';
import type { Family } from './line-rate.ts';

/** A server's answer that is no file: its status says why. */
export class HttpStatusError extends Error {
  override name = 'HttpStatusError';
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

export interface HttpSource {
  source: Source;
  /** IP version of the connections so far, as the headers of each packet depend on it. */
  family(): Family;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const HEADERS_MS = 10_000;
const MAX_REDIRECTS = 3;

/**
 * Downloads of `urls` in turn over connections of its own (RFC 9112). Bodies are counted as they arrive and dropped; no
 * content coding is asked for or undone, so payload is what TCP carried.
 */
export function httpSource(urls: readonly string[]): HttpSource {
  let family: Family = 4;
  const connectPlain = buildConnector({ timeout: CONNECT_MS, autoSelectFamily: true });
  const agent = new Agent({
    pipelining: 1,
    headersTimeout: HEADERS_MS,
    bodyTimeout: 0, // a stall is a result, the engine's clock runs on
    connect: (options, callback) =>
      connectPlain(options, (error, socket) => {
        if (error) return callback(error, null);
        family = socket.remoteFamily === 'IPv6' && !socket.remoteAddress?.startsWith('::ffff:') ? 6 : 4;
        callback(null, socket);
      }),
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS }));
  let next = 0;

  return {
    source: async (_stream, onBytes, signal) => {
      const url = urls[next++ % urls.length]!;
      const { statusCode, body } = await request(url, {
        dispatcher,
        signal,
        headers: { accept: '*/*', 'accept-encoding': 'identity', 'cache-control': 'no-cache' },
      });
      if (statusCode !== 200) {
        body.on('error', () => {});
        body.destroy();
        throw new HttpStatusError(statusCode);
      }
      body.on('data', (piece: Buffer) => onBytes(piece.length));
      await new Promise<void>((resolve, reject) => {
        body.once('end', resolve);
        body.once('error', reject);
        body.once('close', resolve);
      });
    },
    family: () => family,
    close: () => agent.destroy(),
  };
}
