import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Writing a file so that after a crash it is there whole, or not at all. */

export const TMP_SUFFIX = '.tmp';

/**
 * Writes `name` in `dir`: temporary file beside it, fsync, rename, fsync of the directory. When it resolves, the file
 * outlives a power cut. On an error nothing of it stays. Throws what the file system says (ENOSPC, EACCES …).
 */
export async function writeDurably(dir: string, name: string, data: string, mode = 0o600): Promise<void> {
  const file = path.join(dir, name);
  const tmp = `${file}.${process.pid}${TMP_SUFFIX}`;
  try {
    const handle = await open(tmp, 'w', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(tmp, file);
  } catch (error) {
    await rm(tmp, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dir);
}

/** Makes renames and removals in `dir` last. Windows has no such call and refuses to open a directory. */
export async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
