import type { Policy } from './policy.ts';
import type { Bound, Rate, Speed } from './rollup/speed.ts';

/**
 * Whether the rounds of a line reach the threshold, where of some only a lower bound is known. Each question is asked
 * twice: with every bound at its least, and with every bound as fast as one likes. What holds in the first case holds
 * whatever the marked tests hid; what fails in the second fails whatever they hid.
 */
export interface Reached {
  /** Rounds that tell something, and of those the ones surely at or above the threshold. */
  rounds: number;
  reached: number;
  /** Lower bounds below the threshold: what the line carried then, nobody knows. */
  doubtful: readonly Bound[];
  /** Median of the rounds with every bound at its least, Mbps; NaN of none. */
  median: number;
  /** Whether the bounds leave the median open. */
  isMedianLeast: boolean;
  /** The rule is met, whatever the bounds hid. */
  surely: boolean;
  /** It is met by more than the uncertainty. */
  clearly: boolean;
  /** It is met within the uncertainty; by the policy's alone, or only by that of the tests themselves. */
  nearly: 'policy' | 'tests' | null;
  /** It may be met within the uncertainty, by what the bounds hid. */
  possibly: boolean;
  /** The widest uncertainty of a test itself that counts, share. */
  widest: number;
}

type Needs = Pick<Policy, 'internetMbps' | 'internetShareMin' | 'internetUncertainty' | 'internetUncertaintyMax'>;

export function reached({ rates, bounds }: Pick<Speed, 'rates' | 'bounds'>, policy: Needs): Reached {
  const { internetMbps: threshold, internetUncertainty: usual } = policy;
  const low = threshold * (1 - usual);
  const high = threshold * (1 + usual);
  /** At least as wide as the policy's, and no wider than what still is uncertainty: beyond that the line itself was unsteady. */
  const most = Math.max(usual, policy.internetUncertaintyMax);
  const hopeful = ({ mbps, highMbps }: Rate) =>
    Math.max(mbps, Math.min(highMbps ?? mbps, mbps * (1 + most)) * (1 - usual));
  const doubting = ({ mbps, lowMbps }: Rate) =>
    Math.min(mbps, Math.max(lowMbps ?? mbps, mbps * (1 - most)) * (1 + usual));
  const worst = (figure: (rate: Rate) => number) => inOrder([...rates.map(figure), ...bounds.map(rateOf)]);
  const best = (figure: (rate: Rate) => number) => inOrder([...rates.map(figure), ...bounds.map(() => Infinity)]);
  const meets = (sorted: readonly number[], least: number) =>
    countFrom(sorted, least) >= sorted.length * policy.internetShareMin && medianOf(sorted) >= least;
  const plain = worst(rateOf);
  const median = medianOf(plain);
  return {
    rounds: plain.length,
    reached: countFrom(plain, threshold),
    doubtful: bounds.filter(({ mbps }) => mbps < threshold),
    median,
    isMedianLeast: medianOf(best(rateOf)) !== median && bounds.length > 0,
    surely: meets(plain, threshold),
    clearly: meets(worst(doubting), high),
    nearly: meets(plain, low) ? 'policy' : meets(worst(hopeful), low) ? 'tests' : null,
    possibly: meets(best(hopeful), low),
    widest: rates.reduce((widest, rate) => Math.max(widest, Math.min(most, halfWidth(rate))), 0),
  };
}

const rateOf = ({ mbps }: { mbps: number }) => mbps;
const inOrder = (figures: number[]) => figures.sort((a, b) => a - b);
const countFrom = (sorted: readonly number[], least: number) => sorted.filter((figure) => figure >= least).length;
const halfWidth = ({ mbps, lowMbps, highMbps }: Rate) =>
  lowMbps === null || highMbps === null ? 0 : Math.max(highMbps - mbps, mbps - lowMbps) / mbps;

function medianOf(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
