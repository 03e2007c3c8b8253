import { type Period, periodAt } from '../../../shared/calendar.ts';
import { type Mark, readSpeedTest, type SpeedTest, tellsOf } from '../../../shared/speed-test.ts';
import type { FactSample } from '../series.ts';
import { MAX_EVIDENCE, refOf, type SampleRef, SHOWN } from './sample-ref.ts';
import { addTallies, addWords, NO_TALLY, type Tally, tallyOf, type Words, wordsOf } from './tally.ts';

/** The tests of one internet line: in school hours, but for `offHours`. */
export interface Speed {
  /** Tests, whatever they say. */
  tests: number;
  /** Periods with a test that says something of the line. */
  periods: number;
  /** Of each round that had an unmarked test, slowest first. */
  rates: readonly Rate[];
  /** Of each round that had marked tests only, lowest first. */
  bounds: readonly Bound[];
  /** Tests of these, slowest first: as many as are ever shown, and of the bounds some. */
  slowest: readonly ShownTest[];
  lowest: readonly ShownTest[];
  /** Line rate of unmarked tests outside school hours: nobody shares the line then. Mbps. */
  offHours: Tally;
  /** Of unmarked tests: upload, Mbps, and latency, ms. */
  upload: Tally;
  idleMs: Tally;
  downMs: Tally;
  upMs: Tally;
  /** Tests that a second provider repeated, those in which it differed, and the two that differed most. */
  crossChecks: number;
  differing: number;
  worst: Disagreement | null;
  /** Marked tests by their first mark; tests that say nothing by reason. */
  marked: Words;
  spoilt: Words;
}

/** The rate of the line, Mbps, with the test's own 95 % confidence interval where it has one. */
export interface Rate {
  mbps: number;
  lowMbps: number | null;
  highMbps: number | null;
}
/** What the line carried at least, Mbps. */
export interface Bound {
  mbps: number;
  /** Its first mark, and the port's nominal speed, Mbps. */
  mark: Mark;
  linkMbps: number | null;
}
export interface ShownTest {
  sample: SampleRef;
  mbps: number;
  /** Null: a rate; otherwise a lower bound. */
  mark: Mark | null;
}
export interface Disagreement {
  sample: SampleRef;
  provider: string | null;
  mbps: number;
  otherProvider: string | null;
  otherMbps: number;
}

export const NO_SPEED: Speed = {
  tests: 0,
  periods: 0,
  rates: [],
  bounds: [],
  slowest: [],
  lowest: [],
  offHours: NO_TALLY,
  upload: NO_TALLY,
  idleMs: NO_TALLY,
  downMs: NO_TALLY,
  upMs: NO_TALLY,
  crossChecks: 0,
  differing: 0,
  worst: null,
  marked: [],
  spoilt: [],
};

/** `samples` in order of time. */
export function rollSpeed(samples: readonly FactSample[], periods: readonly Period[], everyMs: number): Speed {
  const all = samples.map(toldBy);
  const tests = all.filter(({ sample }) => periodAt(periods, sample.at));
  const telling = tests.filter(isTelling);
  const rounds = onePerRound(telling, periods, everyMs);
  const rates = rounds.filter(({ isLeast }) => !isLeast);
  const bounds = rounds.filter(({ isLeast }) => isLeast);
  const unmarked = telling.filter(({ isLeast }) => !isLeast).map(({ read }) => read);
  const figures = (figure: (read: SpeedTest) => number | null) =>
    tallyOf(unmarked.flatMap((read) => figure(read) ?? []));
  const checked = tests.flatMap(disagreement);
  const differing = checked.filter(({ differs }) => differs);
  return {
    tests: tests.length,
    periods: new Set(telling.map(({ sample }) => periodAt(periods, sample.at))).size,
    rates: rates.map(({ mbps, read: { lowMbps, highMbps } }) => ({ mbps, lowMbps, highMbps })).sort(ascending),
    bounds: bounds.map(({ mbps, read }) => ({ mbps, mark: read.marks[0]!, linkMbps: read.linkMbps })).sort(ascending),
    slowest: first(rates.map(shown), MAX_EVIDENCE),
    lowest: first(bounds.map(shown), SHOWN),
    offHours: tallyOf(
      all
        .filter(isTelling)
        .filter(({ sample, isLeast }) => !isLeast && !periodAt(periods, sample.at))
        .map(({ mbps }) => mbps),
    ),
    upload: figures(({ uploadMbps }) => uploadMbps),
    idleMs: figures(({ latency }) => latency.idleMs),
    downMs: figures(({ latency }) => latency.downMs),
    upMs: figures(({ latency }) => latency.upMs),
    crossChecks: checked.length,
    differing: differing.length,
    worst: differing.map(({ pair }) => pair).reduce(worse, null),
    marked: wordsOf(telling.flatMap(({ read }) => read.marks[0] ?? [])),
    spoilt: wordsOf(tests.flatMap((test) => (isTelling(test) ? [] : whyNothing(test)))),
  };
}

export const mergeSpeed = (a: Speed, b: Speed): Speed => ({
  tests: a.tests + b.tests,
  periods: a.periods + b.periods,
  // Two lists in order are sorted in about one pass.
  rates: [...a.rates, ...b.rates].sort(ascending),
  bounds: [...a.bounds, ...b.bounds].sort(ascending),
  slowest: first([...a.slowest, ...b.slowest], MAX_EVIDENCE),
  lowest: first([...a.lowest, ...b.lowest], SHOWN),
  offHours: addTallies(a.offHours, b.offHours),
  upload: addTallies(a.upload, b.upload),
  idleMs: addTallies(a.idleMs, b.idleMs),
  downMs: addTallies(a.downMs, b.downMs),
  upMs: addTallies(a.upMs, b.upMs),
  crossChecks: a.crossChecks + b.crossChecks,
  differing: a.differing + b.differing,
  worst: b.worst === null ? a.worst : worse(a.worst, b.worst),
  marked: addWords(a.marked, b.marked),
  spoilt: addWords(a.spoilt, b.spoilt),
});

interface Told {
  sample: FactSample;
  read: SpeedTest;
}
type Telling = Told & NonNullable<ReturnType<typeof tellsOf>>;

/** A test that failed, or whose figure is worth nothing, tells nothing. */
function toldBy(sample: FactSample): Told | Telling {
  const read = readSpeedTest(sample.values);
  const told = { sample, read };
  return sample.ok ? { ...told, ...tellsOf(read) } : told;
}
const isTelling = (test: Told | Telling): test is Telling => 'mbps' in test;

const ascending = (a: { mbps: number }, b: { mbps: number }) => a.mbps - b.mbps;
const first = (tests: ShownTest[], most: number): ShownTest[] => tests.sort(ascending).slice(0, most);
const shown = ({ sample, mbps, isLeast, read }: Telling): ShownTest => ({
  sample: refOf(sample),
  mbps,
  mark: isLeast ? read.marks[0]! : null,
});

/**
 * The median test of each round, out of its unmarked tests if there are any: testing more often in a quiet hour does not
 * outweigh the busy ones, and a rate says more than a lower bound.
 */
function onePerRound(tests: readonly Telling[], periods: readonly Period[], everyMs: number): Telling[] {
  const rounds = Map.groupBy(tests, ({ sample: { at } }) => {
    const { from } = periodAt(periods, at)!;
    return from + Math.floor((at - from) / everyMs) * everyMs;
  });
  return [...rounds.values()].map((round) => {
    const rates = round.filter(({ isLeast }) => !isLeast);
    const own = (rates.length > 0 ? rates : round).sort(ascending);
    // Of two tests the better: a point is taken only on clear evidence.
    return own[own.length >> 1]!;
  });
}

function disagreement({ sample, read }: Told): { differs: boolean; pair: Disagreement }[] {
  const { lineMbps, crossCheck, provider } = read;
  if (!sample.ok || lineMbps === null || crossCheck === null) return [];
  const { provider: otherProvider, lineMbps: otherMbps, differs } = crossCheck;
  return [{ differs, pair: { sample: refOf(sample), provider, mbps: lineMbps, otherProvider, otherMbps } }];
}

/** The pair further apart; of two alike the earlier. */
function worse(a: Disagreement | null, b: Disagreement): Disagreement {
  return a !== null && apart(a) >= apart(b) ? a : b;
}
const apart = ({ mbps, otherMbps }: Disagreement) => Math.max(mbps, otherMbps) / Math.min(mbps, otherMbps);

/** Why a test may say nothing, in the words of the wire format. */
const REASONS: ReadonlySet<string> = new Set([
  'timeout',
  'refused',
  'unreachable',
  'auth',
  'malformed',
  'too-large',
  'skipped',
  'failed',
  'window-too-short',
  'cut-short',
  'too-few-bytes',
]);
function whyNothing({ sample, read }: Told): string {
  const reason = sample.ok ? (read.worthless ?? 'failed') : (sample.reason ?? 'failed');
  return REASONS.has(reason) ? reason : 'other';
}
