import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, writeDurably } from './durable.ts';
import {
  isReportId,
  leftovers,
  namesIn,
  pendingDir,
  type Rejection,
  rejectedDir,
  reportsIn,
  SUFFIX,
} from './survey.ts';

/**
 * Signed reports on disk, one file each, from the moment they are made until the collector has acknowledged them.
 *
 * When it is full it keeps the old reports and takes no new ones. The old are the ones nobody else has any more: they
 * were measured in a time that will not come again, and a school that is cut off for weeks must still be able to prove
 * the weeks before. The newest measurement can be repeated as soon as there is room. Every refusal is counted.
 */

export interface SpoolLimits {
  maxPendingBytes: number;
  maxPendingFiles: number;
  maxRejectedBytes: number;
  maxRejectedFiles: number;
}
const MB = 1_000_000;
export const DEFAULT_LIMITS: SpoolLimits = {
  maxPendingBytes: 200 * MB,
  maxPendingFiles: 20_000,
  maxRejectedBytes: 50 * MB,
  maxRejectedFiles: 2_000,
};

/** The spool has no room, or the disk has none. */
export class SpoolFullError extends Error {
  override name = 'SpoolFullError';
}

/** One process owns a spool: open it once, and call `add`, `remove` and `setAside` from there only. */
export class Spool {
  readonly #pendingDir: string;
  readonly #rejectedDir: string;
  readonly #limits: SpoolLimits;
  /** Bytes by id, in the order of ids. */
  #pending = new Map<string, number>();
  readonly #rejected = new Map<string, number>();
  #pendingBytes = 0;
  #newest = '';
  #rejectedBytes = 0;

  private constructor(dataDir: string, limits: SpoolLimits) {
    this.#pendingDir = pendingDir(dataDir);
    this.#rejectedDir = rejectedDir(dataDir);
    this.#limits = limits;
  }

  /** Opens `<dataDir>/spool`, makes it if need be, and clears away what a crash left half done. */
  static async open(dataDir: string, limits: Partial<SpoolLimits> = {}): Promise<Spool> {
    const spool = new Spool(dataDir, { ...DEFAULT_LIMITS, ...limits });
    for (const dir of [spool.#pendingDir, spool.#rejectedDir]) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      for (const name of await leftovers(dir)) await rm(path.join(dir, name), { force: true });
    }
    for (const [id, bytes] of await reportsIn(spool.#pendingDir)) spool.#count(id, bytes);
    for (const [id, bytes] of await reportsIn(spool.#rejectedDir)) {
      spool.#rejected.set(id, bytes);
      spool.#rejectedBytes += bytes;
    }
    // A reason without its report: the crash came between the two steps of setAside; the report is still pending.
    for (const name of await namesIn(spool.#rejectedDir))
      if (name.endsWith('.json') && !spool.#rejected.has(name.slice(0, -5)))
        await rm(path.join(spool.#rejectedDir, name), { force: true });
    return spool;
  }

  get pending(): number {
    return this.#pending.size;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get rejected(): number {
    return this.#rejected.size;
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** Ids of unacknowledged reports, oldest first. */
  list(): string[] {
    return [...this.#pending.keys()];
  }

  /** The same without a copy, for a reader that stops early. */
  ids(): Iterable<string> {
    return this.#pending.keys();
  }

  /** Keeps a signed report; when it resolves, the report outlives a power cut. Throws SpoolFullError, or the disk's error. */
  async add(id: string, jws: string): Promise<void> {
    if (!isReportId(id)) throw new TypeError(`not a report id: ${id}`);
    const bytes = Buffer.byteLength(jws);
    if (this.#pending.size >= this.#limits.maxPendingFiles)
      throw new SpoolFullError(`${this.#pending.size} reports are waiting`);
    if (this.#pendingBytes + bytes > this.#limits.maxPendingBytes)
      throw new SpoolFullError(`${this.#pendingBytes} bytes are waiting`);
    try {
      await writeDurably(this.#pendingDir, id + SUFFIX, jws);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw new SpoolFullError(`the disk is full (${code})`);
      throw error;
    }
    this.#count(id, bytes);
  }

  /** The signed report. Null when its file is gone, which only a person at the disk can bring about. */
  async read(id: string): Promise<string | null> {
    try {
      return await readFile(path.join(this.#pendingDir, id + SUFFIX), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#forget(id);
      return null;
    }
  }

  /**
   * Deletes a report that the collector has acknowledged. Not synced: if a power cut brings the file back, it is sent
   * once more and the collector answers `duplicate`.
   */
  async remove(id: string): Promise<void> {
    await rm(path.join(this.#pendingDir, id + SUFFIX), { force: true });
    this.#forget(id);
  }

  /**
   * Moves a report that can never be accepted to `spool/rejected`, its reason beside it. Answers how many of the oldest
   * rejected were deleted to keep the rejected within bounds.
   */
  async setAside(id: string, code: string, message: string, at: Date = new Date()): Promise<number> {
    const bytes = this.#pending.get(id);
    if (bytes === undefined) return 0;
    const reason: Rejection = { id, code, message, at: at.toISOString() };
    // The reason first: a report among the rejected always has one.
    await writeDurably(this.#rejectedDir, `${id}.json`, `${JSON.stringify(reason)}\n`);
    await rename(path.join(this.#pendingDir, id + SUFFIX), path.join(this.#rejectedDir, id + SUFFIX));
    await syncDirectory(this.#rejectedDir);
    await syncDirectory(this.#pendingDir);
    this.#forget(id);
    this.#rejected.set(id, bytes);
    this.#rejectedBytes += bytes;
    return this.#boundRejected();
  }

  async #boundRejected(): Promise<number> {
    const { maxRejectedFiles, maxRejectedBytes } = this.#limits;
    const over: string[] = [];
    for (const id of [...this.#rejected.keys()].sort()) {
      if (this.#rejected.size <= maxRejectedFiles && this.#rejectedBytes <= maxRejectedBytes) break;
      this.#rejectedBytes -= this.#rejected.get(id) ?? 0;
      this.#rejected.delete(id);
      over.push(id);
    }
    for (const id of over) {
      await rm(path.join(this.#rejectedDir, id + SUFFIX), { force: true });
      await rm(path.join(this.#rejectedDir, `${id}.json`), { force: true });
    }
    return over.length;
  }

  #count(id: string, bytes: number): void {
    // Ids grow with time, but for a clock that was set back between two starts.
    const inOrder = id > this.#newest;
    this.#pending.set(id, bytes);
    this.#pendingBytes += bytes;
    if (inOrder) this.#newest = id;
    else this.#pending = new Map([...this.#pending].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #forget(id: string): void {
    this.#pendingBytes -= this.#pending.get(id) ?? 0;
    this.#pending.delete(id);
  }
}
