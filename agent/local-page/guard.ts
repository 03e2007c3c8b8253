import type { IncomingMessage } from 'node:http';

/** What a request must be before anything of it is read. Pure. */

export interface Refusal {
  status: number;
  code: string;
  message: string;
}

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message });

/** Null when the request may come from the page itself, or from a person who types its address. */
export function refuse(request: Pick<IncomingMessage, 'method' | 'headers'>, port: number): Refusal | null {
  const { method = '', headers } = request;
  const { host, origin } = headers;
  // A name that another site's owner points at 127.0.0.1 makes its pages this page's own origin (DNS rebinding).
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return refusal(421, 'wrong-host', 'Trang này chỉ mở bằng địa chỉ 127.0.0.1 trên chính máy này.');
  if (method !== 'GET' && method !== 'POST') return refusal(405, 'method', 'Cách gọi này không được dùng.');
  const site = headers['sec-fetch-site'];
  const isNavigation = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation)
    return refusal(403, 'foreign-site', 'Trang khác không được dùng trang này.');
  if (origin !== undefined && origin !== `http://${host}`)
    return refusal(403, 'foreign-site', 'Trang khác không được dùng trang này.');
  if (method === 'GET') return null;
  // Browsers send it with every POST; without it nobody knows which page asks.
  if (origin === undefined) return refusal(403, 'no-origin', 'Yêu cầu không nói nó đến từ trang nào.');
  // A form of another site can send other types without asking first, JSON it cannot.
  if (!/^application\/json(;|$)/.test(headers['content-type'] ?? ''))
    return refusal(415, 'not-json', 'Yêu cầu phải là JSON.');
  return null;
}

/** Sent with every answer. Nothing from elsewhere, nothing in a frame, nothing kept. */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

/** The value of one cookie of a request; undefined when there is none. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  return header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
