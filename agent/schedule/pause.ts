import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeDurably } from '../spool/durable.ts';

/**
 * A person wants the line for something else: an exam, a broadcast. Until then nothing heavy is measured, and what is
 * under way ends. `pause.json` in the data directory; one that is damaged or absurd pauses nothing.
 */

const FILE = 'pause.json';
export const MAX_PAUSE_MS = 24 * 3_600_000;
/** A clock that is set back by less ends no pause of a whole day. */
const SLACK_MS = 3_600_000;
const LOOK_MS = 1_000;

export async function pause(dataDir: string, until: number): Promise<void> {
  // Readable by all: root may pause what runs under an account of its own.
  await writeDurably(dataDir, FILE, JSON.stringify({ until: new Date(until).toISOString() }), 0o644);
}

/** Whether there was one. */
export async function resume(dataDir: string, now = Date.now()): Promise<boolean> {
  const paused = (await pausedUntil(dataDir, now)) !== null;
  await rm(path.join(dataDir, FILE), { force: true });
  return paused;
}

/** Epoch ms; null when nothing is paused. */
export async function pausedUntil(dataDir: string, now = Date.now()): Promise<number | null> {
  try {
    const { until } = JSON.parse(await readFile(path.join(dataDir, FILE), 'utf8')) as { until?: unknown };
    const at = typeof until === 'string' ? Date.parse(until) : Number.NaN;
    // Further away than anybody can ask for: a clock was wrong when it was written.
    return at > now && at - now <= MAX_PAUSE_MS + SLACK_MS ? at : null;
  } catch {
    return null;
  }
}

/** Runs `work` with a signal that aborts when somebody pauses, or `signal` does. Not at all while paused: 'paused'. */
export async function unlessPaused<T>(
  dataDir: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'paused'> {
  if ((await pausedUntil(dataDir)) !== null) return 'paused';
  const paused = new AbortController();
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: over.signal }).catch(() => {});
      if (!over.signal.aborted && (await pausedUntil(dataDir)) !== null) return paused.abort();
    }
  })();
  try {
    const done = await work(AbortSignal.any([signal, paused.signal]));
    return paused.signal.aborted ? 'paused' : done;
  } finally {
    over.abort();
    await looking;
  }
}
