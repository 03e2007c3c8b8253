import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { Logger } from 'pino';
import { type ApiError, MAX_REPORT_BYTES, REPORT_CONTENT_TYPE } from '../../shared/wire/report.ts';
import { readLimited } from '../read-limited.ts';
import { NoAnswerError, post } from '../uplink/post.ts';

/**
 * Passes enrolments and reports of the school's PCs on to the district, for rooms whose PCs may not reach the internet.
 * It acknowledges nothing by itself and can forge nothing: the PC's own signature goes through as it came. Of a request
 * nothing but its body is passed on, to one of two addresses that are written here, so it is no way to anywhere else.
 * Files of releases are handed out from a cache on this disk, fetched once for the whole school.
 */

const ROUTES: Readonly<Record<string, { contentType: string; maxBytes: number }>> = {
  '/api/v1/enrol': { contentType: 'application/json', maxBytes: 16 * 1024 },
  '/api/v1/reports': { contentType: REPORT_CONTENT_TYPE, maxBytes: MAX_REPORT_BYTES },
};
const RELEASES = '/api/v1/releases/';
/** Marks what came through a relay, so that relays that name each other do not pass it round for ever. */
const PASSED = 'x-thdt-relay';

export interface RelayLimits {
  /** Longest that a PC may take to send a request, ms. */
  requestMs: number;
  /** Longest that the district may take, ms: below the 15 s that the PC waits. */
  collectorMs: number;
  /** Requests under way at once, in all and from one address: a PC that is slow on purpose holds up no room. */
  most: number;
  mostOfOne: number;
  /** Before another try at a port that is taken, ms. */
  retryMs: number;
}
export const RELAY_LIMITS: RelayLimits = {
  requestMs: 15_000,
  collectorMs: 12_000,
  most: 32,
  mostOfOne: 3,
  retryMs: 30_000,
};
const MAX_CONNECTIONS = 512;

export interface RelayOptions {
  host?: string | undefined;
  port: number;
  /** Base address of the collector, asked for each request. */
  collector: () => string;
  /** Answers requests for files of releases; false for any other request. */
  releases?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  log: Logger;
  limits?: Partial<RelayLimits>;
  /** Told the port each time that it listens. */
  onListen?: (port: number) => void;
}

/** Listens until `stop`. A port that is taken is tried again: the agent's own work does not wait for it. */
export function startRelay(options: RelayOptions): { stop(): Promise<void> } {
  const { host, port, log, onListen } = options;
  const limits = { ...RELAY_LIMITS, ...options.limits };
  const relay = new Relay(options, limits);
  const server = createServer(
    {
      requestTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.requestMs),
      keepAliveTimeout: 5000,
    },
    (request, response) => void relay.pass(request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    if (!isOfSchool(socket.remoteAddress)) socket.destroy();
  });
  let again: NodeJS.Timeout | undefined;
  const listen = () => server.listen({ port, host });
  server.on('error', (error) => {
    log.error({ err: error, port }, 'relay does not listen, trying again');
    again = setTimeout(listen, limits.retryMs);
  });
  server.on('listening', () => {
    const at = server.address();
    const bound = typeof at === 'object' && at ? at.port : port;
    log.info({ port: bound }, 'relay listens');
    onListen?.(bound);
  });
  listen();
  return {
    async stop() {
      clearTimeout(again);
      relay.end();
      await closed(server);
    },
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

class Relay {
  readonly #collector: () => string;
  readonly #releases: RelayOptions['releases'];
  readonly #limits: RelayLimits;
  readonly #log: Logger;
  readonly #ending = new AbortController();
  #busy = 0;
  readonly #busyOf = new Map<string, number>();

  constructor({ collector, releases, log }: RelayOptions, limits: RelayLimits) {
    this.#collector = collector;
    this.#releases = releases;
    this.#limits = limits;
    this.#log = log;
  }

  end(): void {
    this.#ending.abort();
  }

  async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A PC that goes away in the middle is no event.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const from = request.socket.remoteAddress ?? '';
    const path = request.url ?? '';
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
    const isRelease = request.method === 'GET' && path.startsWith(RELEASES) && this.#releases !== undefined;
    if (!isRelease && (!route || request.method !== 'POST'))
      return refuse(response, 404, 'not-found', 'máy chuyển tiếp không có địa chỉ này');
    if (request.headers[PASSED] !== undefined)
      return refuse(
        response,
        508,
        'relay-loop',
        '"collector" của máy đo trỏ tới một máy chuyển tiếp khác: ghi địa chỉ của Phòng/Sở',
      );
    if (route && Number(request.headers['content-length'] ?? 0) > route.maxBytes) return refuseLarge(response, path);
    const own = this.#busyOf.get(from) ?? 0;
    if (this.#busy >= this.#limits.most || own >= this.#limits.mostOfOne)
      return later(response, 'nhiều máy đang gửi cùng lúc', 2, 8);
    this.#busy++;
    this.#busyOf.set(from, own + 1);
    try {
      if (!route) return await this.#release(request, response);
      const body = await read(request, route.maxBytes);
      if (body === 'too-large') refuseLarge(response, path);
      else if (body !== 'broken') await this.#forward(path, route.contentType, body, response);
    } catch (error) {
      this.#log.error({ err: error }, 'relay broke over a request');
      if (!response.headersSent) later(response, 'máy chuyển tiếp gặp lỗi', 20, 60);
    } finally {
      this.#busy--;
      const left = (this.#busyOf.get(from) ?? 1) - 1;
      if (left > 0) this.#busyOf.set(from, left);
      else this.#busyOf.delete(from);
    }
  }

  async #release(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Who takes no byte for so long has gone, or holds the place of another.
    response.setTimeout(this.#limits.requestMs, () => response.destroy());
    if (!(await this.#releases!(request, response)))
      refuse(response, 404, 'not-found', 'máy chuyển tiếp không có địa chỉ này');
  }

  async #forward(path: string, contentType: string, body: string, response: ServerResponse): Promise<void> {
    try {
      const {
        status,
        headers,
        body: answer,
      } = await post(`${this.#collector()}${path}`, body, {
        contentType,
        signal: this.#ending.signal,
        deadlineMs: this.#limits.collectorMs,
        headers: { [PASSED]: '1' },
      });
      // A portal's page, a proxy's: not the district's word on this report.
      if (answer === undefined) return later(response, `máy chủ trả lời lạ (HTTP ${status})`, 20, 60);
      const wait = headers.get('retry-after');
      send(response, status, answer, wait === null || !/^[\w ,:-]{1,64}$/.test(wait) ? {} : { 'retry-after': wait });
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      this.#log.warn({ why: error.message }, 'relay: the collector does not answer');
      later(response, 'máy chuyển tiếp không nối được tới máy chủ của Phòng/Sở', 20, 60);
    }
  }
}

/** UTF-8 as it came; both kinds of body are ASCII or JSON. */
async function read(request: IncomingMessage, maxBytes: number): Promise<string | 'too-large' | 'broken'> {
  try {
    const body = await readLimited(request, maxBytes);
    return body === null ? 'too-large' : body.toString('utf8');
  } catch {
    return 'broken';
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body: ApiError = { error: { code, message } };
  // What was not read of the request must not be taken for the next one.
  send(response, status, body, { connection: 'close' });
}

const refuseLarge = (response: ServerResponse, path: string) =>
  refuse(
    response,
    413,
    path.endsWith('/reports') ? 'report-too-large' : 'too-large',
    'nội dung gửi lên vượt quá giới hạn kích thước',
  );

/** The PCs of a room that were all refused come back one after the other, not together. */
function later(response: ServerResponse, why: string, fromSeconds: number, toSeconds: number): void {
  const seconds = Math.round(fromSeconds + Math.random() * (toSeconds - fromSeconds));
  const body: ApiError = { error: { code: 'not-ready', message: `${why}: sẽ thử lại sau` } };
  send(response, 503, body, { 'retry-after': String(seconds), connection: 'close' });
}

/** Addresses that are not of the internet (RFC 1918, 3927, 4193, 4291, 6598), and this host's own. */
const SCHOOL = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  SCHOOL.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  SCHOOL.addSubnet(net, bits, 'ipv6');

/** Whether an address is one of the school's own network. A socket for both families tells IPv4 as `::ffff:…`. */
export function isOfSchool(address: string | undefined): boolean {
  if (!address) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return SCHOOL.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
