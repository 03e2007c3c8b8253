import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextRun, runsOfDay } from '../../../agent/schedule/spread.ts';
import { type Calendar, DEFAULT_CALENDAR, localDay, schoolDaysBetween } from '../../../shared/calendar.ts';

const HOUR = 3_600_000;
/** Midnight of a day in Asia/Ho_Chi_Minh. */
const midnight = (date: string) => Date.parse(`${date}T00:00:00+07:00`);
const MONDAY = '2026-11-23';
const SUNDAY = '2026-11-22';
const day = (date: string) => localDay(DEFAULT_CALENDAR, midnight(date));
const withHours = (from: number, to: number): Calendar => ({
  ...DEFAULT_CALENDAR,
  week: DEFAULT_CALENDAR.week.map((hours) => hours && ([from, to] as const)),
});

describe('a school day', () => {
  test('has one run in each hour from its opening, and one after closing', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const runs = runsOfDay(DEFAULT_CALENDAR, 3600, seed, day(MONDAY));
        expect(runs).toHaveLength(11);
        const opening = midnight(MONDAY) + 7 * HOUR;
        runs.slice(0, 10).forEach(({ at, until }, hour) => {
          expect(Math.floor((at - opening) / HOUR)).toBe(hour);
          expect(until).toBe(opening + (hour + 1) * HOUR);
        });
        expect(runs[10]!.at).toBeGreaterThanOrEqual(midnight(MONDAY) + 17.5 * HOUR);
        expect(runs[10]!.at).toBeLessThan(midnight(MONDAY) + 20.5 * HOUR);
      }),
    );
  });

  test('of a rest shorter than half an interval has no run of its own, of a longer one it has', () => {
    const count = (to: number) => runsOfDay(withHours(420, to), 3600, 'a', day(MONDAY)).length;
    expect(count(10 * 60 + 20)).toBe(3 + 1);
    expect(count(10 * 60 + 40)).toBe(4 + 1);
    expect(count(7 * 60 + 10)).toBe(1 + 1);
    expect(count(24 * 60)).toBe(17);
  });

  test('is another for another agent, and for another day', () => {
    const minutes = (seed: string, date: string) =>
      runsOfDay(DEFAULT_CALENDAR, 3600, seed, day(date)).map(({ at }) => at - midnight(date));
    expect(minutes('a', MONDAY)).toEqual(minutes('a', MONDAY));
    expect(minutes('a', MONDAY)).not.toEqual(minutes('b', MONDAY));
    expect(minutes('a', MONDAY)).not.toEqual(minutes('a', '2026-11-24'));
    // A hundred schools do not measure in the same minute.
    const first = Array.from({ length: 100 }, (_, agent) => Math.floor(minutes(`agent-${agent}`, MONDAY)[0]! / 60_000));
    const busiest = Math.max(...[...Map.groupBy(first, (minute) => minute).values()].map((own) => own.length));
    expect(busiest).toBeLessThan(10);
  });
});

test('a day without school has one run, in daytime', () => {
  const closed = { ...DEFAULT_CALENDAR, closed: [{ from: MONDAY, to: MONDAY }] };
  for (const [calendar, date] of [
    [DEFAULT_CALENDAR, SUNDAY],
    [closed, MONDAY],
  ] as const) {
    const runs = runsOfDay(calendar, 3600, 'a', day(date));
    expect(runs).toHaveLength(1);
    expect(runs[0]!.at).toBeGreaterThanOrEqual(midnight(date) + 8 * HOUR);
    expect(runs[0]!.at).toBeLessThan(midnight(date) + 20 * HOUR);
  }
});

describe('the next run', () => {
  const next = (lastAt: number, now: number) => nextRun(DEFAULT_CALENDAR, 3600, 'a', lastAt, now);

  test('walks through two months, over weekends, without leaving one out or taking one twice', () => {
    const begin = midnight('2026-11-20');
    const end = midnight('2027-01-20');
    const seen: number[] = [];
    for (let at = next(begin, begin).at; at < end; at = next(at, at).at) seen.push(at);
    const school = schoolDaysBetween(DEFAULT_CALENDAR, begin, end).length;
    expect(seen).toHaveLength(school * 10 + 61);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });

  test('is the interval that is going on for who was asleep, and none that is over', () => {
    const runs = runsOfDay(DEFAULT_CALENDAR, 3600, 'a', day(MONDAY));
    const [first, second] = [runs[0]!, runs[1]!];
    // Asleep from before the first hour until the end of the second.
    expect(next(Number.NEGATIVE_INFINITY, second.until - 1)).toEqual(second);
    expect(next(first.at, second.until)).toEqual(runs[2]);
    // The clock goes back some minutes after the first run: it is not taken again.
    expect(next(first.at, first.at - 10 * 60_000)).toEqual(second);
  });
});
