/** What can be matched with its counterpart in another edition. */
export interface Matchable {
  id: string;
  text: string;
}

/** Pairs of one kind, and whether the ids agree. */
export interface Pair<T> {
  a: T;
  b: T;
  by: 'id' | 'text';
}

const SAME_ID = 0.3;
const SAME_PARENT = 0.1;
/** Share of common words from which two wordings count as one, where the ids differ. */
const ALIKE = 0.6;
/** Beyond this many pairs only equal ids, and texts that stand once, are looked at: a large draft must not take minutes. */
const MAX_PAIRS = 250_000;

/**
 * Pairs what belongs together in two lists: by wording and id, the best first. An equal wording under another id beats
 * an unlike wording under the same id, as when an item was put in before others and their numbers moved; what is left
 * is paired by id. `sameParent`: whether the two stand in the same place. Swapping the lists swaps the pairs.
 */
export function matchLists<T extends Matchable>(
  a: readonly T[],
  b: readonly T[],
  sameParent: (a: T, b: T) => boolean = () => true,
): Pair<T>[] {
  const left = a.map((node, index) => ({ node, index, text: normal(node.text), words: wordsOf(node.text) }));
  const right = b.map((node, index) => ({ node, index, text: normal(node.text), words: wordsOf(node.text) }));
  type Entry = (typeof left)[number];
  const pairs: Pair<T>[] = [];
  const used = new Set<Entry>();
  const pair = (x: Entry, y: Entry) => {
    used.add(x).add(y);
    pairs.push({ a: x.node, b: y.node, by: x.node.id === y.node.id ? 'id' : 'text' });
  };

  // Nearly all of two related editions: same id, same wording, same place.
  const byId = new Map(right.map((entry) => [entry.node.id, entry]));
  for (const x of left) {
    const y = byId.get(x.node.id);
    if (y && x.text === y.text && sameParent(x.node, y.node)) pair(x, y);
  }
  const restLeft = left.filter((entry) => !used.has(entry));
  const restRight = right.filter((entry) => !used.has(entry));
  const few = restLeft.length * restRight.length <= MAX_PAIRS;
  const byText = Map.groupBy(restRight, (entry) => entry.text);
  const candidates: { x: Entry; y: Entry; likeness: number }[] = [];
  for (const x of restLeft) {
    const equal = byText.get(x.text) ?? [];
    const named = byId.get(x.node.id);
    const others = few ? restRight : new Set([...(equal.length === 1 ? equal : []), ...(named ? [named] : [])]);
    for (const y of others) {
      if (used.has(y)) continue;
      const sameId = x.node.id === y.node.id;
      const alike = x.text === y.text ? 1 : 0.95 * overlap(x.words, y.words);
      if (!sameId && alike < ALIKE) continue;
      const likeness = alike + (sameId ? SAME_ID : 0) + (sameParent(x.node, y.node) ? SAME_PARENT : 0);
      candidates.push({ x, y, likeness });
    }
  }
  // Two candidates of equal likeness and equal sum of positions never share a side, so that their order is irrelevant
  // and the result does not depend on which list is called a.
  candidates.sort((p, q) => q.likeness - p.likeness || p.x.index + p.y.index - (q.x.index + q.y.index));
  for (const { x, y } of candidates) if (!used.has(x) && !used.has(y)) pair(x, y);
  return pairs;
}

export const normal = (text: string): string => text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
const wordsOf = (text: string): Set<string> => new Set(normal(text).match(/[\p{L}\p{N}]+/gu));

/** Common words of all words, 0 to 1. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const word of a.size < b.size ? a : b) if ((a.size < b.size ? b : a).has(word)) common++;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : common / all;
}
