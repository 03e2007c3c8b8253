import { type Period, periodAt, timeInside } from '../../shared/calendar.ts';
import { refOf, type SampleRef } from '../compliance/rollup/sample-ref.ts';
import type { FactSample } from '../compliance/series.ts';

/** Camera incidents out of samples. Pure. */

/** `live`, `down` (clear evidence that there is no picture), or undefined: the sample does not tell. */
export type Liveness = 'live' | 'down' | undefined;
export interface Look {
  sample: FactSample;
  state: Liveness;
}

const DOWN: ReadonlySet<unknown> = new Set(['frozen', 'no-stream', 'unreachable']);

/** Whether the camera's picture could be seen, dark or not. auth and onvif-down: the agent could not look. */
export const isLook = ({ values: { state } }: FactSample): boolean =>
  state === 'live' || state === 'dark' || DOWN.has(state);

/**
 * What each sample says. A dark picture is a lamp that is off, at night as at a nap; it is a fault where the camera
 * showed nothing else in a whole school day.
 */
export function looksOf(samples: readonly FactSample[], periods: readonly Period[]): Look[] {
  const bright = new Set<Period | undefined>();
  for (const sample of samples) if (sample.values.state === 'live') bright.add(periodAt(periods, sample.at));
  return samples.map((sample) => {
    const { state } = sample.values;
    if (state === 'live') return { sample, state: 'live' };
    if (DOWN.has(state)) return { sample, state: 'down' };
    const period = periodAt(periods, sample.at);
    return { sample, state: state === 'dark' && period && !bright.has(period) ? 'down' : undefined };
  });
}

/** Looks without a picture, one after the other. */
export interface Outage {
  first: SampleRef;
  last: SampleRef;
  rounds: number;
  /** Times in which it was known to last, [from, to] each, in order and apart. */
  known: readonly (readonly [number, number])[];
  /** Until when its last look speaks where no other follows. */
  reach: number;
  /** First look with a picture again; null: none yet. */
  until: number | null;
}

/** A gap in measuring longer than three rounds adds nothing: what was not measured is not held against the school. */
const REACH_ROUNDS = 3;

/** The outages among looks in order of time. */
export function outagesOf(looks: readonly Look[], everyMs: number): Outage[] {
  const outages: Outage[] = [];
  for (const { sample, state } of looks) {
    if (state === undefined) continue;
    const open = outages.at(-1)?.until === null ? outages.pop() : undefined;
    if (state === 'live') {
      if (open) outages.push({ ...open, known: lasting(open, sample.at), until: sample.at });
      continue;
    }
    const last = refOf(sample);
    const reach = sample.at + REACH_ROUNDS * everyMs;
    if (open) outages.push({ ...open, last, rounds: open.rounds + 1, known: lasting(open, sample.at), reach });
    else outages.push({ first: last, last, rounds: 1, known: [], reach, until: null });
  }
  return outages;
}

/** The known time of an open outage once its next look, at `at`, is known. */
function lasting({ known, last, reach }: Outage, at: number): Outage['known'] {
  const to = Math.min(at, reach);
  const before = known.at(-1);
  if (before?.[1] !== last.at) return [...known, [last.at, to]];
  return [...known.slice(0, -1), [before[0], to]];
}

/** Outages before and after a joint. `next`: the first look after it that tells, if there is one. */
export function joinOutages(
  before: readonly Outage[],
  after: readonly Outage[],
  next: { at: number; isDown: boolean } | null,
): readonly Outage[] {
  const open = before.at(-1);
  if (!next || open?.until !== null) return [...before, ...after];
  const known = lasting(open, next.at);
  if (!next.isDown) return [...before.slice(0, -1), { ...open, known, until: next.at }, ...after];
  const [following, ...rest] = after as [Outage, ...Outage[]];
  const meets = following.known[0]?.[0] === known.at(-1)![1];
  const joined = meets
    ? [...known.slice(0, -1), [known.at(-1)![0], following.known[0]![1]] as const, ...following.known.slice(1)]
    : [...known, ...following.known];
  const { last, reach, until } = following;
  const rounds = open.rounds + following.rounds;
  return [...before.slice(0, -1), { first: open.first, last, rounds, known: joined, reach, until }, ...rest];
}

export interface CameraIncident {
  /** First sample without a picture. */
  from: number;
  /** First sample with a picture again; null while open. */
  to: number | null;
  /** State at the last sample of the incident. */
  state: string;
  /** School time during which it was known to be open, ms. Time in which nothing was measured is not counted. */
  openMs: number;
  /** The same in school days: each day's share of its own hours. */
  openPeriods: number;
  first: SampleRef;
  last: SampleRef;
}

/** Incidents of one camera: not live in at least two rounds and for at least `minMs` of school time. */
export function cameraIncidents(
  outages: readonly Outage[],
  periods: readonly Period[],
  minMs: number,
): CameraIncident[] {
  return outages.flatMap(({ first, last, rounds, known, until }) => {
    const { openMs, openPeriods } = schoolTime(periods, known);
    if (rounds < 2 || openMs < minMs) return [];
    return [{ from: first.at, to: until, state: String(last.state), openMs, openPeriods, first, last }];
  });
}

/** Time of the stretches inside the periods, in ms and in periods; of equal days it is one division, hence exact. */
function schoolTime(periods: readonly Period[], stretches: Outage['known']) {
  const byLength = new Map<number, number>();
  let index = 0;
  for (const [from, to] of stretches) {
    while (index < periods.length && periods[index]!.to <= from) index++;
    for (let next = index; next < periods.length && periods[next]!.from < to; next++) {
      const length = periods[next]!.to - periods[next]!.from;
      byLength.set(length, (byLength.get(length) ?? 0) + timeInside([periods[next]!], from, to));
    }
  }
  let openMs = 0;
  let openPeriods = 0;
  for (const [length, ms] of byLength) {
    openMs += ms;
    openPeriods += ms / length;
  }
  return { openMs, openPeriods };
}
