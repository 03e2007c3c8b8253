import Type, { type Static } from 'typebox';
import { type Calendar, DEFAULT_CALENDAR } from '../shared/calendar.ts';

/** School hours as a teacher writes them into the configuration. */

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const closed = { additionalProperties: false };
const Hours = Type.Union([
  Type.String({
    pattern: '^([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
    description: 'giờ mở và đóng, như "07:00-17:00"',
  }),
  Type.Null(),
]);
const LocalDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'ngày, như "2027-02-01"' });

export const CalendarConfig = Type.Object(
  {
    /** Hours of each day of the week; null: no school. A day that is left out keeps its default. */
    week: Type.Optional(
      Type.Object(
        {
          mon: Type.Optional(Hours),
          tue: Type.Optional(Hours),
          wed: Type.Optional(Hours),
          thu: Type.Optional(Hours),
          fri: Type.Optional(Hours),
          sat: Type.Optional(Hours),
          sun: Type.Optional(Hours),
        },
        closed,
      ),
    ),
    /** Holidays, first and last day included. */
    closed: Type.Optional(Type.Array(Type.Object({ from: LocalDate, to: LocalDate }, closed), { maxItems: 100 })),
  },
  closed,
);
export type CalendarConfig = Static<typeof CalendarConfig>;

/** What no pattern says; `at` is a JSON pointer below the calendar. */
export function calendarProblem(written: CalendarConfig = {}): { at: string; message: string } | undefined {
  for (const [day, hours] of Object.entries(written.week ?? {})) {
    const minutes = minutesOf(hours);
    if (minutes && minutes[1] <= minutes[0]) return { at: `/week/${day}`, message: 'giờ đóng phải sau giờ mở' };
  }
  for (const [index, { from, to }] of (written.closed ?? []).entries()) {
    const wrong = [from, to].find((date) => !isDate(date));
    if (wrong !== undefined) return { at: `/closed/${index}`, message: `không có ngày ${wrong}` };
    if (to < from) return { at: `/closed/${index}`, message: '"to" phải từ ngày "from" trở đi' };
  }
  return undefined;
}

/** JavaScript takes 31 February for 3 March. */
function isDate(date: string): boolean {
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}

export function readCalendar(written: CalendarConfig = {}): Calendar {
  const { week = {} } = written;
  return {
    ...DEFAULT_CALENDAR,
    week: DAYS.map((day, index) => {
      const hours = week[day];
      return hours === undefined ? DEFAULT_CALENDAR.week[index]! : minutesOf(hours);
    }),
    closed: written.closed ?? [],
  };
}

function minutesOf(hours: string | null | undefined): readonly [number, number] | null {
  if (hours === null || hours === undefined) return null;
  const [from, to] = hours.split('-').map((time) => {
    const [hour, minute] = time.split(':').map(Number) as [number, number];
    return hour * 60 + minute;
  }) as [number, number];
  return [from, to];
}
