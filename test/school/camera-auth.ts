import { createHash } from 'node:crypto';

/** How a camera checks who asks. Written apart from the agent's own, so that one mistake cannot hide in both. */

export interface Login {
  username: string;
  password: string;
}

/** WS-UsernameToken with PasswordDigest = Base64(SHA-1(nonce + created + password)), Web Services Security 1.0, 3.1. */
export function passesToken(envelope: string, login: Login, nowMs: number, maxAgeMs: number): boolean {
  const element = (name: string) => new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(envelope)?.[1] ?? '';
  const created = element('Created');
  const username = element('Username')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
  const digest = createHash('sha1')
    .update(Buffer.from(element('Nonce'), 'base64'))
    .update(created + login.password)
    .digest('base64');
  const isFresh = Math.abs(Date.parse(created) - nowMs) <= maxAgeMs;
  return isFresh && username === login.username && element('Password') === digest;
}

/** RFC 7616, with qop=auth. */
export function passesDigest(
  header: string,
  login: Login,
  asked: { algorithm: 'MD5' | 'SHA-256'; nonce: string; method: string; uri: string },
): boolean {
  const part = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`).exec(header)?.[1] ?? '';
  const hash = (text: string) =>
    createHash(asked.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${login.username}:camera:${login.password}`);
  const ha2 = hash(`${asked.method}:${asked.uri}`);
  const expected = hash(`${ha1}:${asked.nonce}:${part('nc')}:${part('cnonce')}:auth:${ha2}`);
  return header.startsWith('Digest ') && part('nonce') === asked.nonce && part('response') === expected;
}

export function passesBasic(header: string, login: Login): boolean {
  return header === `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
}
