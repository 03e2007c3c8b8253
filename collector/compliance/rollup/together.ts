import { localDay } from '../../../shared/calendar.ts';
import { type Bits, bitsOf } from './bits.ts';
import type { SampleRef } from './sample-ref.ts';

/** A drop that began within a round of another device's: it may be a whole room's. */
export interface DropStart {
  /** Key of the series that dropped. */
  key: string;
  miss: SampleRef;
  /** The series that had answered within two and a half rounds before, on the same day, by their places. */
  on: Bits;
  /** Place of each series that may be on, by key. */
  places: ReadonlyMap<string, number>;
}

export interface Answering {
  key: string;
  everyMs: number;
  /** First miss of each drop, oldest first. */
  drops: readonly SampleRef[];
  /** When it answered in school hours, oldest first. */
  answers: readonly number[];
}

/** The drops of a day that did not begin alone, oldest first. */
export function droppedTogether(devices: readonly Answering[], roundMs: number, utcOffsetMinutes: number): DropStart[] {
  const dayOf = (at: number) => localDay({ utcOffsetMinutes }, at);
  const places = new Map(devices.map(({ key }, index) => [key, index]));
  const starts = devices
    .flatMap(({ key, drops }) => drops.map((miss) => ({ key, miss, day: dayOf(miss.at) })))
    .sort((a, b) => a.miss.at - b.miss.at);
  return starts
    .filter(({ miss, day }, index) =>
      [starts[index - 1], starts[index + 1]].some(
        (near) => near !== undefined && near.day === day && Math.abs(near.miss.at - miss.at) < roundMs,
      ),
    )
    .map(({ key, miss, day }) => ({
      key,
      miss,
      places,
      on: bitsOf(
        devices.flatMap(({ answers, everyMs }, index) => {
          const last = lastUntil(answers, miss.at);
          return last !== undefined && last > miss.at - 2.5 * everyMs && dayOf(last) === day ? index : [];
        }),
      ),
    }));
}

/** The last of these moments, in order of time, that is not after `at`. */
function lastUntil(moments: readonly number[], at: number): number | undefined {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return moments[low - 1];
}
