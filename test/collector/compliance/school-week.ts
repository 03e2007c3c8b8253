import fc from 'fast-check';
import { type Look, summarise } from '../../../agent/probes/lan-reach/summary.ts';
import type { FactSample } from '../../../collector/compliance/series.ts';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods, type Period } from '../../../shared/calendar.ts';

/**
 * Two weeks of a computer room on a fake clock, minute by minute, as the agent's own summaries tell of them: lessons,
 * PCs that are switched off between them, a cable pulled for some minutes, a flapping port of the switch, a holiday, new
 * addresses by DHCP, a PC that is replaced, hours in which the agent itself is off.
 */

export const MINUTE = 60_000;
/** Looks that make one sample. */
export const LOOKS = 5;
export const END = Date.parse('2026-11-20T17:00:00+07:00');
/** The teachers' day is kept on the Wednesday before. */
export const CALENDAR: Calendar = { ...DEFAULT_CALENDAR, closed: [{ from: '2026-11-18', to: '2026-11-18' }] };
export const DAYS: readonly Period[] = lastPeriods(CALENDAR, 'school-day', END, 10);
const DAY_MINUTES = 600;

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
export interface Story {
  pcs: readonly Pc[];
  /** Hours in which the agent's own PC is off: day, first hour, hours. */
  agentOff: readonly (readonly [number, number, number])[];
  seed: number;
}

/** A lesson is at least 40 minutes; between two a PC is off for more than the ten minutes that would be a drop. */
const lessons = fc
  .array(fc.tuple(fc.integer({ min: 40, max: 120 }), fc.integer({ min: 13, max: 90 })), { minLength: 1, maxLength: 4 })
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

export const stories: fc.Arbitrary<Story> = fc.record({
  pcs: fc.array(
    fc.record({
      lessons,
      idleDays: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { maxLength: 4 }),
      replacedOn: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 6 }),
      movedOn: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 }),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  agentOff: fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 2 })),
    { maxLength: 3 },
  ),
  seed: fc.nat(1e6),
});

export const pcName = (index: number): string => `pc-${index + 1}`;

/** Minutes of school time (day × 600 + minute) in which a PC is on, by its story alone. */
export function minutesOn(pc: Pc): number[] {
  return DAYS.flatMap((_, day) =>
    pc.idleDays.includes(day)
      ? []
      : pc.lessons.flatMap(([from, to]) => Array.from({ length: to - from }, (__, n) => day * DAY_MINUTES + from + n)),
  );
}

/** What the agent sends of these weeks; `gone`: minutes in which a device that is on does not answer, by PC. */
export function samplesOf(story: Story, gone: readonly ReadonlySet<number>[] = []): FactSample[] {
  const samples: FactSample[] = [];
  const devices = [
    ...story.pcs.map((pc, index) => {
      const on = new Set(minutesOn(pc));
      const away = gone[index] ?? new Set();
      return {
        id: pcName(index),
        pc,
        isReplaced: false,
        answers: (minute: number) => on.has(minute) && !away.has(minute),
      };
    }),
    { id: 'ap-1', pc: null, isReplaced: false, answers: () => true },
  ];
  for (const [day, { from }] of DAYS.entries())
    for (let minute = 0; minute < DAY_MINUTES; minute += LOOKS) {
      const hour = Math.floor(minute / 60);
      if (story.agentOff.some(([on, first, hours]) => on === day && hour >= first && hour < first + hours)) continue;
      for (const device of devices) {
        const { id, pc, answers } = device;
        const isMoved = pc?.movedOn != null && day >= pc.movedOn;
        const looks = Array.from({ length: LOOKS }, (_, n): Look => {
          const at = from + (minute + n) * MINUTE;
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
        samples.push(factOf(samples.length + 1, id, looks));
      }
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

const OTHER_MAC = '02:00:00:00:00:99';

/** The same numbers for the same seed (Park and Miller), in [0, below). */
export function randomOf(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}
