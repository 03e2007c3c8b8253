import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { type Release, ReleaseError, type ReleaseFile, signRelease } from '../../shared/wire/release.ts';
import { bundleAgent } from '../package/bundle.ts';

/**
 * `npm run -s release:make -- --key FILE --version V --out DIR [--notes TEXT] [--add FOLDER] [--platform P …]`: bundles the agent
 * and writes what a collector takes: `manifest.jws`, and every file under its digest in `files/`. `--add` puts what is in a
 * folder beside `app/`. The JavaScript is the same for every platform.
 */

export const MANIFEST = 'manifest.jws';
const PLATFORMS = ['win32-x64', 'linux-x64', 'linux-arm64'];
const USAGE =
  'usage: npm run -s release:make -- --key FILE --version V --out DIR [--notes TEXT] [--add FOLDER] [--platform P …]';

export interface MakeOptions {
  privateKey: JWK;
  version: string;
  /** Is made; must not hold a release yet. */
  out: string;
  notes?: string;
  add?: string;
  platforms?: readonly string[];
}

/** Throws ReleaseError for what no agent would take. */
export async function makeRelease(options: MakeOptions): Promise<Release> {
  const folder = await mkdtemp(path.join(tmpdir(), 'thdt-release-'));
  try {
    await bundleAgent(folder, { version: options.version });
    return await signFolder(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same of a bundle that is there: `folder`/app/main.mjs. */
export async function signFolder(folder: string, options: MakeOptions): Promise<Release> {
  const { privateKey, version, out, notes = '', add, platforms = PLATFORMS } = options;
  await mkdir(path.join(out, 'files'), { recursive: true });
  const files = await kept(path.join(folder, 'app'), 'app', out);
  if (add !== undefined) files.push(...(await kept(add, '', out)));
  const createdAt = new Date().toISOString();
  const one = { entry: 'app/main.mjs', files };
  const release = { version, createdAt, notes, platforms: Object.fromEntries(platforms.map((name) => [name, one])) };
  await writeFile(path.join(out, MANIFEST), await signRelease(release, privateKey), { flag: 'wx' });
  return release;
}

/** Copies every file below `folder` to its digest in `out`/files; `at`: its place in the release. */
async function kept(folder: string, at: string, out: string): Promise<ReleaseFile[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: ReleaseFile[] = [];
  for (const entry of names.filter((one) => one.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    const sha256 = hash.digest('hex');
    const place = path.posix.join(at, path.relative(folder, file).replaceAll(path.sep, '/'));
    files.push({ path: place, size: (await stat(file)).size, sha256 });
    await copyFile(file, path.join(out, 'files', sha256));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      key: { type: 'string' },
      version: { type: 'string' },
      out: { type: 'string' },
      notes: { type: 'string' },
      add: { type: 'string' },
      platform: { type: 'string', multiple: true },
    },
  });
  const { key, version, out, notes, add, platform } = values;
  if (!key || !version || !out) throw new TypeError('--key, --version and --out are needed');
  const privateKey = JSON.parse(await readFile(key, 'utf8')) as JWK;
  const release = await makeRelease({
    privateKey,
    version,
    out,
    ...(notes === undefined ? {} : { notes }),
    ...(add === undefined ? {} : { add }),
    ...(platform === undefined ? {} : { platforms: platform }),
  });
  const [{ files } = { files: [] }] = Object.values(release.platforms);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  process.stdout.write(`${out}: ${version}, ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB\n`);
}

if (import.meta.main)
  await main().catch((error: NodeJS.ErrnoException) => {
    const usage = error instanceof TypeError || error.code?.startsWith('ERR_PARSE_ARGS');
    if (!usage && !(error instanceof ReleaseError) && error.code === undefined) throw error;
    process.stderr.write(`release:make: ${error.message}${usage ? `\n${USAGE}` : ''}\n`);
    process.exit(usage ? 2 : 1);
  });
