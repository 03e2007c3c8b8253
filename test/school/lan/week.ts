import type { FactSample } from '../../../collector/compliance/series.ts';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods, schoolDaysBetween } from '../../../shared/calendar.ts';
import type { Sample } from '../../../shared/wire/report.ts';
import { END, factOf, LOOKS, MINUTE } from '../../collector/compliance/school-week.ts';
import { DEVICES, NETWORK, pcId } from './devices.ts';
import type { LanSchool } from './network.ts';

/**
 * A week of the school of namespaces, from a Friday to the next, by a clock of its own: each step changes the network, the
 * agent looks at it then, and what it saw stands for every minute until the next step, because nothing changes between.
 */
export interface Step {
  /** Epoch ms. */
  at: number;
  what: string;
  does(school: LanSchool): void;
}

const room = (name: string) => DEVICES.filter(({ id }) => id.startsWith(`${name}-`)).map(({ id }) => id);
const [tin, nn] = [room('tin'), room('nn')];

/** Its port at the switch drops it now and then, three times in the week. */
export const FLAPPING = pcId('tin', 7);
/** Restarted twice in the middle of a lesson. */
export const RESTARTED = pcId('tin', 12);
/** From Tuesday on at another address. */
export const MOVED = pcId('tin', 5);
export const NEW_ADDRESS = NETWORK.leases.split('-')[0]!;
/** Another PC in its place from the second Thursday on. */
export const REPLACED = pcId('nn', 9);
export const NEW_MAC = '02:54:48:00:02:09';
/** Switched on for one lesson of the week. */
export const RARELY_ON = pcId('tin', 20);
/** The minutes for which the cable of the language room is out. */
export const CUT_MINUTES = 10;

/** `time` as HH:MM at the school. */
const at = (date: string, time: string) => Date.parse(`${date}T${time}:00+07:00`);
const lesson = (date: string, time: string, what: string, on: readonly string[], off: readonly string[]): Step => ({
  at: at(date, time),
  what,
  does: (school) => {
    school.off(off);
    school.on(on);
  },
});
const inTin = (date: string, time = '07:00') =>
  lesson(
    date,
    time,
    'a lesson in the computer room',
    tin.filter((id) => id !== RARELY_ON),
    nn,
  );
const inNn = (date: string) => lesson(date, '11:30', 'a lesson in the language room', nn, tin);
const nobody = (date: string, time: string) => lesson(date, time, 'nobody is here', [], [...tin, ...nn]);
/** The switch's port loses its link, for these PCs; then it has it again. */
const away = (date: string, from: string, until: string, ids: readonly string[]): Step[] => [
  { at: at(date, from), what: `${ids.join(', ')}: no link`, does: (school) => school.off(ids) },
  { at: at(date, until), what: `${ids.join(', ')}: a link again`, does: (school) => school.on(ids) },
];

export const WEEK: readonly Step[] = [
  nobody('2026-11-13', '07:00'),
  lesson('2026-11-13', '07:30', 'every PC of the computer room is on', tin, nn),
  inNn('2026-11-13'),
  nobody('2026-11-13', '16:00'),
  inTin('2026-11-16'),
  ...away('2026-11-16', '08:40', '08:46', [FLAPPING, RESTARTED]),
  inNn('2026-11-16'),
  {
    at: at('2026-11-16', '13:40'),
    what: 'the cable of the room is out',
    does: (school) => school.roomCable('nn', false),
  },
  { at: at('2026-11-16', '13:50'), what: 'the cable is in again', does: (school) => school.roomCable('nn', true) },
  {
    ...inTin('2026-11-17'),
    what: 'DHCP gave one PC another address overnight',
    does: (school) => {
      school.readdress(MOVED, NEW_ADDRESS);
      inTin('2026-11-17').does(school);
    },
  },
  ...away('2026-11-17', '08:00', '08:06', [FLAPPING, RESTARTED]),
  inNn('2026-11-17'),
  nobody('2026-11-18', '07:00'), // the teachers' day
  inTin('2026-11-19'),
  ...away('2026-11-19', '09:30', '09:35', [FLAPPING]),
  {
    ...inNn('2026-11-19'),
    what: 'one PC of the language room was replaced',
    does: (school) => {
      school.replace(REPLACED, NEW_MAC);
      inNn('2026-11-19').does(school);
    },
  },
  inTin('2026-11-20'),
  inNn('2026-11-20'),
];
/** Whole days; the teachers' day is kept on the Wednesday before. */
export const CALENDAR: Calendar = { ...DEFAULT_CALENDAR, closed: [{ from: '2026-11-18', to: '2026-11-18' }] };
export const DAYS = lastPeriods(CALENDAR, 'school-day', END, 10);
export const SCHOOL_DAYS = schoolDaysBetween(CALENDAR, at('2026-11-13', '00:00'), at('2026-11-21', '00:00'));

/** What the agent's rounds of each step found, by target. */
export interface Seen {
  step: Step;
  lan: ReadonlyMap<string, Sample>;
  printers: readonly Sample[];
}

/** Of the 07:00–17:00 of each day on which there was a step: a sample a device for five minutes, a look a minute. */
export function samplesOf(seen: readonly Seen[]): FactSample[] {
  const samples: FactSample[] = [];
  const days = [...new Set(seen.map(({ step }) => Math.floor((step.at + CALENDAR.utcOffsetMinutes * MINUTE) / DAY)))];
  for (const day of days) {
    const opens = day * DAY - CALENDAR.utcOffsetMinutes * MINUTE + OPENS;
    for (let from = opens; from < opens + OPEN; from += LOOKS * MINUTE) {
      for (const { id } of DEVICES) {
        const looks = Array.from({ length: LOOKS }, (_, n) => {
          const minute = from + n * MINUTE;
          return lookOf(minute, standing(seen, minute).lan.get(id)!);
        });
        samples.push(factOf(samples.length + 1, id, looks));
      }
      for (const sample of standing(seen, from).printers)
        samples.push({
          ...sample,
          id: samples.length + 1,
          reportId: `report-${from}`,
          agentId: 'agent-1',
          receivedAt: from + MINUTE,
          at: from,
        });
    }
  }
  return samples;
}

const DAY = 24 * 60 * MINUTE;
const OPENS = 7 * 60 * MINUTE;
const OPEN = 10 * 60 * MINUTE;
const standing = (seen: readonly Seen[], minute: number): Seen => seen.findLast(({ step }) => step.at <= minute)!;

/** A round of one look says in its summary what the look was. */
function lookOf(at: number, { reason, values }: Sample) {
  const { looks, everySeconds, sent, answered, drops, ...own } = values;
  return { at, answered: looks === '-' ? null : looks === '1', reason: reason as never, values: own };
}
