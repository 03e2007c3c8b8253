import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allowance,
  done,
  isDue,
  LEAST_TEST_BYTES,
  spend,
  spentThisMonth,
} from '../../../agent/probes/internet-speed/budget.ts';
import { context } from './servers.ts';

/** Midnight of a day in Asia/Ho_Chi_Minh. */
const day = (date: string) => Date.parse(`${date}T00:00:00+07:00`);

test('bytes are summed over a month of Viet Nam and begin anew with the next', async () => {
  const { kept } = context();
  await spend(kept, 10e6, day('2026-11-24'));
  await spend(kept, 5e6, day('2026-11-30') + 23.9 * 3_600_000);
  expect(await spentThisMonth(kept, day('2026-11-30'))).toBe(15e6);
  expect(await spentThisMonth(kept, day('2026-12-01'))).toBe(0);
  await kept.set('bytes-of-month', 'damaged');
  expect(await spentThisMonth(kept, day('2026-12-01'))).toBe(0);
});

test('what is left is spread over the days that are left, and runs out with a word', () => {
  const first = allowance(20e9, 0, day('2026-11-01'))!;
  expect(first).toBeCloseTo((20e9 / (30 * 11)) * 3, 0);
  expect(allowance(20e9, 0, day('2026-11-30'))!).toBeGreaterThan(first * 20);
  expect(allowance(20e9, 19.99e9, day('2026-11-02'))!).toBe(LEAST_TEST_BYTES);
  expect(allowance(20e9, 20e9, day('2026-11-02'))).toBeNull();
  expect(allowance(1e6, 0, day('2026-11-02'))).toBeNull();
});

test('a month of tests that take all they may stays within the budget', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e7, max: 1e11, noNaN: true }), fc.integer({ min: 1, max: 40 }), (monthly, perDay) => {
      let spent = 0;
      for (let date = 1; date <= 30; date++)
        for (let one = 0; one < perDay; one++)
          spent += allowance(monthly, spent, day(`2026-11-${String(date).padStart(2, '0')}`)) ?? 0;
      expect(spent).toBeLessThanOrEqual(monthly);
    }),
  );
});

test('what is done once a day is due again the next', async () => {
  const { kept } = context();
  expect(await isDue(kept, 'upload', day('2026-11-24'))).toBe(true);
  await done(kept, 'upload', day('2026-11-24'));
  expect(await isDue(kept, 'upload', day('2026-11-24') + 86_399_000)).toBe(false);
  expect(await isDue(kept, 'upload', day('2026-11-25'))).toBe(true);
  expect(await isDue(kept, 'cross-check', day('2026-11-24'))).toBe(true);
});
