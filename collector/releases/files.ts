import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { v7 as uuidv7 } from 'uuid';
import { Problem } from '../api/errors.ts';

/** Files of releases under their digests: written as they come, and there whole or not at all. */

const place = (directory: string, sha256: string) => path.join(directory, sha256.slice(0, 2), sha256);

export const hasFile = async (
  directory: string,
  { sha256, size }: { sha256: string; size: number },
): Promise<boolean> => (await stat(place(directory, sha256)).catch(() => null))?.size === size;

/** Keeps `body`, which must be of that size and digest; when it resolves it outlives a power cut. Throws Problem. */
export async function keepReleaseFile(
  directory: string,
  { sha256, size }: { sha256: string; size: number },
  body: Readable,
): Promise<void> {
  const file = place(directory, sha256);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const tmp = `${file}.${uuidv7()}.tmp`;
  const handle = await open(tmp, 'wx', 0o600);
  try {
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of body) {
        bytes += (chunk as Buffer).length;
        if (bytes > size) throw new Problem('too-large', `tệp dài hơn ${size} byte mà bản kê đã ký nêu`);
        hash.update(chunk as Buffer);
        await handle.writeFile(chunk as Buffer);
      }
      if (bytes !== size || hash.digest('hex') !== sha256)
        throw new Problem('input-invalid', 'nội dung tệp không khớp mã băm trong bản kê đã ký: hãy chọn lại đúng tệp');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(tmp, file);
  } catch (error) {
    await rm(tmp, { force: true });
    throw error;
  }
}

/** The kept bytes and their number; null when they are not here. */
export async function openReleaseFile(
  directory: string,
  sha256: string,
): Promise<{ size: number; stream: ReadStream } | null> {
  const file = place(directory, sha256);
  const found = await stat(file).catch(() => null);
  return found && { size: found.size, stream: createReadStream(file) };
}
