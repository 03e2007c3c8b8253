import type { Change, Figures } from './messages.ts';

/** Whether pictures show a camera at work. Values in, values out. */

/** What is kept of a camera between two runs, in memory only. */
export interface Remembered {
  /** Digests of the last pictures, newest first. */
  digests: string[];
  /** When the newest was taken, ms since 1970. */
  at: number;
  /** Since when nothing new was seen, ms since 1970. */
  unchangedSince: number;
}

export interface Judgement {
  state: 'live' | 'frozen' | 'dark';
  /** Mean luma of the newest picture, 0–255. */
  meanLuma: number;
  /** Standard deviation of luma among the cells of the newest picture. */
  spreadLuma: number;
  /** How long the same picture has been shown, seconds; 0 when it is new. */
  unchangedS: number;
  remember: Remembered;
}

/**
 * Share of cells that must change. Every cell of a working sensor has noise; the clock that a camera writes over
 * a frozen picture changes under 3 % of them (16 of 40 columns, one of 24 rows, is 1.7 %).
 */
export const LIVE_CELLS = 0.05;
/** A covered lens or a room without light: nothing above black, nothing to tell apart. Black of video range is 16. */
export const DARK_MEAN = 24;
export const DARK_SPREAD = 4;
/** Cameras may serve one snapshot for some seconds; the same picture after this long comes from no sensor, ms. */
const CACHED_MS = 30_000;
const KEPT_DIGESTS = 12;

/**
 * Judges the pictures of one run, oldest first and at least one, and the greatest change between two neighbours.
 * Frozen: nothing changed within the run, or a picture came back byte for byte that an earlier run had seen.
 */
export function judge(pictures: Figures[], change: Change, last: Remembered | undefined, now: number): Judgement {
  const newest = pictures.at(-1)!;
  const meanLuma = mean(newest.luma);
  const spreadLuma = Math.sqrt(mean(newest.luma.map((luma) => (luma - meanLuma) ** 2)));
  const digests = pictures.map(({ digest }) => digest).reverse();

  const moved = change.cells >= LIVE_CELLS && new Set(digests).size > 1;
  const known = last ? digests.filter((digest) => last.digests.includes(digest)).length : 0;
  const cameBack = known > 0 && (known === digests.length || now - last!.at >= CACHED_MS);
  const frozen = !moved || cameBack;
  const dark = meanLuma <= DARK_MEAN && spreadLuma <= DARK_SPREAD;

  const unchangedSince = frozen && known > 0 ? last!.unchangedSince : now;
  return {
    state: dark ? 'dark' : frozen ? 'frozen' : 'live',
    meanLuma: round(meanLuma),
    spreadLuma: round(spreadLuma),
    unchangedS: frozen ? Math.max(0, Math.round((now - unchangedSince) / 1000)) : 0,
    remember: {
      digests: [...new Set([...digests, ...(last?.digests ?? [])])].slice(0, KEPT_DIGESTS),
      at: now,
      unchangedSince,
    },
  };
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const round = (number: number) => Math.round(number * 100) / 100;
