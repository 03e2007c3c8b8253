import { execFile } from 'node:child_process';
import { access, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Node's program for a machine that this is not, from the npm packages that the project itself is pinned to. */

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = { 'win-x64': 'bin/node.exe', 'linux-x64': 'bin/node', 'linux-arm64': 'bin/node' } as const;
export type NodePlatform = keyof typeof PROGRAM;

/**
 * Path of the program, fetched once into `folder`. The pinned version is held against the integrity in package-lock.json;
 * another `version` is taken as the registry gives it. Throws when it cannot be had, or is another.
 */
export async function nodeOf(platform: NodePlatform, folder: string, version?: string): Promise<string> {
  const name = `node-${platform}`;
  const lock = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const pinned = lock.packages[`node_modules/${name}`]!;
  const wanted = version ?? pinned.version;
  const place = path.join(folder, 'node', `${name}-${wanted}`);
  const program = path.join(place, 'package', PROGRAM[platform]);
  if (
    await access(program).then(
      () => true,
      () => false,
    )
  )
    return program;
  await mkdir(place, { recursive: true });
  const { stdout } = await run('npm', ['pack', `${name}@${wanted}`, '--json', '--pack-destination', place], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const packed = JSON.parse(stdout) as
    | { filename: string; integrity: string }[]
    | Record<string, { filename: string; integrity: string }>;
  const { filename, integrity } = Object.values(packed)[0]!;
  if (version === undefined && integrity !== pinned.integrity)
    throw new Error(`${name}@${wanted}: integrity ${integrity}, package-lock.json says ${pinned.integrity}`);
  await run('tar', ['-xzf', path.join(place, filename), '-C', place]);
  await access(program);
  return program;
}

interface Lock {
  packages: Record<string, { version: string; integrity: string }>;
}
