/**
 * School time. A *period* is the unit in which data is counted: a school day for a school, a minute for the practice
 * school. Times are epoch milliseconds; a period is half open, [from, to).
 */
export interface Period {
  from: number;
  to: number;
}
export type PeriodUnit = 'school-day' | 'minute';

export interface Calendar {
  /** Minutes east of UTC. Asia/Ho_Chi_Minh has had +420 without daylight saving since 1975. */
  utcOffsetMinutes: number;
  /** Opening and closing in minutes after local midnight, by weekday (0 = Sunday … 6 = Saturday); null: closed. */
  week: readonly (readonly [number, number] | null)[];
  /** Local dates YYYY-MM-DD, first and last day included: holidays, summer. */
  closed: readonly { from: string; to: string }[];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SCHOOL_DAY = [7 * 60, 17 * 60] as const;
/** How far back periods are looked for: over a summer and a year's holidays. */
const MAX_LOOKBACK_DAYS = 400;

/** Monday to Friday 07:00–17:00 in Asia/Ho_Chi_Minh, Saturday and Sunday closed. */
export const DEFAULT_CALENDAR: Calendar = {
  utcOffsetMinutes: 420,
  week: [null, SCHOOL_DAY, SCHOOL_DAY, SCHOOL_DAY, SCHOOL_DAY, SCHOOL_DAY, null],
  closed: [],
};

/** The last `count` periods that have begun by `now`, oldest first, the current one last and whole. Fewer when a year holds fewer. */
export function lastPeriods(calendar: Calendar, unit: PeriodUnit, now: number, count: number): Period[] {
  if (unit === 'minute') {
    const current = Math.floor(now / MINUTE) * MINUTE;
    return Array.from({ length: count }, (_, index) => {
      const from = current - (count - 1 - index) * MINUTE;
      return { from, to: from + MINUTE };
    });
  }
  const today = localDay(calendar, now);
  const periods: Period[] = [];
  for (let day = today; periods.length < count && day > today - MAX_LOOKBACK_DAYS; day--) {
    const period = schoolDay(calendar, day);
    if (period && period.from <= now) periods.push(period);
  }
  return periods.reverse();
}

/** The school days that begin in [from, to), oldest first, at most MAX_LOOKBACK_DAYS of them. */
export function schoolDaysBetween(calendar: Calendar, from: number, to: number): Period[] {
  const periods: Period[] = [];
  const last = localDay(calendar, to);
  for (let day = localDay(calendar, from); day <= last && periods.length < MAX_LOOKBACK_DAYS; day++) {
    const period = schoolDay(calendar, day);
    if (period && period.from >= from && period.from < to) periods.push(period);
  }
  return periods;
}

/** Number of the local day that holds `at`, counted from 1970-01-01. */
export const localDay = ({ utcOffsetMinutes }: Pick<Calendar, 'utcOffsetMinutes'>, at: number): number =>
  Math.floor((at + utcOffsetMinutes * MINUTE) / DAY);

/** [from, to) cut at local midnights, oldest first. */
export function localDaysBetween(calendar: Pick<Calendar, 'utcOffsetMinutes'>, from: number, to: number): Period[] {
  const days: Period[] = [];
  for (let at = from; at < to; ) {
    const midnight = (localDay(calendar, at) + 1) * DAY - calendar.utcOffsetMinutes * MINUTE;
    days.push({ from: at, to: Math.min(midnight, to) });
    at = midnight;
  }
  return days;
}

/** Number of a period among all of its unit: the local day's, or the minute's since 1970. */
export const periodNumber = (
  calendar: Pick<Calendar, 'utcOffsetMinutes'>,
  unit: PeriodUnit,
  { from }: Pick<Period, 'from'>,
): number => (unit === 'minute' ? Math.floor(from / MINUTE) : localDay(calendar, from));

/** School hours of a local day; undefined on a day without. */
function schoolDay({ utcOffsetMinutes, week, closed }: Calendar, day: number): Period | undefined {
  const hours = week[new Date(day * DAY).getUTCDay()];
  const date = new Date(day * DAY).toISOString().slice(0, 10);
  if (!hours || closed.some((range) => date >= range.from && date <= range.to)) return undefined;
  const midnight = day * DAY - utcOffsetMinutes * MINUTE;
  return { from: midnight + hours[0] * MINUTE, to: midnight + hours[1] * MINUTE };
}

/** Midnight at the beginning of a local date YYYY-MM-DD, epoch ms. */
export const midnightOf = (date: string, utcOffsetMinutes = DEFAULT_CALENDAR.utcOffsetMinutes): number =>
  Date.parse(`${date}T00:00:00Z`) - utcOffsetMinutes * MINUTE;
/** Local date YYYY-MM-DD of a moment. */
export const dateOf = (at: number, utcOffsetMinutes = DEFAULT_CALENDAR.utcOffsetMinutes): string =>
  new Date(at + utcOffsetMinutes * MINUTE).toISOString().slice(0, 10);

/** Milliseconds of [from, to) that lie inside the periods. */
export function timeInside(periods: readonly Period[], from: number, to: number): number {
  let total = 0;
  for (const period of periods) total += Math.max(0, Math.min(period.to, to) - Math.max(period.from, from));
  return total;
}

/** The period that contains `at`, or undefined outside school hours. `periods` in order of time. */
export function periodAt(periods: readonly Period[], at: number): Period | undefined {
  let low = 0;
  let high = periods.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (periods[middle]!.to <= at) low = middle + 1;
    else high = middle;
  }
  const found = periods[low];
  return found && at >= found.from ? found : undefined;
}
