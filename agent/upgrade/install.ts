import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { JWK } from 'jose';
import { type Release, ReleaseError, type ReleasePlatform, verifyRelease } from '../../shared/wire/release.ts';
import { syncDirectory } from '../spool/durable.ts';
import { fetchFile, fetchManifest, isThere, UpgradeError } from './fetch-file.ts';
import { isVersion, readCurrent } from './versions.ts';

/**
 * Brings a version into the folder of versions. It is made as `<version>.partial` and gets its name when every file in it is
 * the manifest's, so that whatever bears a version's name is whole. Broken off at any step, the next try goes on.
 */

export interface InstallOptions {
  dir: string;
  version: string;
  /** Address of the collector or of a relay, without a trailing slash. */
  base: string;
  releaseKey: JWK;
  /** `process.platform`-`process.arch` */
  platform: string;
  signal: AbortSignal;
  /** Told before each step, for tests that end the process there. */
  onStep?: (step: string) => void;
}

const PARTIAL = '.partial';
/** What the rest of the machine must keep, bytes. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** Answers the file to start, below the version's folder. Throws UpgradeError; a full disk leaves no partial behind. */
export async function install(options: InstallOptions): Promise<{ entry: string }> {
  const { dir, version } = options;
  try {
    return await fetchAll(options);
  } catch (error) {
    if (error instanceof UpgradeError && error.code !== 'disk-full') throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk-full';
    if (isFull) await rm(path.join(dir, version + PARTIAL), { recursive: true, force: true }).catch(() => {});
    throw error instanceof UpgradeError ? error : new UpgradeError(isFull ? 'disk-full' : 'disk', message);
  }
}

async function fetchAll({ dir, version, base, releaseKey, platform, signal, onStep = () => {} }: InstallOptions) {
  onStep('manifest');
  const { entry, files } = platformOf(await manifest(base, version, releaseKey, signal), version, platform);
  const whole = path.join(dir, version);
  const partial = whole + PARTIAL;
  onStep('prune');
  await mkdir(dir, { recursive: true, mode: 0o755 });
  await prune(dir, [version, version + PARTIAL]);
  if (await hasAll(files, whole)) return { entry };
  onStep('remove damaged');
  await rm(whole, { recursive: true, force: true });
  const missing: typeof files = [];
  for (const file of files) if (!(await isThere(file, partial))) missing.push(file);
  const { bavail, bsize } = await statfs(dir);
  const needed = missing.reduce((sum, { size }) => sum + size, 0);
  if (bavail * bsize < needed + SPARE_BYTES)
    throw new UpgradeError('disk-full', `${needed} bytes and some room needed, ${bavail * bsize} there`);
  for (const file of missing) {
    onStep(`file ${file.path}`);
    await fetchFile(base, file, partial, signal);
  }
  onStep('sync');
  for (const folder of foldersOf(files)) await syncDirectory(path.join(partial, folder));
  onStep('rename');
  await rename(partial, whole);
  onStep('sync name');
  await syncDirectory(dir);
  return { entry };
}

async function manifest(base: string, version: string, releaseKey: JWK, signal: AbortSignal): Promise<Release> {
  const jws = await fetchManifest(base, version, signal);
  return verifyRelease(jws, releaseKey).catch((error: unknown) => {
    throw error instanceof ReleaseError ? new UpgradeError('manifest', `${error.code}: ${error.message}`) : error;
  });
}

function platformOf(release: Release, version: string, platform: string): ReleasePlatform {
  if (release.version !== version)
    throw new UpgradeError('manifest', `asked for ${version}, signed is ${release.version}`);
  const found = Object.hasOwn(release.platforms, platform) ? release.platforms[platform] : undefined;
  if (!found) throw new UpgradeError('no-platform', `nothing for ${platform}`);
  return found;
}

async function hasAll(files: ReleasePlatform['files'], folder: string): Promise<boolean> {
  for (const file of files) if (!(await isThere(file, folder))) return false;
  return true;
}

/** Every folder of the files, deepest first, with the top one last. */
function foldersOf(files: ReleasePlatform['files']): string[] {
  const folders = new Set(['']);
  for (const { path: file } of files)
    for (let at = path.posix.dirname(file); at !== '.'; at = path.posix.dirname(at)) folders.add(at);
  return [...folders].sort((a, b) => b.length - a.length);
}

/** Removes versions that are neither current, nor the one before, nor in `keep`. */
export async function prune(dir: string, keep: readonly string[] = []): Promise<void> {
  const { version, previous } = readCurrent(dir);
  const kept = new Set<string | null | undefined>([version, previous?.version, ...keep]);
  for (const { name } of await readdir(dir, { withFileTypes: true })) {
    const base = name.endsWith(PARTIAL) ? name.slice(0, -PARTIAL.length) : name;
    if (isVersion(base) && !kept.has(name)) await rm(path.join(dir, name), { recursive: true, force: true });
  }
}
