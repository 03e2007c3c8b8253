import type { Period } from '../../../shared/calendar.ts';
import { cameraIncidents, isLook, joinOutages, looksOf, type Outage, outagesOf } from '../../incidents/detect.ts';
import type { FactSample } from '../series.ts';
import { type Bits, union } from './bits.ts';
import { refOf, type SampleRef, SHOWN } from './sample-ref.ts';

/** What the looks at one camera told. */
export interface Camera {
  /** Periods and rounds in which the agent could look. */
  lookedIn: Bits;
  lookedRounds: number;
  /** State of the newest sample that was no look; empty: none that could be one; null: there is no such sample. */
  blindState: string | null;
  /** Looks that tell whether there is a picture, and those without one. */
  known: number;
  down: number;
  firstKnown: { at: number; isDown: boolean } | null;
  lastKnown: { sample: SampleRef; isDown: boolean } | null;
  /** Oldest first. */
  lastDown: readonly SampleRef[];
  /** Those that are, or may still become, an incident. */
  outages: readonly Outage[];
}

/** `rounds` counts the rounds of samples, by period. */
export function rollCamera(
  samples: readonly FactSample[],
  periods: readonly Period[],
  everyMs: number,
  minMs: number,
  rounds: (samples: readonly FactSample[]) => { periods: Bits; rounds: number },
): Camera {
  const looks = looksOf(samples, periods);
  const known = looks.filter(({ state }) => state !== undefined);
  const down = known.filter(({ state }) => state === 'down');
  const first = known[0];
  const last = known.at(-1);
  const blind = samples.findLast((sample) => !isLook(sample));
  const seen = rounds(samples.filter(isLook));
  return {
    lookedIn: seen.periods,
    lookedRounds: seen.rounds,
    blindState: blind ? (refOf(blind).state ?? '') : null,
    known: known.length,
    down: down.length,
    firstKnown: first ? { at: first.sample.at, isDown: first.state === 'down' } : null,
    lastKnown: last ? { sample: refOf(last.sample), isDown: last.state === 'down' } : null,
    lastDown: down.slice(-SHOWN).map(({ sample }) => refOf(sample)),
    outages: outagesOf(known, everyMs).filter(
      (outage, index) =>
        // At an edge another day may make more of it.
        outage.until === null ||
        (index === 0 && first!.state === 'down') ||
        cameraIncidents([outage], periods, minMs).length > 0,
    ),
  };
}

export const mergeCamera = (a: Camera, b: Camera): Camera => ({
  lookedIn: union(a.lookedIn, b.lookedIn),
  lookedRounds: a.lookedRounds + b.lookedRounds,
  blindState: b.blindState ?? a.blindState,
  known: a.known + b.known,
  down: a.down + b.down,
  firstKnown: a.firstKnown ?? b.firstKnown,
  lastKnown: b.lastKnown ?? a.lastKnown,
  lastDown: b.lastDown.length === SHOWN ? b.lastDown : [...a.lastDown, ...b.lastDown].slice(-SHOWN),
  outages: joinOutages(a.outages, b.outages, b.firstKnown),
});
