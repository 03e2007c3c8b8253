import { setTimeout as delay } from 'node:timers/promises';

/**
 * The engine: keeps several streams full, drops the slow start, divides what arrived by the time that passed. It knows
 * nothing of HTTP or WebSockets; a `Source` does one download and tells it of every piece.
 */

/** Downloads once; calls `onBytes` for each piece of payload; resolves at the end of the file, throws when it fails. */
export type Source = (stream: number, onBytes: (bytes: number) => void, signal: AbortSignal) => Promise<void>;

export interface DownloadOptions {
  /** How long to measure from the first byte on, warmup included, seconds. */
  seconds: number;
  streams: number;
  /** The measurement ends once this many bytes came. */
  maxBytes: number;
  /** How long to wait for the first byte, ms. */
  firstByteMs: number;
  signal: AbortSignal;
}

export interface Download {
  /** Payload in the window, bytes. */
  bytes: number;
  /** Length of the window, seconds: from the end of the warmup to the end of the measurement. Stalls are part of it. */
  seconds: number;
  warmupSeconds: number;
  /** Payload since the start, warmup included, bytes. */
  totalBytes: number;
  /** Downloads that failed, and the last error; a failed stream begins anew. */
  failures: number;
  lastError: unknown;
  ended: 'time' | 'max-bytes' | 'no-byte' | 'all-failed' | 'aborted';
}

/** Longest slow start that is dropped, seconds; a short measurement drops a fifth of itself. */
const WARMUP_SECONDS = 2;
const WARMUP_SHARE = 0.2;
/** Pieces are booked in steps of this length, ms; the window begins at a step. */
const STEP_MS = 10;
/** Pause before a failed or empty download begins anew, ms: no server is hammered. */
const RETRY_MS = 100;
/** Failures in a row, before any byte came, after which a stream gives up. */
const MAX_FAILURES = 3;

export async function download(source: Source, options: DownloadOptions): Promise<Download> {
  const stop = new AbortController();
  const book = new Map<number, number>(); // step since the first byte -> bytes
  let ended: Download['ended'] = 'time';
  let firstAt: number | undefined;
  let endedAt = 0;
  let totalBytes = 0;
  let failures = 0;
  let lastError: unknown;
  let timer: NodeJS.Timeout;

  const end = (why: Download['ended']) => {
    if (stop.signal.aborted) return;
    ended = why;
    endedAt = performance.now();
    clearTimeout(timer);
    stop.abort();
  };
  const onAbort = () => end('aborted');
  const onBytes = (bytes: number) => {
    if (stop.signal.aborted || bytes === 0) return;
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      clearTimeout(timer);
      timer = setTimeout(end, options.seconds * 1000, 'time');
    }
    const step = Math.floor((now - firstAt) / STEP_MS);
    book.set(step, (book.get(step) ?? 0) + bytes);
    totalBytes += bytes;
    if (totalBytes >= options.maxBytes) end('max-bytes');
  };

  const stream = async (index: number) => {
    let inVain = 0;
    while (!stop.signal.aborted && (firstAt !== undefined || inVain < MAX_FAILURES)) {
      let came = 0;
      try {
        await source(
          index,
          (bytes) => {
            came += bytes;
            onBytes(bytes);
          },
          stop.signal,
        );
      } catch (error) {
        if (stop.signal.aborted) return;
        failures++;
        lastError = error;
        came = 0;
      }
      if (came > 0) continue;
      inVain++;
      await delay(RETRY_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  };

  timer = setTimeout(end, options.firstByteMs, 'no-byte');
  if (options.signal.aborted) onAbort();
  options.signal.addEventListener('abort', onAbort, { once: true });
  await Promise.all(Array.from({ length: options.streams }, (_, index) => stream(index)));
  end('all-failed');
  options.signal.removeEventListener('abort', onAbort);

  const elapsedMs = firstAt === undefined ? 0 : endedAt - firstAt;
  const warmupMs = Math.min(WARMUP_SECONDS * 1000, elapsedMs * WARMUP_SHARE);
  const firstStep = Math.ceil(warmupMs / STEP_MS);
  let bytes = 0;
  for (const [step, came] of book) if (step >= firstStep) bytes += came;
  const warmupSeconds = (firstStep * STEP_MS) / 1000;
  const seconds = Math.max(0, elapsedMs / 1000 - warmupSeconds);
  return { bytes, seconds, warmupSeconds, totalBytes, failures, lastError, ended };
}
