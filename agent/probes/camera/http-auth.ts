import { createHash, randomBytes } from 'node:crypto';

/** HTTP Basic (RFC 7617) and Digest (RFC 7616) for one request, from the challenges of a 401. */

export interface Credentials {
  username: string;
  password: string;
}

export interface Challenge {
  scheme: 'basic' | 'digest';
  params: Record<string, string>;
}

const HASHES: Record<string, string> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** The challenges of a WWW-Authenticate header; several may stand in one line (RFC 9110, 11.6.1). */
export function challenges(header: string): Challenge[] {
  const starts = [...header.matchAll(/(?:^|,)\s*(Basic|Digest)(?=\s|,|$)/gi)];
  return starts.map((start, i) => {
    const text = header.slice(start.index + start[0].length, starts[i + 1]?.index);
    const params: Record<string, string> = {};
    for (const [, name, quoted, bare] of text.matchAll(/([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)) {
      params[name!.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
    }
    return { scheme: start[1]!.toLowerCase() as Challenge['scheme'], params };
  });
}

/**
 * The Authorization header that answers `header`, by the strongest scheme on offer: Digest SHA-256, Digest MD5, Basic.
 * Undefined when none of them is offered.
 */
export function authorization(
  header: string,
  { username, password }: Credentials,
  method: string,
  uri: string,
  cnonce: string = randomBytes(12).toString('hex'),
): string | undefined {
  const offered = challenges(header);
  const digest = ['SHA-256', 'MD5']
    .map((hash) => offered.find((c) => c.scheme === 'digest' && algorithmOf(c).replace(/-SESS$/, '') === hash))
    .find((c) => c !== undefined);
  if (digest) return digestAnswer(digest, username, password, method, uri, cnonce);
  if (!offered.some((c) => c.scheme === 'basic')) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const algorithmOf = (challenge: Challenge) => (challenge.params.algorithm || 'MD5').toUpperCase();

/** RFC 7616, 3.4: response = H(H(A1):nonce:nc:cnonce:qop:H(A2)), without the middle when no qop is offered. */
function digestAnswer(
  challenge: Challenge,
  username: string,
  password: string,
  method: string,
  uri: string,
  cnonce: string,
): string {
  const { realm = '', nonce = '', opaque, qop = '' } = challenge.params;
  const algorithm = algorithmOf(challenge);
  const hash = (text: string) =>
    createHash(HASHES[algorithm.replace(/-SESS$/, '')] ?? 'md5')
      .update(text)
      .digest('hex');
  let ha1 = hash(`${username}:${realm}:${password}`);
  if (algorithm.endsWith('-SESS')) ha1 = hash(`${ha1}:${nonce}:${cnonce}`);
  const ha2 = hash(`${method}:${uri}`);
  const withQop = qop.split(',').some((word) => word.trim() === 'auth');
  const middle = withQop ? `00000001:${cnonce}:auth:` : '';
  const parts = [
    `username="${quote(username)}"`,
    `realm="${quote(realm)}"`,
    `nonce="${quote(nonce)}"`,
    `uri="${quote(uri)}"`,
    `response="${hash(`${ha1}:${nonce}:${middle}${ha2}`)}"`,
  ];
  if (challenge.params.algorithm) parts.push(`algorithm=${challenge.params.algorithm}`);
  if (withQop) parts.push('qop=auth', 'nc=00000001', `cnonce="${cnonce}"`);
  else if (algorithm.endsWith('-SESS')) parts.push(`cnonce="${cnonce}"`);
  if (opaque !== undefined) parts.push(`opaque="${quote(opaque)}"`);
  return `Digest ${parts.join(', ')}`;
}

const quote = (text: string) => text.replace(/["\\]/g, '\\$&');
