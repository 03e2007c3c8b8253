/**
 * A set of whole numbers near each other (numbers of school days, of series) as 32-bit words: the index of the first
 * word, then the words. A month of school days is two or three numbers.
 */
export type Bits = readonly number[];

export const NONE: Bits = [];

export function bitsOf(members: Iterable<number>): Bits {
  const words = new Map<number, number>();
  for (const member of members) {
    const index = member >>> 5;
    words.set(index, (words.get(index) ?? 0) | (1 << (member & 31)));
  }
  if (words.size === 0) return NONE;
  const first = Math.min(...words.keys());
  const last = Math.max(...words.keys());
  return [first, ...Array.from({ length: last - first + 1 }, (_, offset) => words.get(first + offset) ?? 0)];
}

/** The word with this index; outside of those that stand there it is empty. */
const wordAt = (bits: Bits, index: number): number => (index < bits[0]! ? 0 : (bits[1 + index - bits[0]!] ?? 0));

export const has = (bits: Bits, member: number): boolean =>
  bits.length > 0 && (wordAt(bits, member >>> 5) & (1 << (member & 31))) !== 0;

export function union(a: Bits, b: Bits): Bits {
  if (a.length === 0 || a === b) return b;
  if (b.length === 0) return a;
  const first = Math.min(a[0]!, b[0]!);
  const last = Math.max(a[0]! + a.length, b[0]! + b.length) - 1;
  const words = [first];
  for (let index = first; index < last; index++) words.push(wordAt(a, index) | wordAt(b, index));
  return words;
}
