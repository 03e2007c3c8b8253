import { createHash } from 'node:crypto';
import jpeg from 'jpeg-js';
import type { Change, Figures } from './messages.ts';

/** Reduces a snapshot to figures. Runs in the child: decoding is where a hostile picture would take memory and time. */

/** The grid has this many cells a side. */
export const GRID = 32;
/** 4K is 8.3 megapixels. */
const MAX_MEGAPIXELS = 9;
const MAX_DECODE_MB = 192;
/**
 * A cell has changed when its mean absolute difference passes this, levels of 255. The same frame encoded twice by
 * the same camera decodes to the same pixels, 0; sensor noise leaves tenths even after strong compression.
 */
const CELL_CHANGED = 0.05;

export interface Picture extends Figures {
  /** Luma of every pixel, row by row. */
  pixels: Uint8Array;
}

/** Decodes `bytes`; throws when they are no JPEG or ask for more than the limits. */
export function readPicture(bytes: Uint8Array): Picture {
  // Left untransformed, the first of three channels is luma (JFIF); a grey picture repeats its one channel.
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    colorTransform: false,
    maxResolutionInMP: MAX_MEGAPIXELS,
    maxMemoryUsageInMB: MAX_DECODE_MB,
  });
  if (!(width >= GRID && height >= GRID)) throw new RangeError(`picture of ${width}×${height} pixels`);
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = data[i * 3]!;
  const digest = createHash('sha256').update(bytes).digest('hex');
  const luma = cellMeans(width, height, (i) => pixels[i]!).map((mean) => Math.round(mean * 10) / 10);
  return { digest, bytes: bytes.length, width, height, luma, pixels };
}

/** How `after` differs from `before`; pictures of different sizes have changed everywhere. */
export function changeBetween(before: Picture, after: Picture): Change {
  const { width, height } = after;
  if (width !== before.width || height !== before.height) return { cells: 1, luma: 255 };
  const means = cellMeans(width, height, (i) => Math.abs(after.pixels[i]! - before.pixels[i]!));
  const changed = means.filter((mean) => mean > CELL_CHANGED).length;
  return { cells: changed / means.length, luma: means.reduce((sum, mean) => sum + mean, 0) / means.length };
}

/** Mean of `value(pixel)` in each cell of the grid. */
function cellMeans(width: number, height: number, value: (index: number) => number): number[] {
  const sums = new Float64Array(GRID * GRID);
  const counts = new Uint32Array(GRID * GRID);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor((y * GRID) / height) * GRID;
    for (let x = 0; x < width; x++, i++) {
      const cell = row + Math.floor((x * GRID) / width);
      sums[cell]! += value(i);
      counts[cell]!++;
    }
  }
  return Array.from(sums, (sum, cell) => sum / counts[cell]!);
}
