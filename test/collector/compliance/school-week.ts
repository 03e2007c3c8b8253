import fc from 'fast-check';
import { type Look, summarise } from '../../../agent/probes/lan-reach/summary.ts';
import type { FactSample } from '../../../collector/compliance/series.ts';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods, type Period } from '../../../shared/calendar.ts';

/**
 * Two weeks of a computer room and a language room on a fake clock, minute by minute, as the agent's own summaries tell
 * of them: lessons, PCs and a printer that are switched off between them, a cable pulled for some minutes, a flapping
 * port of the switch, a holiday, new addresses by DHCP, a PC that is replaced, hours in which the agent itself is off;
 * access points, and laptops on Wi-Fi that are open for a part of the day. School is in the morning.
 */

export const MINUTE = 60_000;
/** Looks that make one sample. */
export const LOOKS = 5;
export const END = Date.parse('2026-11-20T17:00:00+07:00');
const MORNING = [7 * 60, 13 * 60] as const;
/** The teachers' day is kept on the Wednesday before. */
export const CALENDAR: Calendar = {
  ...DEFAULT_CALENDAR,
  week: [null, MORNING, MORNING, MORNING, MORNING, MORNING, null],
  closed: [{ from: '2026-11-18', to: '2026-11-18' }],
};
export const DAYS: readonly Period[] = lastPeriods(CALENDAR, 'school-day', END, 10);
export const DAY_MINUTES = 360;

export interface Drop {
  /** Minute of the time that the device is on, counted over all days. */
  at: number;
  minutes: number;
}
export interface Pc {
  /** Lessons of each day, in minutes after opening: switched on from, until. */
  lessons: readonly (readonly [number, number])[];
  /** Days on which nobody switches it on. */
  idleDays: readonly number[];
  /** From this day on another PC stands at its place and answers at its address; null: it stays. */
  replacedOn: number | null;
  /** From this day on it has another address. */
  movedOn: number | null;
}
/** Somebody's laptop: from which minute it is open, for how long, and the days on which it stays in its bag. */
export interface Laptop {
  from: number;
  minutes: number;
  idleDays: readonly number[];
  /** Round of each day in which its lid was just opened and nothing came back. */
  lid: number;
}
export interface Story {
  /** The first in the computer room, the second in the language room. */
  pcs: readonly Pc[];
  /** In the language room; asked through its own probe. */
  printer: Pc;
  laptops: readonly Laptop[];
  /** Hours in which the agent's own PC is off: day, first hour, hours. */
  agentOff: readonly (readonly [number, number, number])[];
  seed: number;
}

/** A lesson is at least 40 minutes; between two a device is off for more than the ten minutes that would be a drop. */
const lessonsOf = (leastPause: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: 40, max: 120 }), fc.integer({ min: leastPause, max: 90 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((pairs) => {
      let at = 7;
      const on: [number, number][] = [];
      for (const [length, pause] of pairs) {
        if (at + length > DAY_MINUTES - 5) break;
        on.push([at, at + length]);
        at += length + pause;
      }
      return on;
    });

const days = (maxLength: number) => fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { maxLength });
const pc = fc.record({
  lessons: lessonsOf(11),
  idleDays: days(4),
  replacedOn: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 6 }),
  movedOn: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 }),
});

export const stories: fc.Arbitrary<Story> = fc.record({
  pcs: fc.tuple(pc, pc),
  printer: fc.record({
    lessons: lessonsOf(11),
    idleDays: days(4),
    replacedOn: fc.constant(null),
    movedOn: fc.constant(null),
  }),
  laptops: fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 12 }).map((step) => step * 5),
      minutes: fc.integer({ min: 24, max: 55 }).map((rounds) => rounds * 5),
      idleDays: days(6),
      lid: fc.integer({ min: 0, max: 19 }),
    }),
    { maxLength: 3 },
  ),
  agentOff: fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 2 })),
    { maxLength: 3 },
  ),
  seed: fc.nat(1e6),
});

export const pcName = (index: number): string => `pc-${index + 1}`;
export const laptopName = (index: number): string => `wifi-laptop-${index + 1}`;

/** Minutes of school time (day × DAY_MINUTES + minute) in which a PC is on, by its story alone. */
export function minutesOn(pc: Pc): number[] {
  return DAYS.flatMap((_, day) =>
    pc.idleDays.includes(day)
      ? []
      : pc.lessons.flatMap(([from, to]) => Array.from({ length: to - from }, (__, n) => day * DAY_MINUTES + from + n)),
  );
}

/** What goes wrong in a story: minutes in which a device that is on does not answer. */
export interface Trouble {
  /** By PC. */
  pcs?: readonly ReadonlySet<number>[];
  printer?: ReadonlySet<number>;
  accessPoint?: ReadonlySet<number>;
  /** Questions of a laptop's round that get no answer beside those of every day. */
  air?: (laptop: number, day: number) => number;
}

/** Whether the agent itself runs in this minute of school time. */
export function isAgentOn({ agentOff }: Story, minute: number): boolean {
  const [day, hour] = [Math.floor(minute / DAY_MINUTES), Math.floor((minute % DAY_MINUTES) / 60)];
  return !agentOff.some(([on, first, hours]) => on === day && hour >= first && hour < first + hours);
}

/** What the agents send of these weeks. */
export function samplesOf(story: Story, trouble: Trouble = {}): FactSample[] {
  const samples: FactSample[] = [];
  const add = (probe: string, target: string, at: number, outcome: Sent, agentId = 'agent-1') =>
    samples.push({
      id: samples.length + 1,
      reportId: `report-${agentId}-${at}`,
      agentId,
      receivedAt: at + (LOOKS + 1) * MINUTE,
      ...{ probe, target, at, ok: outcome.ok, values: outcome.values },
      reason: outcome.ok ? null : (outcome.reason ?? 'timeout'),
    });
  const answering = (pc: Pc, away: ReadonlySet<number> = new Set()) => {
    const on = new Set(minutesOn(pc));
    return (minute: number) => on.has(minute) && !away.has(minute);
  };
  const devices: Device[] = [
    ...story.pcs.map((pc, index) => ({ id: pcName(index), pc, answers: answering(pc, trouble.pcs?.[index]) })),
    { id: 'ap-1', pc: null, answers: () => true },
    { id: 'ap-2', pc: null, answers: (minute) => !trouble.accessPoint?.has(minute) },
  ];
  const isPrinterOn = answering(story.printer, trouble.printer);
  for (const [day, { from }] of DAYS.entries())
    for (let minute = 0; minute < DAY_MINUTES; minute += LOOKS) {
      const at = from + minute * MINUTE;
      for (const [index, laptop] of story.laptops.entries())
        if (isOpen(laptop, day, minute)) {
          const lost = lostOf(story.seed, laptop, day, minute) + (trouble.air?.(index, day) ?? 0);
          const values = { sent: QUESTIONS, answered: Math.max(0, QUESTIONS - lost), gateway: '192.168.1.1' };
          add('wifi', laptopName(index), at, { ok: true, values }, `agent-laptop-${index}`);
        }
      if (!isAgentOn(story, day * DAY_MINUTES + minute)) continue;
      add('printer', 'in-1', at, { ok: isPrinterOn(day * DAY_MINUTES + minute), values: {} });
      for (const device of devices) add('lan-reach', device.id, at, summaryOf(device, day, minute));
    }
  return samples;
}

/** The sample that the agent makes of these looks, a minute apart, as the collector has it a minute after the last. */
export function factOf(id: number, target: string, looks: readonly Look[]): FactSample {
  const outcome = summarise(looks, { sent: 0, rttsMs: [] }, MINUTE / 1000);
  const { at } = looks[0]!;
  return {
    id,
    reportId: `report-${at}`,
    agentId: 'agent-1',
    receivedAt: looks.at(-1)!.at + MINUTE,
    probe: 'lan-reach',
    target,
    at,
    ok: outcome.ok,
    reason: outcome.ok ? null : outcome.reason,
    values: outcome.values,
  };
}

interface Sent {
  ok: boolean;
  reason?: string;
  values: Record<string, unknown>;
}
interface Device {
  id: string;
  pc: Pc | null;
  answers(minute: number): boolean;
  isReplaced?: boolean;
}

function summaryOf(device: Device, day: number, minute: number): Sent {
  const { pc, answers } = device;
  const isMoved = pc?.movedOn != null && day >= pc.movedOn;
  const looks = Array.from({ length: LOOKS }, (_, n): Look => {
    const at = DAYS[day]!.from + (minute + n) * MINUTE;
    const answered = answers(day * DAY_MINUTES + minute + n);
    // From the new one's first answer on the agent knows that the old one's silence tells nothing.
    device.isReplaced ||= answered && pc?.replacedOn != null && day >= pc.replacedOn;
    if (device.isReplaced) return { at, answered: null, reason: 'other-device', values: { mac: OTHER_MAC } };
    return {
      at,
      answered,
      reason: answered ? null : 'timeout',
      values: answered ? { method: 'arp', ...(isMoved ? { address: '192.168.1.140' } : {}) } : {},
    };
  });
  return summarise(looks, { sent: 0, rttsMs: [] }, MINUTE / 1000);
}

const QUESTIONS = 20;
export const isOpen = ({ from, minutes, idleDays }: Laptop, day: number, minute: number): boolean =>
  !idleDays.includes(day) && minute >= from && minute < from + minutes;

/** Of one round on a Wi-Fi in order: nothing at all while the lid opens, now and then a single question. */
function lostOf(seed: number, { from, lid }: Laptop, day: number, minute: number): number {
  const round = (minute - from) / LOOKS;
  if (round === lid) return QUESTIONS;
  return (seed + day * 7 + round) % 5 === 0 ? 1 : 0;
}

const OTHER_MAC = '02:00:00:00:00:99';

/** The same numbers for the same seed (Park and Miller), in [0, below). */
export function randomOf(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}
