import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A lock between processes of one machine: a file with the holder's process id, which is taken over when its holder is gone.
 * A process id alone does not tell that: a power cut leaves the file, and after the next start the same id may be another
 * program's. So the holder also writes, every few seconds, how long the machine has been up; the clock on the wall may be set.
 */

export interface Holder {
  pid: number;
  /** Uptime of the machine when the holder last wrote, seconds. */
  uptimeS: number;
  /** What the lock is held for. */
  what: string;
}

export interface Lock {
  /** Removes the file when it is still this process's. Synchronous, for the end of a process. */
  release(): void;
}

/** Another process holds the lock. */
export class LockHeldError extends Error {
  override name = 'LockHeldError';
  readonly holder: Holder;
  constructor(file: string, holder: Holder) {
    super(`${file} is held by process ${holder.pid}`);
    this.holder = holder;
  }
}

const BEAT_MS = 15_000;
/** A holder that has not written for so long is gone, and its id another program's, seconds. */
const STALE_S = 300;
/** The file is written over, never made shorter, so that a full disk cannot empty it. */
const BYTES = 128;
/** For a reader that comes between the making of the file and its first line. */
const REREAD_MS = 200;
const POLL_MS = 200;
const ATTEMPTS = 5;

/** Takes the lock at `file`, whose directory must be there. Throws LockHeldError, or what the file system says. */
export async function takeLock(file: string, what: string): Promise<Lock> {
  for (let attempt = 0; ; attempt++) {
    if (create(file, what)) return keep(file, what);
    const holder = await read(file);
    if (holder === 'gone') continue;
    if (holder && (isHeld(holder) || attempt >= ATTEMPTS)) throw new LockHeldError(file, holder);
    const other = moveAside(file, holder);
    if (other) throw new LockHeldError(file, other);
  }
}

export interface Wait {
  withinMs: number;
  signal?: AbortSignal;
  /** Called once, when the lock is not free at once. */
  onWait?: (holder: Holder) => void;
}

/** Takes the lock as soon as it is free. Throws LockHeldError after `withinMs` or when `signal` aborts. */
export async function waitForLock(file: string, what: string, { withinMs, signal, onWait }: Wait): Promise<Lock> {
  const until = performance.now() + withinMs;
  for (let waited = false; ; waited = true) {
    try {
      return await takeLock(file, what);
    } catch (error) {
      if (!(error instanceof LockHeldError) || performance.now() >= until || signal?.aborted) throw error;
      if (!waited) onWait?.(error.holder);
      await delay(POLL_MS, undefined, signal ? { signal } : {}).catch(() => {});
    }
  }
}

const line = (what: string): string =>
  JSON.stringify({ pid: process.pid, uptimeS: Math.round(uptime()), what } satisfies Holder).padEnd(BYTES);

/** False when there is such a file. */
function create(file: string, what: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'wx', 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(handle, line(what));
    closeSync(handle);
  } catch (error) {
    closeSync(handle);
    rmSync(file, { force: true });
    throw error;
  }
  return true;
}

function keep(file: string, what: string): Lock {
  const beat = setInterval(() => {
    // A lock that is not ours any more is left to the other; a disk that refuses says so elsewhere.
    if (parse(file)?.pid !== process.pid) return clearInterval(beat);
    void open(file, 'r+')
      .then(async (handle) => {
        await handle.write(line(what), 0);
        await handle.close();
      })
      .catch(() => {});
  }, BEAT_MS).unref();
  return {
    release: () => {
      clearInterval(beat);
      if (parse(file)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}

/** Who stands in the file; null when nobody does, which a crash can leave. */
async function read(file: string): Promise<Holder | null | 'gone'> {
  const first = parse(file);
  if (first) return first;
  await delay(REREAD_MS);
  const second = parse(file);
  return second === undefined ? 'gone' : second;
}

/** Undefined when there is no such file; null when it holds no holder. */
function parse(file: string): Holder | null | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { pid, uptimeS, what } = JSON.parse(text) as Partial<Holder>;
    return Number.isInteger(pid) && typeof uptimeS === 'number' ? { pid: pid!, uptimeS, what: String(what) } : null;
  } catch {
    return null;
  }
}

/** A file with this process's own id is from an earlier one that had the same. */
function isHeld({ pid, uptimeS }: Holder): boolean {
  const age = uptime() - uptimeS;
  return pid !== process.pid && age > -5 && age < STALE_S && isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}

/** Removes a stale file. When two processes find it stale, the slower one meets the quicker one's here: answers that. */
function moveAside(file: string, stale: Holder | null): Holder | undefined {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const found = parse(aside);
  if (found && found.pid !== stale?.pid && isHeld(found)) {
    renameSync(aside, file);
    return found;
  }
  rmSync(aside, { force: true });
  return undefined;
}
