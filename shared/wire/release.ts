import { CompactSign, compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { pathsProblem, VERSION_PATTERN } from './release-path.ts';

/**
 * A release of the agent: which files a version has on each platform, signed with the release key (compact JWS, EdDSA over
 * Ed25519). That key signs nothing else, and neither an agent nor a collector has its private half.
 */

/** JWS header `typ`: a signature made for anything else is never taken for a release. */
export const RELEASE_TYP = 'thdt-release+jws';
/** Largest signed manifest that is read, bytes. */
export const MAX_MANIFEST_BYTES = 512 * 1024;
/** Most files of one platform, and the most bytes of one file and of all files of a platform. */
export const MAX_FILES = 200;
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_RELEASE_BYTES = 160 * 1024 * 1024;
const MAX_PLATFORMS = 8;

/** See `release-path.ts`. */
export const Version = Type.String({ maxLength: 32, pattern: VERSION_PATTERN });
export const SHA256_PATTERN = '^[0-9a-f]{64}$';

const closed = { additionalProperties: false };
export const ReleaseFile = Type.Object(
  {
    /** Below the version's folder, with `/`; see `release-path.ts`. */
    path: Type.String({ minLength: 1, maxLength: 180 }),
    /** Bytes. */
    size: Type.Integer({ minimum: 0, maximum: MAX_FILE_BYTES }),
    /** Hex. */
    sha256: Type.String({ pattern: SHA256_PATTERN }),
  },
  closed,
);
export type ReleaseFile = Static<typeof ReleaseFile>;

export const ReleasePlatform = Type.Object(
  {
    /** The file that is started; one of `files`. */
    entry: Type.String({ minLength: 1, maxLength: 180 }),
    files: Type.Array(ReleaseFile, { minItems: 1, maxItems: MAX_FILES }),
  },
  closed,
);
export type ReleasePlatform = Static<typeof ReleasePlatform>;

export const Release = Type.Object(
  {
    version: Version,
    createdAt: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
    /** For people: what is new. */
    notes: Type.String({ maxLength: 4000 }),
    /** By `process.platform`-`process.arch`: `win32-x64`, `linux-x64`, `linux-arm64`. */
    platforms: Type.Record(
      Type.String({ pattern: '^(?:win32|linux|darwin)-(?:x64|arm64|ia32|arm)$' }),
      ReleasePlatform,
      {
        minProperties: 1,
        maxProperties: MAX_PLATFORMS,
        additionalProperties: false,
      },
    ),
  },
  closed,
);
export type Release = Static<typeof Release>;

/** Public half of the release key: Ed25519 as JWK (RFC 8037). */
export const ReleaseKey = Type.Object(
  { kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) },
  closed,
);
export type ReleaseKey = Static<typeof ReleaseKey>;

const releaseSchema = Compile(Release);

/** `malformed`: no signed manifest; `signature`: not of this key; `invalid`: signed, and no release all the same. */
export class ReleaseError extends Error {
  override name = 'ReleaseError';
  readonly code: 'malformed' | 'signature' | 'invalid';
  constructor(code: ReleaseError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The release in `data`; throws ReleaseError `invalid` naming the first place that is wrong. */
export function parseRelease(data: unknown): Release {
  if (!releaseSchema.Check(data)) {
    const first = releaseSchema.Errors(data)[0];
    throw new ReleaseError('invalid', `${first?.instancePath || 'manifest'}: ${first?.message ?? 'wrong shape'}`);
  }
  const wrong = firstWrong(data);
  if (wrong !== undefined) throw new ReleaseError('invalid', wrong);
  return data;
}

function firstWrong({ createdAt, platforms }: Release): string | undefined {
  const at = new Date(createdAt);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== createdAt) return '/createdAt: no such date';
  const sizes = new Map<string, number>();
  for (const [platform, { entry, files }] of Object.entries(platforms)) {
    const place = `/platforms/${platform}`;
    const problem = pathsProblem(files.map(({ path }) => path));
    if (problem) return `${place}/files/${problem.index}/path: ${problem.why}`;
    if (!files.some(({ path }) => path === entry)) return `${place}/entry: not one of the files`;
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    if (bytes > MAX_RELEASE_BYTES) return `${place}/files: ${bytes} bytes, more than ${MAX_RELEASE_BYTES}`;
    for (const [index, { sha256, size }] of files.entries()) {
      if ((sizes.get(sha256) ?? size) !== size) return `${place}/files/${index}/size: one digest with two sizes`;
      sizes.set(sha256, size);
    }
  }
  return undefined;
}

/** Signs a release with the private Ed25519 JWK. Throws ReleaseError `invalid` for what no agent would take. */
export async function signRelease(release: Release, privateKey: JWK): Promise<string> {
  const key = await importJWK(privateKey, 'EdDSA');
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(parseRelease(release))))
    .setProtectedHeader({ alg: 'EdDSA', typ: RELEASE_TYP })
    .sign(key);
  if (jws.length > MAX_MANIFEST_BYTES) throw new ReleaseError('invalid', `more than ${MAX_MANIFEST_BYTES} bytes`);
  return jws;
}

/** Verifies signature and shape. Throws ReleaseError. */
export async function verifyRelease(jws: string, releaseKey: JWK): Promise<Release> {
  if (jws.length > MAX_MANIFEST_BYTES) throw new ReleaseError('malformed', `more than ${MAX_MANIFEST_BYTES} bytes`);
  try {
    const { alg, typ } = decodeProtectedHeader(jws);
    if (alg !== 'EdDSA' || typ !== RELEASE_TYP || jws.split('.').length !== 3) throw new Error('wrong header');
  } catch (error) {
    throw new ReleaseError('malformed', `not a signed release: ${(error as Error).message}`);
  }
  let payload: Uint8Array;
  try {
    ({ payload } = await compactVerify(jws, await importJWK(releaseKey, 'EdDSA'), { algorithms: ['EdDSA'] }));
  } catch {
    throw new ReleaseError('signature', 'the signature is not of the release key');
  }
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new ReleaseError('invalid', 'the signed text is not JSON');
  }
  return parseRelease(data);
}

/** Every file of a release once, by digest. */
export function filesOf(release: Release): Map<string, ReleaseFile> {
  const all = Object.values(release.platforms).flatMap(({ files }) => files);
  return new Map(all.map((file) => [file.sha256, file]));
}
