import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Compile } from 'typebox/compile';
import { ReleaseKey } from '../../shared/wire/release.ts';

const keySchema = Compile(ReleaseKey);

/** Puts the public key of `file` into a package, where `setup` finds it. Throws when it is a private key, or none. */
export async function addReleaseKey(file: string, folder: string): Promise<void> {
  const data: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof data === 'object' && data !== null && 'd' in data)
    throw new Error(`${file} is a private key: give the public half, as release:key printed it`);
  if (!keySchema.Check(data)) throw new Error(`${file} is no public Ed25519 key (JWK)`);
  await writeFile(path.join(folder, 'release-key.json'), `${JSON.stringify(data)}\n`, { mode: 0o644 });
}
