import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { ReleaseKey } from '../../shared/wire/release.ts';

const keySchema = Compile(ReleaseKey);

/** The public release key in a file. Throws TypeError that names the file; a private key is refused, it must not lie here. */
export function readReleaseKey(file: string): ReleaseKey {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TypeError(`--release-key ${file}: ${code ?? 'not JSON'}`);
  }
  if (typeof data === 'object' && data !== null && 'd' in data)
    throw new TypeError(
      `--release-key ${file}: a private key: keep it elsewhere, give the public half that release:key printed`,
    );
  if (!keySchema.Check(data)) throw new TypeError(`--release-key ${file}: not a public Ed25519 key as JWK`);
  return data;
}
