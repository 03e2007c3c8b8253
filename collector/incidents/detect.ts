import { type Period, periodAt, timeInside } from '../../shared/calendar.ts';
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
  first: FactSample;
  last: FactSample;
}

/**
 * Incidents of one camera: not live in at least two rounds and for at least `minMs` of school time. A gap in measuring
 * longer than three rounds adds nothing: what was not measured is not held against the school.
 */
export function cameraIncidents(
  looks: readonly Look[],
  periods: readonly Period[],
  everyMs: number,
  minMs: number,
): CameraIncident[] {
  const incidents: CameraIncident[] = [];
  let open: { first: FactSample; last: FactSample; rounds: number; stretches: [number, number][] } | undefined;
  const close = (to: number | null) => {
    if (!open) return;
    const { first, last, rounds, stretches } = open;
    open = undefined;
    const { openMs, openPeriods } = schoolTime(periods, stretches);
    if (rounds < 2 || openMs < minMs) return;
    incidents.push({ from: first.at, to, state: String(last.values.state), openMs, openPeriods, first, last });
  };
  let lastAt: number | undefined;
  for (const { sample, state } of looks) {
    if (state === undefined) continue;
    if (open && lastAt !== undefined) open.stretches.push([lastAt, Math.min(sample.at, lastAt + 3 * everyMs)]);
    lastAt = sample.at;
    if (state === 'live') close(sample.at);
    else if (open) {
      open.rounds++;
      open.last = sample;
    } else open = { first: sample, last: sample, rounds: 1, stretches: [] };
  }
  close(null);
  return incidents;
}

/** Time of the stretches inside the periods, in ms and in periods; of equal days it is one division, hence exact. */
function schoolTime(periods: readonly Period[], stretches: readonly [number, number][]) {
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
