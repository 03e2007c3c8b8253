/** The order of schools in an evaluation. Pure. */

export interface Rankable {
  name: string;
  total: number;
  /** Something is undecided: the total may still change. */
  provisional: boolean;
  range: { least: number };
  /** Simulated devices. */
  practice: boolean;
}

/**
 * Best first; schools with equal points share a rank. A school with something undecided has no rank yet: it follows the
 * others, in order of what it has for certain. Practice schools come last, without rank.
 */
export function ranked<T extends Rankable>(rows: readonly T[]): { row: T; rank: number | null }[] {
  const byName = (a: T, b: T) => a.name.localeCompare(b.name, 'vi');
  const real = rows.filter((row) => !row.practice);
  const decided = real.filter((row) => !row.provisional).sort((a, b) => b.total - a.total || byName(a, b));
  const open = real.filter((row) => row.provisional).sort((a, b) => b.range.least - a.range.least || byName(a, b));
  const practice = rows.filter((row) => row.practice).sort(byName);
  const first = new Map<number, number>();
  for (const [index, { total }] of decided.entries()) if (!first.has(total)) first.set(total, index + 1);
  return [
    ...decided.map((row) => ({ row, rank: first.get(row.total)! })),
    ...[...open, ...practice].map((row) => ({ row, rank: null })),
  ];
}
