import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import type { Reason } from '../probe.ts';
import type { Family } from './line-rate.ts';
import { familyOf, type LineSource, Served } from './line-source.ts';

/** A server's answer that is no file: its status says why. */
export class HttpStatusError extends Error {
  override name = 'HttpStatusError';
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** An answer that is no file to measure a line with: what a captive portal gives, or a file too small. */
export class NotAFileError extends Error {
  override name = 'NotAFileError';
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

const CONNECT_MS = 5_000;
const HEADERS_MS = 10_000;
const MAX_REDIRECTS = 3;
/**
 * Smallest file that a line is measured with. Between two files a stream waits one round trip: of 1 MB over four streams
 * at 100 Mbps and 20 ms that is at most a sixteenth of the time, of 100 kB it is up to a third, and a page of a few kB, such
 * as a portal's, measures the wait (or, from a box nearby, the school's own network) and no line.
 */
export const MIN_FILE_BYTES = 1_000_000;
const PORTAL = 'trang đăng nhập mạng?';

/**
 * Downloads of `urls` in turn over connections of its own (RFC 9112). Bodies are counted as they arrive and dropped; no
 * content coding is asked for or undone, so payload is what TCP carried. Redirects are followed to the same host only,
 * and pages are refused: behind a captive portal every address answers, out of the school's own network.
 */
export function httpSource(urls: readonly string[]): LineSource {
  let family: Family = 4;
  let spoilt: Error | undefined;
  const served = new Served();
  const connectPlain = buildConnector({ timeout: CONNECT_MS, autoSelectFamily: true });
  const agent = new Agent({
    pipelining: 1,
    headersTimeout: HEADERS_MS,
    bodyTimeout: 0, // a stall is a result, the engine's clock runs on
    connect: (options, callback) =>
      connectPlain(options, (error, socket) => {
        if (error) return callback(error, null);
        family = familyOf(socket);
        served.connected(options.hostname, socket.remoteAddress);
        callback(null, socket);
      }),
  });
  let next = 0;

  return {
    source: async (_stream, onBytes, signal) => {
      const url = new URL(urls[next++ % urls.length]!);
      const body = await fileAt(url, agent, signal);
      let size = 0;
      body.on('data', (piece: Buffer) => {
        if (size === 0) served.delivered(url.hostname);
        size += piece.length;
        onBytes(piece.length);
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
    family: () => family,
    served: () => served.list(),
    spoilt: () => spoilt,
    close: () => agent.destroy(),
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
