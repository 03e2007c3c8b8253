import { type Period, periodAt } from '../../../shared/calendar.ts';
import type { Policy } from '../policy.ts';
import type { JudgedSample } from '../series.ts';
import { type Bits, bitsOf, union } from './bits.ts';
import { refOf, type SampleRef, SHOWN } from './sample-ref.ts';

/** A look a minute is the closest that a device is watched. */
const FINEST_LOOK_MS = 60_000;

/** How one target answered in school hours. */
export interface Presence {
  /** Periods in which it answered. */
  answered: Bits;
  /** Looks at it, and those that it did not answer. */
  samples: number;
  misses: number;
  /** Newest sample. */
  last: SampleRef;
  /** Oldest first. */
  lastMisses: readonly SampleRef[];
  /** Time that it was on, drops included. */
  onMs: number;
  droppedMs: number;
  drops: number;
  /** First misses of the first drops. */
  firstDrops: readonly SampleRef[];
}

/** `samples`: those in school hours, at least one. `numberOf` numbers the periods. */
export function rollPresence(
  samples: readonly JudgedSample[],
  periods: readonly Period[],
  everyMs: number,
  policy: Pick<Policy, 'dropMinSeconds' | 'dropMaxSeconds'>,
  numberOf: (period: Period) => number,
): { presence: Presence; drops: SampleRef[] } {
  const answered = new Set<Period>();
  const misses: JudgedSample[] = [];
  for (const sample of samples)
    if (sample.ok) answered.add(periodAt(periods, sample.at)!);
    else misses.push(sample);
  const { onMs, droppedMs, drops } = findDrops(samples, periods, everyMs, policy);
  const starts = drops.map(refOf);
  const presence = {
    answered: bitsOf([...answered].map(numberOf)),
    samples: looksOf(samples),
    misses: looksOf(misses),
    last: refOf(samples.at(-1)!),
    lastMisses: misses.slice(-SHOWN).map(refOf),
    onMs,
    droppedMs,
    drops: starts.length,
    firstDrops: starts.slice(0, SHOWN),
  };
  return { presence, drops: starts };
}

const looksOf = (samples: readonly JudgedSample[]) => samples.reduce((sum, { looks }) => sum + looks, 0);

export const mergePresence = (a: Presence, b: Presence): Presence => ({
  answered: union(a.answered, b.answered),
  samples: a.samples + b.samples,
  misses: a.misses + b.misses,
  last: b.last,
  lastMisses: b.lastMisses.length === SHOWN ? b.lastMisses : [...a.lastMisses, ...b.lastMisses].slice(-SHOWN),
  onMs: a.onMs + b.onMs,
  droppedMs: a.droppedMs + b.droppedMs,
  drops: a.drops + b.drops,
  firstDrops: a.firstDrops.length === SHOWN ? a.firstDrops : [...a.firstDrops, ...b.firstDrops].slice(0, SHOWN),
});

/**
 * Time on and time dropped, ms, and the first miss of each drop. A drop is a run of misses between two answers of the
 * same period that lasted between the policy's two limits; a longer silence means that the device was off, and a gap in
 * measuring means nothing. It lasts from its first miss to one round after its last, or to the answer if that comes
 * first: an answer that never arrived does not lengthen it. A run without one confirmed miss may be the agent's own
 * trouble and is none. What is asked each five minutes may have been silent for fifteen where two answers are missing: only
 * a silence that cannot have been longer than the limit, give or take a minute, is a drop.
 */
function findDrops(
  samples: readonly JudgedSample[],
  periods: readonly Period[],
  everyMs: number,
  policy: Pick<Policy, 'dropMinSeconds' | 'dropMaxSeconds'>,
): { onMs: number; droppedMs: number; drops: JudgedSample[] } {
  let onMs = 0;
  let droppedMs = 0;
  const drops: JudgedSample[] = [];
  let previous: JudgedSample | undefined;
  let answer: JudgedSample | undefined;
  let misses: JudgedSample[] = [];
  let gap = false;
  for (const sample of samples) {
    gap ||= previous !== undefined && sample.at - previous.until > 2.5 * everyMs;
    if (sample.ok) {
      const miss = misses[0];
      if (answer && !gap && periodAt(periods, answer.at) === periodAt(periods, sample.at)) {
        const lasted = miss ? Math.min(sample.at, misses.at(-1)!.until + everyMs) - miss.at : 0;
        if (!miss) onMs += sample.at - answer.at;
        else if (
          lasted >= policy.dropMinSeconds * 1000 &&
          lasted <= policy.dropMaxSeconds * 1000 &&
          sample.at - answer.until <= policy.dropMaxSeconds * 1000 + Math.min(everyMs, FINEST_LOOK_MS) &&
          misses.some(({ confirmed }) => confirmed)
        ) {
          onMs += sample.at - answer.at;
          droppedMs += lasted;
          drops.push(miss);
        }
      }
      answer = sample;
      misses = [];
      gap = false;
    } else misses.push(sample);
    previous = sample;
  }
  return { onMs, droppedMs, drops };
}
