import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { Problem } from '../api/errors.ts';

/** Files of evidence: PDF, pictures and DOCX, known by their content, kept under their digest, never run. */

/** Largest file, bytes: a scanned minute of some pages. */
export const MAX_EVIDENCE_BYTES = 10 * 1024 * 1024;
const TYPES: ReadonlyMap<string, string> = new Map([
  ['application/pdf', 'pdf'],
  ['image/jpeg', 'jpg'],
  ['image/png', 'png'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
]);

export interface KeptFile {
  type: string;
  bytes: number;
  digest: string;
}

/** Keeps the bytes; when it resolves they outlive a power cut. Throws Problem for what is none of the types. */
export async function keepFile(directory: string, data: Buffer): Promise<KeptFile> {
  const found = await fileTypeFromBuffer(data).catch(() => undefined);
  if (!found || !TYPES.has(found.mime))
    throw new Problem('input-invalid', 'chỉ nhận tệp PDF, ảnh JPEG hoặc PNG, văn bản DOCX (xét theo nội dung tệp)');
  const digest = createHash('sha256').update(data).digest('hex');
  const folder = join(directory, digest.slice(0, 2));
  const file = join(folder, digest);
  if ((await stat(file).catch(() => null))?.size !== data.length) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const tmp = `${file}.${process.pid}.tmp`;
    const handle = await open(tmp, 'w', 0o600);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(tmp, file).catch(async (error: unknown) => {
      await rm(tmp, { force: true });
      throw error;
    });
  }
  return { type: found.mime, bytes: data.length, digest };
}

/** The kept bytes. Throws Problem `not-found` when they are gone. */
export async function openFile(directory: string, digest: string): Promise<ReadStream> {
  const file = join(directory, digest.slice(0, 2), digest);
  if (!(await stat(file).catch(() => null))) throw new Problem('not-found', 'tệp minh chứng không còn trên máy chủ');
  return createReadStream(file);
}

/** A name fit for a file of that type, whatever was typed: no path, no control characters, the right ending. */
export function fileName(given: string, type: string): string {
  const ending = TYPES.get(type) ?? 'bin';
  const base = (given.split(/[\\/]/).at(-1) ?? '')
    .normalize('NFC')
    .replaceAll(/[\p{C}:*?"<>|]+/gu, ' ')
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
  return `${base || 'minh-chung'}.${ending}`;
}
