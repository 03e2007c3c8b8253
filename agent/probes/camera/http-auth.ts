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

/** The user name cannot be said in the way that the camera asks for. */
export class UserNameError extends Error {
  override name = 'UserNameError';
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
 * Undefined when none of them is offered. A user name that no header can carry as it is goes by a Digest of
 * `charset=UTF-8` only, and never by a Basic that stands beside a Digest, which would show the password; throws
 * UserNameError then.
 */
export function authorization(
  header: string,
  { username, password }: Credentials,
  method: string,
  uri: string,
  cnonce: string = randomBytes(12).toString('hex'),
): string | undefined {
  const offered = challenges(header);
  const digests = ['SHA-256', 'MD5'].flatMap((hash) =>
    offered.filter((c) => c.scheme === 'digest' && algorithmOf(c).replace(/-SESS$/, '') === hash),
  );
  const digest = isLatin1(username) ? digests[0] : digests.find(takesUtf8);
  if (digests.length > 0 && !digest)
    throw new UserNameError('camera không nhận tên người dùng có dấu tiếng Việt: hãy đặt tên không dấu trên camera');
  if (digest) return digestAnswer(digest, username, password, method, uri, cnonce);
  if (!offered.some((c) => c.scheme === 'basic')) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);
/** What Node writes into a header, and what cameras without `charset` take. */
const isLatin1 = (text: string) => /^[\x20-\x7e\xa0-\xff]*$/.test(text);
/** RFC 7616, 3.3: the only charset that a server may name. */
const takesUtf8 = (challenge: Challenge) => challenge.params.charset?.toUpperCase() === 'UTF-8';

const algorithmOf = (challenge: Challenge) => (challenge.params.algorithm || 'MD5').toUpperCase();

/** RFC 7616, 3.4: response = H(H(A1):nonce:nc:cnonce:qop:H(A2)), without the middle when no qop is offered. */
function digestAnswer(
  challenge: Challenge,
  givenName: string,
  givenPassword: string,
  method: string,
  uri: string,
  cnonce: string,
): string {
  // RFC 7616, 4: with UTF-8 both are hashed in Normalization Form C.
  const form = (text: string) => (takesUtf8(challenge) ? text.toWellFormed().normalize('NFC') : text);
  const [username, password] = [form(givenName), form(givenPassword)];
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
    isAscii(username) || !takesUtf8(challenge) ? `username="${quote(username)}"` : `username*=${extended(username)}`,
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

/** RFC 8187, 3.2.1: what is no attr-char is percent-encoded UTF-8. */
const extended = (text: string) =>
  `UTF-8''${encodeURIComponent(text).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)}`;
