import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MAX_FILE_BYTES, SHA256_PATTERN } from '../../shared/wire/release.ts';
import { VERSION_PATTERN } from '../../shared/wire/release-path.ts';
import { fetchAnyFile, fetchManifest, UpgradeError } from './fetch-file.ts';

/**
 * Files of releases at a school's relay: fetched from the district once, however many PCs ask for them, verified by their
 * digest, kept on disk within a limit. Nothing of it is trusted by the PCs: they verify what they get.
 */

export interface CacheOptions {
  directory: string;
  /** Address of the collector, without a trailing slash. */
  collector: () => string;
  /** Most bytes on disk; the files that were longest not asked for make room. */
  maxBytes?: number;
  /** Longest that the fetching of one file may take, ms. */
  deadlineMs?: number;
  /** Different files fetched at once. */
  maxFetches?: number;
}

const DEFAULTS = { maxBytes: 400 * 1024 * 1024, deadlineMs: 15 * 60_000, maxFetches: 4 };
const MANIFEST_DEADLINE_MS = 15_000;
/** A manifest never changes; it is asked for again now and then all the same, should a bad one have been kept. */
const MANIFEST_KEPT_MS = 10 * 60_000;
const MAX_MANIFESTS = 8;
const DIGEST = new RegExp(SHA256_PATTERN);

export class ReleaseCache {
  readonly #options: CacheOptions & typeof DEFAULTS;
  readonly #fetching = new Map<string, Promise<void>>();
  readonly #manifests = new Map<string, { jws: Promise<string>; until: number }>();
  /** Files that are being sent: they are not removed meanwhile. */
  readonly #sending = new Map<string, number>();

  constructor(options: CacheOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The verified file, from disk or fetched now. Throws UpgradeError. */
  async file(sha256: string): Promise<{ size: number; stream: ReadStream }> {
    if (!DIGEST.test(sha256)) throw new UpgradeError('not-found', 'not a digest');
    const file = path.join(this.#options.directory, sha256);
    let found = await stat(file).catch(() => null);
    if (!found) {
      await this.#fetchOnce(sha256);
      found = await stat(file);
    }
    this.#sending.set(sha256, (this.#sending.get(sha256) ?? 0) + 1);
    const stream = createReadStream(file).once('close', () => {
      const left = (this.#sending.get(sha256) ?? 1) - 1;
      if (left === 0) this.#sending.delete(sha256);
      else this.#sending.set(sha256, left);
    });
    const now = new Date();
    await utimes(file, now, now).catch(() => {});
    return { size: found.size, stream };
  }

  /** The signed manifest, unverified: who asks has the key. Throws UpgradeError. */
  manifest(version: string): Promise<string> {
    const known = this.#manifests.get(version);
    if (known && performance.now() < known.until) return known.jws;
    const jws = fetchManifest(this.#options.collector(), version, AbortSignal.timeout(MANIFEST_DEADLINE_MS));
    this.#manifests.delete(version);
    this.#manifests.set(version, { jws, until: performance.now() + MANIFEST_KEPT_MS });
    for (const oldest of this.#manifests.keys()) {
      if (this.#manifests.size <= MAX_MANIFESTS) break;
      this.#manifests.delete(oldest);
    }
    jws.catch(() => {
      if (this.#manifests.get(version)?.jws === jws) this.#manifests.delete(version);
    });
    return jws;
  }

  /** One fetch for all who ask meanwhile. */
  #fetchOnce(sha256: string): Promise<void> {
    const under = this.#fetching.get(sha256);
    if (under) return under;
    if (this.#fetching.size >= this.#options.maxFetches)
      return Promise.reject(new UpgradeError('busy', `${this.#fetching.size} files are being fetched`));
    const work = this.#fetch(sha256).finally(() => this.#fetching.delete(sha256));
    this.#fetching.set(sha256, work);
    return work;
  }

  async #fetch(sha256: string): Promise<void> {
    const { directory, collector, deadlineMs } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const tmp = path.join(directory, `${randomUUID()}.tmp`);
    try {
      await fetchAnyFile(collector(), sha256, MAX_FILE_BYTES, tmp, AbortSignal.timeout(deadlineMs));
      await this.#makeRoom((await stat(tmp)).size);
      await rename(tmp, path.join(directory, sha256));
    } catch (error) {
      await rm(tmp, { force: true }).catch(() => {});
      throw error instanceof UpgradeError ? error : new UpgradeError('disk', (error as Error).message);
    }
  }

  /** Removes what was longest not asked for, and what an earlier process left unfinished. */
  async #makeRoom(needed: number): Promise<void> {
    const { directory, maxBytes } = this.#options;
    const files: { name: string; size: number; at: number }[] = [];
    for (const name of await readdir(directory)) {
      const found = await stat(path.join(directory, name)).catch(() => null);
      if (!found) continue;
      const isLeft = !DIGEST.test(name) && Date.now() - found.mtimeMs > this.#options.deadlineMs;
      if (isLeft) await rm(path.join(directory, name), { force: true });
      else if (DIGEST.test(name)) files.push({ name, size: found.size, at: found.mtimeMs });
    }
    let bytes = files.reduce((sum, { size }) => sum + size, 0) + needed;
    for (const { name, size } of files.sort((a, b) => a.at - b.at)) {
      if (bytes <= maxBytes) return;
      if (this.#sending.has(name)) continue;
      await rm(path.join(directory, name), { force: true });
      bytes -= size;
    }
    if (bytes > maxBytes) throw new UpgradeError('disk-full', 'the cache is full of files that are being sent');
  }
}

const FILE_URL = new RegExp(`^/api/v1/releases/files/(${SHA256_PATTERN.slice(1, -1)})$`);
const MANIFEST_URL = new RegExp(`^/api/v1/releases/(${VERSION_PATTERN.slice(1, -1)})/manifest$`);
const STATUS: Partial<Record<UpgradeError['code'], number>> = { 'not-found': 404, busy: 503, 'no-answer': 502 };
const RETRY_AFTER_SECONDS = 30;

/**
 * Answers `GET /api/v1/releases/*` from the cache, as a collector would. Resolves to false, and has answered nothing, for
 * any other request. Never rejects.
 */
export function releaseRoutes(cache: ReleaseCache) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const url = request.url ?? '';
    const sha256 = FILE_URL.exec(url)?.[1];
    const version = sha256 === undefined ? MANIFEST_URL.exec(url)?.[1] : undefined;
    if (request.method !== 'GET' || (sha256 === undefined && version === undefined)) return false;
    try {
      if (sha256 !== undefined) {
        const { size, stream } = await cache.file(sha256);
        response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
        await pipeline(stream, response);
      } else {
        const jws = await cache.manifest(version!);
        response.writeHead(200, { 'content-type': 'application/jose', 'content-length': Buffer.byteLength(jws) });
        response.end(jws);
      }
    } catch (error) {
      refuse(response, error);
    }
    return true;
  };
}

function refuse(response: ServerResponse, error: unknown): void {
  // Cut short, the other side sees that it has not all.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = (error instanceof UpgradeError && STATUS[error.code]) || 502;
  const code = status === 404 ? 'not-found' : 'not-ready';
  const message = status === 404 ? 'không có tệp này' : 'chưa lấy được tệp từ máy chủ của Phòng/Sở, hãy thử lại sau';
  if (status !== 404) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message } }));
}
