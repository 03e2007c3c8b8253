/**
 * A set of whole numbers near each other (numbers of school days, of series) as 32-bit words: the index of the first
 * word, then the words. A month of school days is two or three numbers.
 */
export type Bits = readonly number[];

export const NONE: Bits = [];

export function bitsOf(members: Iterable<number>): Bits {
  const words = new Map<number, number>();
  for (const member of members) {
    const index = Math.floor(member / 32);
    words.set(index, (words.get(index) ?? 0) | (1 << (member % 32)));
  }
  if (words.size === 0) return NONE;
  const first = Math.min(...words.keys());
  const last = Math.max(...words.keys());
  return [first, ...Array.from({ length: last - first + 1 }, (_, offset) => words.get(first + offset) ?? 0)];
}

export function has(bits: Bits, member: number): boolean {
  if (bits.length === 0) return false;
  const word = bits[1 + Math.floor(member / 32) - bits[0]!];
  return word !== undefined && (word & (1 << (member % 32))) !== 0;
}

export function union(a: Bits, b: Bits): Bits {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  if (a === b) return a;
  const first = Math.min(a[0]!, b[0]!);
  const last = Math.max(a[0]! + a.length, b[0]! + b.length) - 1;
  const words = [first];
  for (let index = first; index < last; index++) words.push((a[1 + index - a[0]!] ?? 0) | (b[1 + index - b[0]!] ?? 0));
  return words;
}

export function size(bits: Bits): number {
  let count = 0;
  for (let index = 1; index < bits.length; index++) for (let word = bits[index]!; word !== 0; word &= word - 1) count++;
  return count;
}
