import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Scheduler } from '../../../agent/schedule/scheduler.ts';
import { nextRun } from '../../../agent/schedule/spread.ts';
import { DEFAULT_CALENDAR } from '../../../shared/calendar.ts';

const HOUR = 3_600_000;
/** 06:00 of a Monday in Asia/Ho_Chi_Minh. */
const MORNING = Date.parse('2026-11-23T06:00:00+07:00');

beforeEach(() => {
  vi.useFakeTimers({ now: MORNING });
});
afterEach(() => {
  vi.useRealTimers();
});

function scheduled(): { ran: number[]; scheduler: Scheduler } {
  const ran: number[] = [];
  const job = {
    name: 'internet-speed',
    everySeconds: 3600,
    heavy: true,
    next: (lastAt: number, now: number) => nextRun(DEFAULT_CALENDAR, 3600, 'agent', lastAt, now),
    run: async () => {
      ran.push(Date.now());
    },
  };
  const scheduler = new Scheduler([job], { log: pino({ level: 'silent' }) });
  scheduler.start();
  return { ran, scheduler };
}

test('a probe of school hours runs eleven times on a school day, once on Sunday', async () => {
  const { ran, scheduler } = scheduled();
  await vi.advanceTimersByTimeAsync(17 * HOUR);
  expect(ran).toHaveLength(11);
  expect(new Set(ran.slice(0, 10).map((at) => Math.floor((at - MORNING) / HOUR))).size).toBe(10);
  await vi.advanceTimersByTimeAsync(5 * 24 * HOUR - 17 * HOUR);
  const week = ran.length;
  await vi.advanceTimersByTimeAsync(2 * 24 * HOUR);
  expect(ran.length - week).toBe(2);
  await scheduler.stop(0);
});

test('a PC that slept over noon does not hurry, and one whose clock is set goes on by the new one', async () => {
  const { ran, scheduler } = scheduled();
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  const before = ran.length;
  vi.setSystemTime(MORNING + 8 * HOUR); // asleep from 08:00 to 14:00
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ran.length - before).toBeLessThanOrEqual(1);
  vi.setSystemTime(MORNING + 400 * 24 * HOUR); // a dead battery
  await vi.advanceTimersByTimeAsync(6 * HOUR);
  const wrong = ran.length;
  vi.setSystemTime(MORNING + 24 * HOUR); // mended
  await vi.advanceTimersByTimeAsync(17 * HOUR);
  expect(ran.length - wrong).toBe(11);
  await scheduler.stop(0);
});
