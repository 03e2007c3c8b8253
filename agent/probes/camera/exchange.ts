import { type IncomingMessage, request } from 'node:http';
import { authorization, type Credentials, UserNameError } from './http-auth.ts';
import type { Trouble } from './messages.ts';
import { type Home, isHome, pin } from './pin.ts';

/** One bounded HTTP exchange with the camera: to its own host only, whole within a time, no larger than a size. */

export interface Ask {
  method: 'GET' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  /** Largest answer, bytes. */
  maxBytes: number;
  /** Longest for the whole exchange, redirects and authentication included, ms. */
  withinMs: number;
}

/** The camera's own place: the configured host, and the one address that its name was resolved to. */
export interface Peer extends Home {
  ip: string;
  credentials: Credentials | undefined;
}

export interface Answer {
  status: number;
  body: Buffer;
}

export class TroubleError extends Error {
  override name = 'TroubleError';
  readonly code: Trouble;
  /** Something lives at the address: it sent a byte, or refused. */
  readonly heard: boolean;
  constructor(code: Trouble, heard: boolean, message: string) {
    super(message);
    this.code = code;
    this.heard = heard;
  }
}

/** Redirects and challenges together; a camera that asks for a password again and again ends here. */
const MAX_ROUNDS = 4;

/** The answer, or throws TroubleError. A 401 is answered once with the credentials, a second one is `auth`. */
export async function exchange(ask: Ask, peer: Peer): Promise<Answer> {
  const until = Date.now() + ask.withinMs;
  let url = ask.url;
  let authorised: string | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!isHome(url, peer)) throw new TroubleError('malformed', true, 'address of another host');
    const leftMs = Math.max(1, until - Date.now());
    const answer = await once({ ...ask, url, withinMs: leftMs }, peer, authorised);
    if (answer.status === 401) {
      const target = url.pathname + url.search;
      const challenge = answer.challenge;
      if (authorised !== undefined || !peer.credentials || challenge === undefined) {
        throw new TroubleError('auth', true, 'HTTP 401');
      }
      authorised = answerTo(challenge, peer.credentials, ask.method, target);
      if (authorised === undefined) throw new TroubleError('auth', true, 'HTTP 401 with an unknown scheme');
    } else if (ask.method === 'GET' && [301, 302, 303, 307, 308].includes(answer.status) && answer.location) {
      url = redirected(answer.location, url, peer);
      authorised = undefined;
    } else {
      return { status: answer.status, body: answer.body };
    }
  }
  throw new TroubleError('malformed', true, 'too many redirects');
}

function answerTo(challenge: string, credentials: Credentials, method: string, target: string): string | undefined {
  try {
    return authorization(challenge, credentials, method, target);
  } catch (error) {
    if (error instanceof UserNameError) throw new TroubleError('auth', true, error.message);
    throw error;
  }
}

function redirected(location: string, from: URL, peer: Peer): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to?.protocol !== 'http:' || !isHome(to, peer)) {
    throw new TroubleError('malformed', true, 'redirect to another host');
  }
  return pin(to.href, peer, ['http:']);
}

interface Once extends Answer {
  challenge: string | undefined;
  location: string | undefined;
}

function once(ask: Ask, peer: Peer, authorised: string | undefined): Promise<Once> {
  return new Promise((resolve, reject) => {
    const url = ask.url;
    const headers: Record<string, string | number> = { ...ask.headers, host: url.host, connection: 'close' };
    if (authorised !== undefined) headers.authorization = authorised;
    if (ask.body !== undefined) headers['content-length'] = Buffer.byteLength(ask.body);
    const outgoing = request({
      host: peer.ip,
      port: url.port || 80,
      path: url.pathname + url.search,
      method: ask.method,
      headers,
      agent: false,
      maxHeaderSize: 16_384,
    });
    const heard = () => (outgoing.socket?.bytesRead ?? 0) > 0;
    const end = (error: TroubleError) => {
      clearTimeout(timer);
      reject(error);
      outgoing.destroy();
    };
    const timer = setTimeout(() => end(new TroubleError('timeout', heard(), 'no whole answer in time')), ask.withinMs);
    outgoing.on('error', (error: NodeJS.ErrnoException) => end(troubleOf(error, heard())));
    outgoing.on('response', (incoming: IncomingMessage) => {
      const parts: Buffer[] = [];
      let size = 0;
      incoming.on('data', (part: Buffer) => {
        size += part.length;
        if (size > ask.maxBytes) end(new TroubleError('too-large', true, `answer over ${ask.maxBytes} bytes`));
        else parts.push(part);
      });
      incoming.on('error', (error: NodeJS.ErrnoException) => end(troubleOf(error, true)));
      incoming.on('end', () => {
        clearTimeout(timer);
        resolve({
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(parts),
          challenge: incoming.headers['www-authenticate'],
          location: incoming.headers.location,
        });
      });
    });
    outgoing.end(ask.body);
  });
}

/** A socket or parser error as the contract names it. A reset or a refusal is an answer: the host is there. */
export function troubleOf(error: NodeJS.ErrnoException, heard: boolean): TroubleError {
  const code = error.code ?? '';
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') {
    return new TroubleError('refused', true, code);
  }
  if (code === 'ETIMEDOUT') return new TroubleError('timeout', heard, code);
  if (/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EINVAL)$/.test(code)) {
    return new TroubleError('unreachable', heard, code);
  }
  if (/^HPE_|^ERR_INVALID/.test(code)) return new TroubleError('malformed', heard, code);
  return new TroubleError('failed', heard, code || error.message.slice(0, 100));
}
