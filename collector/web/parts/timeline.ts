import { type Calendar, DEFAULT_CALENDAR, lastPeriods } from '../../../shared/calendar.ts';
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { CalendarShape, School } from '../../api/schemas/school.ts';

/**
 * The time axis that strips and the speed chart share. A school's axis holds its school hours only, day beside day:
 * nights are judged by no rule. The practice school's holds every minute.
 */
export interface Timeline {
  /** What is drawn, in order. The last may end after now. */
  stretches: readonly { from: number; to: number; left: number; width: number }[];
  /** Where the grid lines and their labels stand, per cent; labels are unlike one another. */
  ticks: readonly { left: number; label: string }[];
  /** Per cent of now. */
  now: number;
  /** Per cent of a moment, undefined outside the stretches. */
  place(at: number): number | undefined;
}

const MINUTE = 60_000;
const MOST_TICKS = 6;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440];

export function timelineOf(school: Pick<School, 'window' | 'policy'>, calendar?: CalendarShape): Timeline {
  const from = Date.parse(school.window.from);
  const to = Date.parse(school.window.to);
  const count = school.policy.find((entry) => entry.name === 'windowPeriods')?.value;
  const week: Calendar = { ...DEFAULT_CALENDAR, ...calendar };
  const days = school.window.unit === 'school-day' ? lastPeriods(week, 'school-day', to, Number(count) || 1) : [];
  const spans = days.length > 0 ? days : [{ from, to: Math.max(to, from + 1) }];
  const total = spans.reduce((sum, span) => sum + span.to - span.from, 0);
  let left = 0;
  const stretches = spans.map((span) => {
    const width = ((span.to - span.from) / total) * 100;
    left += width;
    return { ...span, left: left - width, width };
  });
  const place = (at: number) => {
    const found = stretches.find((stretch) => at >= stretch.from && at <= stretch.to);
    return found && found.left + ((at - found.from) / (found.to - found.from)) * found.width;
  };
  const ticks =
    days.length > 0
      ? stretches.map((stretch) => ({ left: stretch.left, label: formatDate(stretch.from).slice(0, 5) }))
      : minuteTicks(from, to).map((at) => ({ left: place(at)!, label: formatTime(at) }));
  return { stretches, ticks, now: place(to) ?? 100, place };
}

function minuteTicks(from: number, to: number): number[] {
  const minutes = (to - from) / MINUTE;
  const step = (STEPS.find((candidate) => minutes / candidate <= MOST_TICKS) ?? STEPS.at(-1)!) * MINUTE;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}
