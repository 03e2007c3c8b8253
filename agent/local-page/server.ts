import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readLimited } from '../read-limited.ts';
import { Access } from './access.ts';
import { ActionError, actions, perform } from './actions.ts';
import { readAssets } from './assets.ts';
import { cookieOf, HEADERS, type Refusal, refuse } from './guard.ts';
import type { Site } from './site.ts';
import { viewer } from './view.ts';

/**
 * The local page's server, on 127.0.0.1 alone. `node:http` and not Fastify, which would cost every school PC another 12 MB
 * of memory (64 MB to 76) for fifteen addresses whose checks are the page's own either way.
 */

export interface Page {
  port: number;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 256 * 1024;
/** From its first byte to its last. */
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 64;
const NONCE = /^[A-Za-z0-9_-]{16,64}$/;

/** Opens the page. Rejects with what the system says (EADDRINUSE), or what the data directory says. */
export async function openPage(site: Site, port: number): Promise<Page> {
  const access = new Access(site.config.dataDir);
  const answer = answerer(site, access, await readAssets());
  const server = createServer(
    { maxHeaderSize: 8 * 1024, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: 5_000 },
    (request, response) => {
      answer(request, response, portOf(server)).catch((error: unknown) => {
        site.log.error({ err: error, path: request.url?.split('?')[0] }, 'local page broke: this is a bug');
        if (response.headersSent) response.destroy();
        else send(response, 500, refusalBody('internal', 'Lỗi của tác tử: xem nhật ký, gửi cho Phòng/Sở.'));
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  server.on('error', (error) => site.log.error({ err: error }, 'local page'));
  await access.open(portOf(server));
  return { port: portOf(server), close: () => close(server) };
}

const portOf = (server: Server) => (server.address() as AddressInfo | null)?.port ?? 0;

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

type Answer = (request: IncomingMessage, response: ServerResponse, port: number) => Promise<void>;

function answerer(site: Site, access: Access, assets: Awaited<ReturnType<typeof readAssets>>): Answer {
  const { view, renew } = viewer(site);
  return async (request, response, port) => {
    const refused = refuse(request, port);
    if (refused) return sendRefusal(response, refused);
    const url = new URL(request.url ?? '/', `http://${HOST}`);
    const name = url.pathname;
    const isPost = request.method === 'POST';
    const asset = assets.get(name);
    if (asset && !isPost) return send(response, 200, asset.body, { 'content-type': asset.type });
    if (name === '/api/proof' && !isPost) {
      const nonce = url.searchParams.get('nonce') ?? '';
      if (!NONCE.test(nonce)) return sendRefusal(response, BAD_BODY);
      return send(response, 200, { proof: access.proof(nonce) });
    }
    if (name === '/api/session' && isPost) return enter(request, response, access, port);

    const cookie = cookieOf(request.headers.cookie, cookieName(port));
    const key = headerOf(request, 'x-thdt-key');
    const session = access.check(cookie, key);
    if (!name.startsWith('/api/')) return sendRefusal(response, NOT_FOUND);
    if (!session) return sendRefusal(response, NO_SESSION);
    const fresh = session.cookie === null ? {} : { 'set-cookie': cookieText(port, session.cookie) };
    if (name === '/api/state' && !isPost) return send(response, 200, await view(), fresh);
    if (name === '/api/leave' && isPost) {
      access.leave(cookie, key);
      return send(response, 200, {}, { 'set-cookie': cookieText(port, '', 0) });
    }
    const action = isPost && Object.hasOwn(actions, name.slice(5)) ? actions[name.slice(5)] : undefined;
    if (!action) return sendRefusal(response, NOT_FOUND);
    const body = await bodyOf(request);
    if (body === 'too-large') return sendRefusal(response, TOO_LARGE);
    if (!action.accepts(body)) return sendRefusal(response, BAD_BODY);
    try {
      const done = await perform(action, site, body);
      renew();
      return send(response, 200, done, fresh);
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      return send(response, error.status, refusalBody(error.code, error.message), fresh);
    }
  };
}

async function enter(request: IncomingMessage, response: ServerResponse, access: Access, port: number): Promise<void> {
  const body = await bodyOf(request);
  if (body === 'too-large') return sendRefusal(response, TOO_LARGE);
  const token = (body as { token?: unknown } | undefined)?.token;
  if (typeof token !== 'string') return sendRefusal(response, BAD_BODY);
  const session = await access.enter(token);
  if (session === 'wait')
    return send(response, 429, refusalBody('wait', 'Sai nhiều lần: hãy đợi một phút rồi mở lại bằng lối tắt.'), {
      'retry-after': '60',
    });
  if (session === null) return sendRefusal(response, NO_SESSION);
  send(response, 200, { key: session.key }, { 'set-cookie': cookieText(port, session.cookie) });
}

const NOT_FOUND: Refusal = { status: 404, code: 'not-found', message: 'Không có trang này.' };
const NO_SESSION: Refusal = {
  status: 401,
  code: 'no-session',
  message: 'Phiên đã hết hoặc liên kết đã dùng: mở lại trang bằng lối tắt hoặc lệnh open.',
};
const TOO_LARGE: Refusal = { status: 413, code: 'too-large', message: 'Yêu cầu quá lớn.' };
const BAD_BODY: Refusal = { status: 400, code: 'bad-request', message: 'Yêu cầu thiếu hoặc sai dữ liệu.' };

/** Cookies are shared by all ports of a host: two agents of one machine have two names. */
const cookieName = (port: number) => `thdt-${port}`;
const cookieText = (port: number, value: string, seconds = 8 * 3600) =>
  `${cookieName(port)}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}`;

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** The body as JSON; undefined when it is none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const body = await readLimited(request, MAX_BODY_BYTES);
  if (body === null) return 'too-large';
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

const refusalBody = (code: string, message: string) => ({ error: { code, message } });

function sendRefusal(response: ServerResponse, { status, code, message }: Refusal): void {
  // What is left of a request that is not read must not be waited for.
  send(response, status, refusalBody(code, message), { connection: 'close' });
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const isBytes = Buffer.isBuffer(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...HEADERS,
    ...headers,
  });
  response.end(isBytes ? body : JSON.stringify(body));
}
