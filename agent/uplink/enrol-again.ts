import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EnrolError } from './enrol.ts';
import type { Identity } from './identity.ts';

/** Enrolling without a person, again and again with growing waits. */

export interface EnrolWaits {
  /** The first try is drawn within this time: the PCs of a room are switched on together. */
  spreadMs: number;
  /** Waits between tries double from the first to the last. */
  minMs: number;
  maxMs: number;
}
export const ENROL_WAITS: EnrolWaits = { spreadMs: 5_000, minMs: 5_000, maxMs: 900_000 };

export interface EnrolAgainOptions {
  log: Logger;
  signal: AbortSignal;
  waits?: EnrolWaits | undefined;
  random?: (() => number) | undefined;
  /** Hears of each failure; true: it is of no use to try again. */
  failed: (error: EnrolError) => boolean;
}

/** What `attempt` answers in the end; null when `signal` aborted or a failure was final. What is no EnrolError is thrown. */
export async function enrolAgain<T extends Identity | null>(
  attempt: () => Promise<T>,
  { log, signal, waits = ENROL_WAITS, random = Math.random, failed }: EnrolAgainOptions,
): Promise<T | null> {
  let waitMs = waits.spreadMs * random();
  for (let failures = 0; !signal.aborted; failures++) {
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EnrolError)) throw error;
      log.warn({ code: error.code, why: error.message }, 'not enrolled');
      if (failed(error)) return null;
    }
    const step = Math.min(waits.maxMs, waits.minMs * 2 ** Math.min(failures, 30));
    waitMs = step * (0.5 + 0.5 * random());
  }
  return null;
}
