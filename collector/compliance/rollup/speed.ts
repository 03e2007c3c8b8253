import { type Period, periodAt } from '../../../shared/calendar.ts';
import type { FactSample } from '../series.ts';
import { MAX_EVIDENCE, refOf, type SampleRef } from './sample-ref.ts';

/** The tests of one internet line in school hours. */
export interface Speed {
  /** Tests, valid or not. */
  tests: number;
  valid: number;
  /** Periods with a valid test. */
  periods: number;
  /** Line rate of each round that had a valid test, Mbps, slowest first. */
  rates: readonly number[];
  /** The slowest of them, slowest first, as many as are ever shown. */
  slowest: readonly SpeedTest[];
}
export interface SpeedTest {
  sample: SampleRef;
  lineMbps: number;
}

/** `samples`: those in school hours, at least one. */
export function rollSpeed(samples: readonly FactSample[], periods: readonly Period[], everyMs: number): Speed {
  const valid = samples.filter(isValid);
  const tests = onePerRound(valid, periods, everyMs);
  return {
    tests: samples.length,
    valid: valid.length,
    periods: new Set(valid.map((test) => periodAt(periods, test.at))).size,
    rates: tests.map(rateOf).sort(ascending),
    slowest: slowest(tests.map((sample) => ({ sample: refOf(sample), lineMbps: rateOf(sample) }))),
  };
}

export const mergeSpeed = (a: Speed, b: Speed): Speed => ({
  tests: a.tests + b.tests,
  valid: a.valid + b.valid,
  periods: a.periods + b.periods,
  // Two lists in order are sorted in about one pass.
  rates: [...a.rates, ...b.rates].sort(ascending),
  slowest: slowest([...a.slowest, ...b.slowest]),
});

const ascending = (a: number, b: number) => a - b;
const slowest = (tests: SpeedTest[]): SpeedTest[] =>
  tests.sort((a, b) => a.lineMbps - b.lineMbps).slice(0, MAX_EVIDENCE);

/** The median test of each round: testing more often in a quiet hour does not outweigh the busy ones. */
function onePerRound(tests: readonly FactSample[], periods: readonly Period[], everyMs: number): FactSample[] {
  const rounds = Map.groupBy(tests, (test) => {
    const { from } = periodAt(periods, test.at)!;
    return from + Math.floor((test.at - from) / everyMs) * everyMs;
  });
  // Of two tests the better: a point is taken only on clear evidence.
  return [...rounds.values()].map((round) => round.sort((a, b) => rateOf(a) - rateOf(b))[round.length >> 1]!);
}

/** Nobody sells a school more than 100 Gbit/s: a figure above it is a fault of the agent, not a fast line. */
const MOST_MBPS = 100_000;
const rateOf = (sample: FactSample): number => sample.values.lineMbps as number;

/** A test that says something about the line: obtained, a figure, and not marked as worthless by the probe. */
function isValid(sample: FactSample): boolean {
  const { lineMbps, valid } = sample.values;
  return sample.ok && typeof lineMbps === 'number' && lineMbps > 0 && lineMbps <= MOST_MBPS && valid !== false;
}
