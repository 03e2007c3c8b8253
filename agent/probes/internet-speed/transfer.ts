import { setTimeout as delay } from 'node:timers/promises';
import { Arrivals } from './arrivals.ts';
import { type Estimate, estimate } from './estimate.ts';

/**
 * The engine: keeps several streams full in one direction until the rate is certain enough, and never longer than its
 * limits. It knows nothing of HTTP or WebSockets; a `Source` moves bytes and tells of every piece.
 */

/** Moves one file, either way; calls `onBytes` for each piece of payload; resolves at its end, throws when it fails. */
export type Source = (stream: number, onBytes: (bytes: number) => void, signal: AbortSignal) => Promise<void>;

export interface TransferOptions {
  streams: number;
  /** The rate rests on no less than this after the slow start, seconds. */
  minSeconds: number;
  /** From the first byte on, slow start included, seconds. */
  maxSeconds: number;
  maxBytes: number;
  /** Half of the 95 % confidence interval at which the rate is certain enough, share of the rate. */
  certainty: number;
  /** How long to wait for the first byte, ms. */
  firstByteMs: number;
  signal: AbortSignal;
}

export interface Transfer {
  /** Payload that the rate rests on, bytes, and how long that took, seconds. Stalls are part of it. */
  bytes: number;
  seconds: number;
  /** Slow start, left out of the rate, seconds. */
  rampSeconds: number;
  /** When that began and ended, ms of `performance.now()`. */
  from: number;
  to: number;
  /** Half of the 95 % confidence interval, share of the rate; infinite when nothing can be said. */
  halfWidth: number;
  /** Payload since the start, slow start included, bytes. */
  totalBytes: number;
  /** Streams that failed, and the last error; a failed stream begins anew. */
  failures: number;
  lastError: unknown;
  /** Silences of all streams together of STALL_MS or more. */
  stalls: number;
  stalledSeconds: number;
  /** Payload in each step of CURVE_MS from the first piece on, bytes. */
  curve: number[];
  ended: 'certain' | 'time' | 'max-bytes' | 'stalled' | 'no-byte' | 'all-failed' | 'aborted';
}

export const CURVE_MS = 250;
/** Grid on which the rate is estimated, and how often, ms. */
const STEP_MS = 50;
const CHECK_MS = 100;
/** The rate must be certain at this many checks in a row: at one it may be by chance. */
const SURE_CHECKS = 2;
/** A silence this long is a stall: TCP's own pauses (delayed acknowledgement, RFC 1122, 4.2.3.2) are shorter. */
const STALL_MS = 250;
/** Silent for this long, the transfer is over: no line that works pauses so long, and waiting tells no more. */
const GIVE_UP_MS = 5_000;
/** Pause before a failed or empty stream begins anew, ms: no server is hammered. */
const RETRY_MS = 100;
/** Failures in a row, before any byte came, after which a stream gives up. */
const MAX_FAILURES = 3;

export async function transfer(source: Source, options: TransferOptions): Promise<Transfer> {
  const stop = new AbortController();
  const arrivals = new Arrivals();
  let ended: Transfer['ended'] = 'time';
  let endedAt = 0;
  let failures = 0;
  let lastError: unknown;
  let beganAt: number | undefined;
  let sure = 0;
  let timer: NodeJS.Timeout | undefined;

  const end = (why: Transfer['ended']) => {
    if (stop.signal.aborted) return;
    ended = why;
    endedAt = performance.now();
    clearTimeout(timer);
    clearInterval(checking);
    stop.abort();
  };
  const onAbort = () => end('aborted');
  const checking = setInterval(() => {
    if (beganAt === undefined) return;
    const now = performance.now();
    if (arrivals.silentMs(now) >= GIVE_UP_MS) return end('stalled');
    const known = estimate(arrivals.steps(STEP_MS, knownUntil(arrivals, now)), STEP_MS);
    const enough = known.steps * STEP_MS >= options.minSeconds * 1000 && known.halfWidth <= options.certainty;
    sure = enough ? sure + 1 : 0;
    if (sure >= SURE_CHECKS) end('certain');
  }, CHECK_MS);
  const onBytes = (bytes: number) => {
    if (stop.signal.aborted || bytes === 0) return;
    const now = performance.now();
    if (beganAt === undefined) {
      beganAt = now;
      clearTimeout(timer);
      timer = setTimeout(end, options.maxSeconds * 1000, 'time');
    }
    arrivals.add(bytes, now);
    if (arrivals.totalBytes >= options.maxBytes) end('max-bytes');
  };

  const stream = async (index: number) => {
    let inVain = 0;
    while (!stop.signal.aborted && (beganAt !== undefined || inVain < MAX_FAILURES)) {
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

  const until = knownUntil(arrivals, endedAt);
  const { rampSteps, steps, bytes, halfWidth }: Estimate = estimate(arrivals.steps(STEP_MS, until), STEP_MS);
  const stalls = arrivals.stalls(STALL_MS, until);
  return {
    bytes: Math.round(bytes),
    seconds: (steps * STEP_MS) / 1000,
    from: (beganAt ?? endedAt) + rampSteps * STEP_MS,
    to: (beganAt ?? endedAt) + (rampSteps + steps) * STEP_MS,
    rampSeconds: (rampSteps * STEP_MS) / 1000,
    halfWidth,
    totalBytes: arrivals.totalBytes,
    failures,
    lastError,
    stalls: stalls.count,
    stalledSeconds: stalls.ms / 1000,
    curve: arrivals.steps(CURVE_MS, until),
    ended,
  };
}

/**
 * Until when the curve tells, ms since the first piece: until the last piece, because what is on its way has not arrived
 * yet; until now when nothing has come for so long that nothing was on its way.
 */
function knownUntil(arrivals: Arrivals, nowMs: number): number {
  const silent = arrivals.silentMs(nowMs);
  return arrivals.lastMs + (silent >= Math.max(STALL_MS, 4 * arrivals.meanGapMs) ? silent : 0);
}
