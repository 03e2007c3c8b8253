/**
 * Measured values with how often each came, smallest first, in three significant digits: as many as are ever shown, and
 * so few values that years of them stay small. Two are added up without loss, so a median over months is exact in those
 * digits.
 */
export type Tally = readonly (readonly [value: number, count: number])[];

export const NO_TALLY: Tally = [];

/** Finite values, 0 or more. */
export function tallyOf(values: readonly number[]): Tally {
  const counts = new Map<number, number>();
  for (const value of values) {
    const short = Number(value.toPrecision(3));
    counts.set(short, (counts.get(short) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

export function addTallies(a: Tally, b: Tally): Tally {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const counts = new Map(a);
  for (const [value, count] of b) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts].sort(([x], [y]) => x - y);
}

export const countOf = (tally: Tally): number => tally.reduce((sum, [, count]) => sum + count, 0);

/** Null of none; of an even count the mean of the two in the middle. */
export function medianOf(tally: Tally): number | null {
  const count = countOf(tally);
  if (count === 0) return null;
  const at = (place: number) => {
    let passed = 0;
    return tally.find(([, own]) => {
      passed += own;
      return passed > place;
    })![0];
  };
  const half = count >> 1;
  return count % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
}

/** How often each word came, in the order of the words: what agents may send is held to the words that are known. */
export type Words = readonly (readonly [word: string, count: number])[];

export function wordsOf(words: readonly string[]): Words {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(inOrder);
}

export function addWords(a: Words, b: Words): Words {
  const counts = new Map(a);
  for (const [word, count] of b) counts.set(word, (counts.get(word) ?? 0) + count);
  return [...counts].sort(inOrder);
}

const inOrder = ([a]: Words[number], [b]: Words[number]) => (a < b ? -1 : 1);
