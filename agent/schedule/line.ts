import path from 'node:path';
import type { AnyProbe } from '../probes/probe.ts';
import { type Holder, type Lock, LockHeldError, waitForLock } from '../process-lock.ts';

/**
 * The line is measured by one process at a time: a heavy probe of `once` beside one of a running agent would read half the
 * speed twice. `line.lock` in the data directory says who is measuring.
 */

export type OnLine<T> =
  | { result: T }
  /** Another process was measuring all the while; `work` did not run. */
  | { busy: Holder };

export interface LineOptions {
  dataDir: string;
  probe: AnyProbe;
  signal: AbortSignal;
  /** Another process is measuring; its turn is waited for, as long as one target of the probe may take. */
  onWait?: (holder: Holder) => void;
  /** The lock cannot be kept on this disk; `work` runs without. */
  onNoLock?: (error: Error) => void;
}

/** Runs `work` alone on the line when the probe is heavy, at once when it is not. */
export async function onLine<T>(options: LineOptions, work: () => Promise<T>): Promise<OnLine<T>> {
  const { dataDir, probe, signal, onWait, onNoLock } = options;
  if (!probe.heavy) return { result: await work() };
  let lock: Lock | undefined;
  try {
    lock = await waitForLock(path.join(dataDir, 'line.lock'), probe.name, {
      withinMs: probe.deadlineMs,
      signal,
      ...(onWait === undefined ? {} : { onWait }),
    });
  } catch (error) {
    if (error instanceof LockHeldError) return { busy: error.holder };
    // Without a data directory no agent runs on it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onNoLock?.(error as Error);
  }
  try {
    return { result: await work() };
  } finally {
    lock?.release();
  }
}
