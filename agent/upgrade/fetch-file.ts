import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { MAX_MANIFEST_BYTES, type ReleaseFile } from '../../shared/wire/release.ts';

/** Files of a release over HTTP: nothing is kept that is not what the manifest says, and nothing is read past its size. */

/** Why an upgrade could not be prepared; the message tells the rest. */
export type UpgradeProblem =
  | 'no-answer'
  | 'not-found'
  | 'manifest'
  | 'no-platform'
  | 'digest'
  | 'too-large'
  | 'busy'
  | 'disk-full'
  | 'disk';

export class UpgradeError extends Error {
  override name = 'UpgradeError';
  readonly code: UpgradeProblem;
  constructor(code: UpgradeProblem, message: string) {
    super(message);
    this.code = code;
  }
}

/** The address's body as it comes. Redirects are refused: a captive portal redirects everything. Throws UpgradeError. */
async function* body(url: string, maxBytes: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    const response = await fetch(url, { redirect: 'manual', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new UpgradeError(response.status === 404 ? 'not-found' : 'no-answer', `HTTP ${response.status}`);
    }
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new UpgradeError('too-large', `more than ${maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof UpgradeError) throw error;
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw new UpgradeError('no-answer', cause instanceof Error ? cause.message || cause.name : String(cause));
  }
}

/** The signed manifest of a version, unverified. */
export async function fetchManifest(base: string, version: string, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body(`${base}/api/v1/releases/${version}/manifest`, MAX_MANIFEST_BYTES, signal))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Fetches `file` to its path below `folder`; when it resolves it is there whole and outlives a power cut. */
export async function fetchFile(base: string, file: ReleaseFile, folder: string, signal: AbortSignal): Promise<void> {
  const target = path.join(folder, file.path);
  await mkdir(path.dirname(target), { recursive: true });
  const bytes = await fetchAnyFile(base, file.sha256, file.size, target, signal);
  if (bytes !== file.size) throw new UpgradeError('digest', `${file.path}: not the size of the manifest`);
}

/** The same by digest alone. Answers the number of bytes; what is not of that digest is left at `target`, and thrown. */
export async function fetchAnyFile(
  base: string,
  sha256: string,
  maxBytes: number,
  target: string,
  signal: AbortSignal,
): Promise<number> {
  const handle = await open(target, 'w', 0o644);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of body(`${base}/api/v1/releases/files/${sha256}`, maxBytes, signal)) {
      hash.update(chunk);
      bytes += chunk.length;
      await handle.writeFile(chunk);
    }
    if (hash.digest('hex') !== sha256) throw new UpgradeError('digest', `${path.basename(target)}: another digest`);
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Whether the file at its path below `folder` is the one of the manifest. */
export async function isThere(file: ReleaseFile, folder: string): Promise<boolean> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path.join(folder, file.path), { end: file.size })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } catch {
    return false;
  }
  return bytes === file.size && hash.digest('hex') === file.sha256;
}
