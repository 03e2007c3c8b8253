import { expect, test } from 'vitest';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods, periodAt, timeInside } from '../../shared/calendar.ts';
import { formatDate, formatNumber, formatShare, formatTime } from '../../shared/vietnamese.ts';

const at = (local: string) => Date.parse(`${local}+07:00`);
const days = (calendar: Calendar, now: string, count: number) =>
  lastPeriods(calendar, 'school-day', at(now), count).map(({ from, to }) => [
    formatDate(from),
    formatTime(from),
    formatTime(to),
  ]);

test('school days skip the week-end; today counts from its first bell', () => {
  expect(days(DEFAULT_CALENDAR, '2026-11-23T07:00:00', 2)).toEqual([
    ['20/11/2026', '07:00', '17:00'],
    ['23/11/2026', '07:00', '17:00'],
  ]);
  expect(days(DEFAULT_CALENDAR, '2026-11-23T06:59:59', 1)).toEqual([['20/11/2026', '07:00', '17:00']]);
  // 00:30 in Việt Nam is still the day before in UTC.
  expect(days(DEFAULT_CALENDAR, '2026-11-24T00:30:00', 1)).toEqual([['23/11/2026', '07:00', '17:00']]);
});

test('holidays and summer are out, both of their ends included; a calendar that is always closed has no days', () => {
  const closed = [{ from: '2026-11-19', to: '2026-11-20' }];
  expect(days({ ...DEFAULT_CALENDAR, closed }, '2026-11-23T12:00:00', 2).map(([day]) => day)).toEqual([
    '18/11/2026',
    '23/11/2026',
  ]);
  const summer = [{ from: '2026-06-01', to: '2026-08-31' }];
  expect(days({ ...DEFAULT_CALENDAR, closed: summer }, '2026-08-31T12:00:00', 1)[0]![0]).toBe('29/05/2026');
  expect(days({ ...DEFAULT_CALENDAR, week: Array(7).fill(null) }, '2026-11-23T12:00:00', 3)).toEqual([]);
});

test('a Saturday morning by calendar', () => {
  const week = [...DEFAULT_CALENDAR.week.slice(0, 6), [7 * 60, 11 * 60] as const];
  expect(days({ ...DEFAULT_CALENDAR, week }, '2026-11-22T12:00:00', 1)).toEqual([['21/11/2026', '07:00', '11:00']]);
});

test('minutes end at the current one', () => {
  const now = at('2026-11-23T10:00:30');
  expect(lastPeriods(DEFAULT_CALENDAR, 'minute', now, 2)).toEqual([
    { from: now - 90_000, to: now - 30_000 },
    { from: now - 30_000, to: now + 30_000 },
  ]);
});

test('a period is half open, and time inside counts each moment once', () => {
  const periods = [
    { from: 0, to: 10 },
    { from: 20, to: 30 },
  ];
  expect([0, 9, 10, 20, 30].map((moment) => periods.indexOf(periodAt(periods, moment)!))).toEqual([0, 0, -1, 1, -1]);
  expect(timeInside(periods, 5, 25)).toBe(10);
  expect(timeInside(periods, 12, 18)).toBe(0);
  expect(timeInside(periods, 25, 5)).toBe(0);
});

test('numbers and shares as Vietnamese readers write them', () => {
  expect([formatNumber(0.5), formatNumber(1234.56, 2), formatNumber(45)]).toEqual(['0,5', '1234,56', '45']);
  expect(formatShare(0.955)).toBe('95,5 %');
});
