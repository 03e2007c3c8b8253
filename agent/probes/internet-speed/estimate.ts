/**
 * From the curve of a transfer to its rate and to how sure that is. Pure.
 *
 * The slow start is found in the data, not cut at a fixed second: it ends where the rate first comes within 5 % of the
 * level that the rest keeps, from below (TCP's window opens) or from above (a provider's first burst), and no bytes are
 * owed from before. Whatever happens after that counts, stalls too.
 *
 * The interval is that of batch means (Law, Simulation Modeling and Analysis, 9.5.3): the steps after the slow start in up
 * to 40 batches, Student's t over their spread, the variance corrected for what neighbouring batches have in common (lag
 * 1). A queue makes neighbours differ against each other, which cancels out in the sum; a rate that wanders makes them
 * alike, which does not.
 */

export interface Estimate {
  /** Steps before the level was reached. */
  rampSteps: number;
  /** Steps that the rate rests on. */
  steps: number;
  /** Bytes in those steps. */
  bytes: number;
  /** Bytes a second. */
  rate: number;
  /** Half of the 95 % confidence interval, share of the rate; infinite where too little is known. */
  halfWidth: number;
}

/** Of the level: nearer than this is reached. */
const NEAR = 0.05;
/** The slow start takes no more than this share of a test: behind it there is no level to speak of. */
const MAX_RAMP_SHARE = 0.6;
/** Rate over this many steps is what is compared with the level: one step alone may be one piece. */
const SMOOTH = 3;
/**
 * TCP's slow start overshoots: packets are lost, what came behind them waits in the kernel and arrives here in one piece
 * once the holes are filled. So the rate dips and then makes up for it; a cut between the two would count what came
 * before. For up to this many steps a better cut is looked for.
 */
const SETTLE = 40;
/** The first moments fill buffers and use up what a shaper saved while nobody asked: they are never part of the rate. */
const MIN_RAMP = 3;
const MAX_BATCHES = 40;
const COARSE_BATCHES = 8;
const MIN_BATCHES = 6;
/** The correction for neighbours that differ against each other is itself uncertain: no less of the variance than this is kept. */
const LEAST_SHARED = 0.1;

export function estimate(steps: readonly number[], stepMs: number): Estimate {
  const rampSteps = rampOf(steps);
  const rest = steps.slice(rampSteps);
  const bytes = total(rest);
  const seconds = (rest.length * stepMs) / 1000;
  return {
    rampSteps,
    steps: rest.length,
    bytes,
    rate: seconds > 0 ? bytes / seconds : 0,
    halfWidth: halfWidthOf(rest),
  };
}

/** Steps until the rate has come near its level and nothing is owed from before. */
export function rampOf(steps: readonly number[]): number {
  const last = Math.floor(steps.length * MAX_RAMP_SHARE);
  const reached = reachedAt(steps, last);
  const { ahead, noise } = aheadOf(steps);
  let best = reached;
  for (let cut = reached; cut <= Math.min(last, reached + SETTLE); cut++) {
    if (ahead[cut]! >= -noise) return cut;
    if (ahead[cut]! > ahead[best]!) best = cut;
  }
  return best;
}

/** The first step that is near the level which the later half keeps; a slow start is over by then, or the test too short. */
function reachedAt(steps: readonly number[], last: number): number {
  const level = median(steps.slice(steps.length >> 1));
  if (!(level > 0)) return 0;
  const smooth = (at: number) => total(steps.slice(at, at + SMOOTH)) / Math.min(SMOOTH, steps.length - at);
  const near =
    smooth(0) > level
      ? (at: number) => smooth(at) <= level * (1 + NEAR)
      : (at: number) => smooth(at) >= level * (1 - NEAR);
  for (let at = MIN_RAMP; at < last; at++) if (near(at)) return at;
  return last;
}

/**
 * How far the curve is ahead of the line that its later half follows, bytes, at the beginning of each step; and how far
 * the later half strays from that line by itself. Behind: bytes had come to the kernel that had not come to us.
 */
function aheadOf(steps: readonly number[]): { ahead: number[]; noise: number } {
  const curve = [0];
  for (const bytes of steps) curve.push(curve.at(-1)! + bytes);
  const from = curve.length >> 1;
  const later = curve.slice(from);
  const middle = (later.length - 1) / 2;
  const mean = total(later) / later.length;
  const spread = total(later.map((_, index) => (index - middle) ** 2));
  const slope = spread > 0 ? total(later.map((bytes, index) => (index - middle) * (bytes - mean))) / spread : 0;
  const ahead = curve.map((bytes, index) => bytes - (mean + (index - from - middle) * slope));
  const noise = Math.sqrt(total(ahead.slice(from).map((bytes) => bytes ** 2)) / later.length);
  return { ahead, noise };
}

/** Fine batches, and where neighbours among them are alike, coarse ones as well: a slow wandering shows only between those. */
function halfWidthOf(steps: readonly number[]): number {
  const fine = ofBatches(steps, MAX_BATCHES);
  return fine.alike ? Math.max(fine.halfWidth, ofBatches(steps, COARSE_BATCHES).halfWidth) : fine.halfWidth;
}

function ofBatches(steps: readonly number[], most: number): { halfWidth: number; alike: boolean } {
  const size = Math.ceil(steps.length / most);
  const batches = Math.floor(steps.length / Math.max(1, size));
  const unknown = { halfWidth: Number.POSITIVE_INFINITY, alike: false };
  if (batches < MIN_BATCHES) return unknown;
  // What does not fill a batch is left out at the beginning: the end is the surer part.
  const rest = steps.slice(steps.length - batches * size);
  const means = Array.from(
    { length: batches },
    (_, index) => total(rest.slice(index * size, (index + 1) * size)) / size,
  );
  const mean = total(means) / batches;
  if (!(mean > 0)) return unknown;
  const off = means.map((one) => one - mean);
  const squares = total(off.map((one) => one * one));
  if (squares === 0) return { halfWidth: 0, alike: false };
  const lag1 = total(off.slice(1).map((one, index) => one * off[index]!)) / squares;
  // Noise that only moves bytes from one batch into the next has a correlation of -1/2, and leaves 1/n of the variance. It
  // is believed only where chance does not explain it (Bartlett's bound): to believe it wrongly is to be too sure.
  const bound = 2 / Math.sqrt(batches);
  const counted = lag1 < 0 && lag1 > -bound ? 0 : lag1;
  const shared = Math.max(LEAST_SHARED, 1 + 2 * counted * (1 - 1 / batches));
  const variance = (squares / (batches - 1) / batches) * shared;
  return { halfWidth: (student95(batches - 1) * Math.sqrt(variance)) / mean, alike: lag1 > bound };
}

/**
 * Two-sided 95 % quantile of Student's t from 5 degrees of freedom on: Cornish and Fisher's expansion (Abramowitz and
 * Stegun, 26.7.5) to the second term, right to 0.3 %.
 */
function student95(freedom: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / freedom + second / freedom ** 2;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Middle of the values, the mean of two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half]!;
  return sorted.length === 0 ? Number.NaN : (sorted[half - 1]! + sorted[half]!) / 2;
}
