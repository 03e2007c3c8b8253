import path from 'node:path';
import fc from 'fast-check';
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_MANIFEST_BYTES,
  parseRelease,
  RELEASE_TYP,
  type Release,
  ReleaseError,
  signRelease,
  verifyRelease,
} from '../../../shared/wire/release.ts';
import { pathProblem, pathsProblem } from '../../../shared/wire/release-path.ts';

const digest = (letter: string) => letter.repeat(64);
const good: Release = {
  version: '1.2.0',
  createdAt: '2026-11-25T04:00:00.000Z',
  notes: 'Sửa lỗi',
  platforms: {
    'linux-x64': {
      entry: 'app/main.mjs',
      files: [
        { path: 'app/main.mjs', size: 10, sha256: digest('a') },
        { path: 'app/chunk-BWQ_1.mjs', size: 20, sha256: digest('b') },
      ],
    },
  },
};
const linux = good.platforms['linux-x64']!;
const withFiles = (files: unknown[], entry = 'app/main.mjs') => ({
  ...good,
  platforms: { 'linux-x64': { entry, files } },
});
const [main] = linux.files as [(typeof linux.files)[number]];

let key: JWK;
let publicKey: JWK;
let other: JWK;
const makeKey = async () =>
  exportJWK((await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).privateKey);
const signed = async (payload: string, header: object = { alg: 'EdDSA', typ: RELEASE_TYP }, by: JWK = key) =>
  new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader(header as { alg: string })
    .sign(await importJWK(by, 'EdDSA'));

beforeAll(async () => {
  key = await makeKey();
  other = await makeKey();
  publicKey = { kty: 'OKP', crv: 'Ed25519', x: key.x! };
});

describe('a signed release', () => {
  it('is read as it was signed', async () => {
    expect(await verifyRelease(await signRelease(good, key), publicKey)).toEqual(good);
  });

  it.each<[string, () => Promise<string>, ReleaseError['code']]>([
    ['is no JWS', async () => 'x', 'malformed'],
    ['is larger than anybody reads', async () => 'x'.repeat(MAX_MANIFEST_BYTES + 1), 'malformed'],
    [
      'bears the typ of a report',
      () => signed(JSON.stringify(good), { alg: 'EdDSA', typ: 'thdt-report+jws' }),
      'malformed',
    ],
    ['bears no typ', () => signed(JSON.stringify(good), { alg: 'EdDSA' }), 'malformed'],
    ['is signed by another key', () => signed(JSON.stringify(good), undefined, other), 'signature'],
    [
      'has another payload under the signature',
      async () => {
        const [head, , tail] = (await signRelease(good, key)).split('.');
        return [head, Buffer.from(JSON.stringify({ ...good, version: '9.9.9' })).toString('base64url'), tail].join('.');
      },
      'signature',
    ],
    [
      'says that it needs no signature',
      async () => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
        return `${part({ alg: 'none', typ: RELEASE_TYP })}.${part(good)}.`;
      },
      'malformed',
    ],
    ['is no JSON', () => signed('{'), 'invalid'],
    ['is null', () => signed('null'), 'invalid'],
    ['is no release', () => signed('{"version":"1.0.0"}'), 'invalid'],
  ])('that %s is refused', async (_, make, code) => {
    await expect(verifyRelease(await make(), publicKey)).rejects.toMatchObject({ name: 'ReleaseError', code });
  });

  it.each<[string, unknown, RegExp]>([
    ['a version with a path', { ...good, version: '../1.0.0' }, /version/],
    ['a version in capitals', { ...good, version: '1.0.0-RC.1' }, /version/],
    ['a version of two numbers', { ...good, version: '1.0' }, /version/],
    ['a version with build metadata', { ...good, version: '1.0.0+a' }, /version/],
    ['a version longer than health tells', { ...good, version: `1.0.0-${'a'.repeat(30)}` }, /version/],
    ['a day that is none', { ...good, createdAt: '2026-02-30T00:00:00.000Z' }, /createdAt/],
    ['no platform', { ...good, platforms: {} }, /platforms/],
    ['a platform that is none', { ...good, platforms: { '../x': linux } }, /platforms/],
    ['no file', withFiles([]), /files/],
    [
      'too many files',
      withFiles(Array.from({ length: MAX_FILES + 1 }, (_, n) => ({ ...main, path: `f${n}` }))),
      /files/,
    ],
    ['an entry that is no file', withFiles(linux.files, 'app/other.mjs'), /entry/],
    ['a size below zero', withFiles([{ ...main, size: -1 }]), /size/],
    ['a size that is no number', withFiles([{ ...main, size: '1' }]), /size/],
    ['a file too large', withFiles([{ ...main, size: MAX_FILE_BYTES + 1 }]), /size/],
    [
      'files too large together',
      withFiles([main, ...['b', 'c', 'd'].map((n) => ({ path: n, size: MAX_FILE_BYTES, sha256: digest(n) }))]),
      /bytes/,
    ],
    ['a digest in capitals', withFiles([{ ...main, sha256: digest('A') }]), /sha256/],
    ['a digest too short', withFiles([{ ...main, sha256: 'ab' }]), /sha256/],
    ['one digest with two sizes', withFiles([main, { ...main, path: 'app/b', size: 11 }]), /two sizes/],
    ['the same file twice', withFiles([main, { ...main, path: 'APP/Main.mjs' }]), /twice/],
    ['a file that is a folder', withFiles([main, { ...main, path: 'app/main.mjs/x' }]), /folder/],
    ['something more', { ...good, extra: 1 }, /./],
    ['something more in a file', withFiles([{ ...main, mode: 0o777 }]), /./],
  ])('with %s is refused, and says where', (_, data, says) => {
    expect(() => parseRelease(data)).toThrow(ReleaseError);
    expect(() => parseRelease(data)).toThrow(says);
  });
});

describe('paths of a release', () => {
  it.each([
    '..',
    '../a',
    'a/../b',
    './a',
    'a//b',
    'a/',
    '/a',
    '\\a',
    'a\\b',
    'C:/a',
    'c:a',
    'a:stream',
    'NUL',
    'app/con.mjs',
    'aux.',
    'Com1.txt',
    'lpt9',
    'a.',
    'a ',
    ' a',
    '.hidden',
    'a*',
    'a?',
    'a|b',
    'a\0b',
    'a\nb',
    '%2e%2e/a',
    'ｅ',
    '',
    Array.from({ length: 11 }, () => 'a').join('/'),
  ])('%j is refused', (bad) => {
    expect(pathProblem(bad)).not.toBeNull();
  });

  it('that pass stay below their folder on every system, whatever is tried', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', ':', 'c:', 'nul', 'CON', 'a', 'b.mjs', '~', '%', ' ', '\u0000', 'ẹ'),
      fc.string({ maxLength: 4 }),
    );
    let passed = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', '/'), (pieces, glue) => {
        const given = pieces.join(glue);
        if (pathProblem(given) !== null) return;
        passed++;
        for (const system of [path.posix, path.win32]) {
          const root = system === path.win32 ? 'C:\\v\\1.0.0' : '/v/1.0.0';
          const there = system.resolve(root, given);
          expect(there.startsWith(root + system.sep)).toBe(true);
          expect(system.relative(root, there).replaceAll('\\', '/')).toBe(given);
        }
      }),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(30);
  });

  it('two that pass together are two files on every system', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'a/b', 'A/b', 'a/B', 'a/b/c', 'b/a');
    fc.assert(
      fc.property(fc.array(name, { minLength: 2, maxLength: 3 }), (names) => {
        if (pathsProblem(names)) return;
        const low = names.map((one) => one.toLowerCase());
        expect(new Set(low).size).toBe(names.length);
        for (const one of low) for (const two of low) expect(two.startsWith(`${one}/`)).toBe(false);
      }),
    );
  });
});
