import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arrivals } from '../../../agent/probes/internet-speed/arrivals.ts';
import { estimate, median, rampOf } from '../../../agent/probes/internet-speed/estimate.ts';

const STEP = 50;
/** Numbers that look like chance and are the same each time. */
const noise = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
};
const flat = (count: number, value = 100) => Array.from({ length: count }, () => value);

describe('what arrived when', () => {
  test('spreads a piece over the time since the piece before, so no step cuts it', () => {
    const arrivals = new Arrivals();
    // 64 kB every 52 ms is 10 Mbps; the steps of 50 ms see it flat.
    for (let at = 0; at <= 2080; at += 52) arrivals.add(65_000, 7000 + at);
    const steps = arrivals.steps(STEP);
    expect(steps).toHaveLength(41);
    for (const bytes of steps) expect(bytes).toBeCloseTo(62_500, 6);
  });

  test('keeps every byte, however the pieces fall', () => {
    const pieces = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.double({ min: 0, max: 40, noNaN: true })),
      {
        minLength: 2,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(pieces, (list) => {
        const arrivals = new Arrivals();
        let now = 1000;
        let total = 0;
        for (const [bytes, gap] of list) {
          now += gap;
          arrivals.add(bytes, now);
          total += bytes;
        }
        expect(arrivals.totalBytes).toBe(total);
        const steps = arrivals.steps(1, Math.ceil(arrivals.lastMs) + 1);
        expect(steps.reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(total - list[0]![0], 3);
        for (const bytes of steps) expect(bytes).toBeGreaterThanOrEqual(-1e-6);
      }),
    );
  });

  test('tells stalls, the last one too', () => {
    const arrivals = new Arrivals();
    for (const at of [0, 10, 20, 720, 730]) arrivals.add(1000, at);
    expect(arrivals.stalls(250)).toEqual({ count: 1, ms: 700 });
    expect(arrivals.stalls(250, 1730)).toEqual({ count: 2, ms: 1700 });
    expect(arrivals.silentMs(1730)).toBe(1000);
  });
});

describe('the slow start', () => {
  test('ends where the level is reached, from below and from above', () => {
    const rising = [5, 10, 20, 40, 80, ...flat(60)];
    expect(rampOf(rising)).toBeGreaterThanOrEqual(4);
    expect(rampOf(rising)).toBeLessThanOrEqual(6);
    const burst = [300, 300, 200, 200, ...flat(60)];
    expect(rampOf(burst)).toBeGreaterThanOrEqual(3);
    expect(rampOf(burst)).toBeLessThanOrEqual(5);
    expect(estimate(burst, STEP).rate).toBeCloseTo(2000, 0);
  });

  test('does not end between a hole and the piece that fills it', () => {
    // A lost packet holds back six steps, which then arrive at once: in sum nothing is lost.
    const steps = [20, 60, ...flat(4), 40, 40, 40, 40, 40, 40, 460, ...flat(60)];
    expect(estimate(steps, STEP).rate).toBeCloseTo(2000, -1);
    // The same hole open at the very moment at which the level is reached.
    const early = [100, 100, 40, 40, 40, 40, 340, ...flat(60)];
    expect(estimate(early, STEP).rate).toBeCloseTo(2000, -1);
  });

  test('is no excuse for a stall', () => {
    const stalled = [20, 60, ...flat(20), ...flat(10, 0), ...flat(40)];
    expect(estimate(stalled, STEP).rate).toBeLessThan(2000 * 0.9);
    const often = Array.from({ length: 80 }, (_, index) => (index % 8 < 4 ? 100 : 0));
    expect(estimate(often, STEP).rate).toBeGreaterThan(1000 * 0.9);
    expect(estimate(often, STEP).rate).toBeLessThan(1000 * 1.1);
  });

  test('of nothing, of one step and of silence is bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 100 }), (steps) => {
        const found = estimate(steps, STEP);
        expect(found.rampSteps).toBeGreaterThanOrEqual(0);
        expect(found.rampSteps + found.steps).toBe(steps.length);
        expect(found.rate).toBeGreaterThanOrEqual(0);
        expect(found.halfWidth).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(estimate([], STEP)).toMatchObject({ rate: 0, halfWidth: Number.POSITIVE_INFINITY });
    expect(estimate(flat(40, 0), STEP)).toMatchObject({ rate: 0, halfWidth: Number.POSITIVE_INFINITY });
  });
});

describe('the interval', () => {
  test('holds the truth about as often as it says', () => {
    let inside = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = noise(seed * 7919);
      const steps = flat(60).map((value) => value * (1 + 0.4 * random()));
      const { rate, halfWidth } = estimate(steps, STEP);
      if (Math.abs(rate / 2000 - 1) <= halfWidth) inside++;
    }
    expect(inside / 400).toBeGreaterThan(0.88);
  });

  test('is wide where the rate wanders, narrow where bytes only move between neighbours', () => {
    const wandering = flat(60).map((value, index) => value * (1 + 0.2 * Math.sin(index / 10)));
    expect(estimate(wandering, STEP).halfWidth).toBeGreaterThan(0.05);
    const random = noise(42);
    const shifts = Array.from({ length: 61 }, () => 15 * random());
    const queued = flat(60).map((value, index) => value + shifts[index + 1]! - shifts[index]!);
    const independent = flat(60).map((value, index) => value + 1.41 * shifts[index]!);
    expect(estimate(queued, STEP).halfWidth).toBeLessThan(estimate(independent, STEP).halfWidth * 0.85);
  });
});

test('the median of nothing is no number', () => {
  expect(median([])).toBeNaN();
  expect(median([3])).toBe(3);
  expect(median([4, 1])).toBe(2.5);
  expect(median([9, 1, 4])).toBe(4);
});
