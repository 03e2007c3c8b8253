import { createHash } from 'node:crypto';
import { type Calendar, localDay, type Period, schoolDaysBetween } from '../../shared/calendar.ts';

/**
 * When a probe that fills the line runs: once in each interval of a school day, counted from the day's opening as the
 * collector counts its rounds, and once a day outside school hours. The minute is drawn by agent, day and interval, so
 * that a hundred schools do not measure at once and no school always at the same minute. Pure.
 */

export interface Run {
  /** The minute that was drawn, epoch ms. */
  at: number;
  /** End of its interval: who was asleep at `at` may still run until then. */
  until: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Outside school hours: for three hours from half an hour after closing, when nobody uses the line any more. */
const OFF_AFTER_MS = 30 * MINUTE;
const OFF_LENGTH_MS = 3 * HOUR;
/** On days without school, hours after midnight. */
const OFF_DAY = [8, 20] as const;
/** A rest of the day shorter than this share of an interval has no run of its own. */
const LEAST_REST = 0.5;

/** The first run after `lastAt` whose interval is not over at `now`. `seed`: the agent. */
export function nextRun(calendar: Calendar, everySeconds: number, seed: string, lastAt: number, now: number): Run {
  for (let day = localDay(calendar, now); ; day++) {
    const run = runsOfDay(calendar, everySeconds, seed, day).find(({ at, until }) => at > lastAt && until > now);
    if (run) return run;
  }
}

/** All runs of a local day (see `localDay`), in order of time. */
export function runsOfDay(calendar: Calendar, everySeconds: number, seed: string, day: number): Run[] {
  const midnight = day * DAY - calendar.utcOffsetMinutes * MINUTE;
  const [school] = schoolDaysBetween(calendar, midnight, midnight + DAY);
  const intervals: Period[] = school ? inHours(school, everySeconds * 1000) : [];
  const off = school
    ? { from: school.to + OFF_AFTER_MS, to: Math.min(school.to + OFF_AFTER_MS + OFF_LENGTH_MS, midnight + DAY) }
    : { from: midnight + OFF_DAY[0] * HOUR, to: midnight + OFF_DAY[1] * HOUR };
  if (off.to > off.from) intervals.push(off);
  return intervals.map(({ from, to }, index) => ({
    at: from + Math.floor((to - from) * drawn(`${seed}\n${day}\n${index}`)),
    until: to,
  }));
}

function inHours({ from, to }: Period, everyMs: number): Period[] {
  const intervals: Period[] = [];
  for (let at = from; at < to; at += everyMs) {
    const end = Math.min(at + everyMs, to);
    if (intervals.length === 0 || end - at >= everyMs * LEAST_REST) intervals.push({ from: at, to: end });
  }
  return intervals;
}

/** A fraction of [0, 1) that is the same for the same text. */
function drawn(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
