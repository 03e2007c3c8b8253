import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TMP_SUFFIX } from './durable.ts';

/** Where the spool's files are, and a look at them that changes nothing (for `status`, beside a running agent). */

export const SUFFIX = '.jws';
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isReportId = (text: string): boolean => ID.test(text);
export const pendingDir = (dataDir: string): string => path.join(dataDir, 'spool', 'pending');
export const rejectedDir = (dataDir: string): string => path.join(dataDir, 'spool', 'rejected');

/** When a report with this id was made: the first 48 bits of a UUIDv7 are Unix milliseconds (RFC 9562, 5.7). */
export const madeAt = (id: string): Date => new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16));

/** Why a report was set aside. */
export interface Rejection {
  id: string;
  code: string;
  message: string;
  /** RFC 3339, the agent's clock. */
  at: string;
}

export interface Survey {
  pending: number;
  pendingBytes: number;
  /** When the oldest pending report was made, RFC 3339. */
  oldest: string | null;
  /** Oldest first. */
  rejected: Rejection[];
}

/** Report ids in `dir`, oldest first, with the size of each in bytes. A directory that is not there is empty. */
export async function reportsIn(dir: string): Promise<Map<string, number>> {
  const ids = (await namesIn(dir))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .filter(isReportId)
    .sort();
  const found = new Map<string, number>();
  for (const id of ids) {
    const size = await stat(path.join(dir, id + SUFFIX)).then(
      (stats) => stats.size,
      () => null,
    );
    if (size !== null) found.set(id, size);
  }
  return found;
}

/** Names of files that a crash left half written. */
export async function leftovers(dir: string): Promise<string[]> {
  return (await namesIn(dir)).filter((name) => name.endsWith(TMP_SUFFIX));
}

/** The spool as it lies on disk. */
export async function survey(dataDir: string): Promise<Survey> {
  const pending = await reportsIn(pendingDir(dataDir));
  const oldest = pending.keys().next().value;
  const rejected: Rejection[] = [];
  for (const id of (await reportsIn(rejectedDir(dataDir))).keys()) rejected.push(await rejectionOf(dataDir, id));
  return {
    pending: pending.size,
    pendingBytes: pending.values().reduce((sum, bytes) => sum + bytes, 0),
    oldest: oldest === undefined ? null : madeAt(oldest).toISOString(),
    rejected,
  };
}

async function rejectionOf(dataDir: string, id: string): Promise<Rejection> {
  try {
    return JSON.parse(await readFile(path.join(rejectedDir(dataDir), `${id}.json`), 'utf8'));
  } catch {
    return { id, code: 'unknown', message: 'không đọc được lý do', at: madeAt(id).toISOString() };
  }
}

export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
