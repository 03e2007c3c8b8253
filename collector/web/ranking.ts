import type { EvaluatedSchool, EvaluationDetail } from '../api/schemas/evaluation.ts';

/** Order and grades of a period's schools, as the results show them. */

/** In place of a grade where something is still undecided. */
export const NO_GRADE = '';

export const gradeOf = (row: EvaluatedSchool): string => (row.provisional ? NO_GRADE : row.grade);

/** Grades of the period's edition, best first, with the one for "not attained" last where a school has it. */
export function gradesOf(period: Pick<EvaluationDetail, 'rows'>): { id: string; label: string; from: number }[] {
  const known = period.rows[0]?.gaps ?? [];
  const grades = known.map(({ grade, label, from }) => ({ id: grade, label, from })).sort((a, b) => b.from - a.from);
  const rest = new Map(
    period.rows
      .filter((row) => !row.provisional && !grades.some(({ id }) => id === row.grade))
      .map((row) => [row.grade, row.gradeLabel]),
  );
  return [...grades, ...[...rest].map(([id, label]) => ({ id, label, from: 0 }))];
}

/**
 * Best first; schools with equal points share a rank. A school with something undecided has no rank yet: it follows,
 * in order of what it has for certain.
 */
export function ranked(rows: readonly EvaluatedSchool[]): { row: EvaluatedSchool; rank: number | null }[] {
  const byName = (a: EvaluatedSchool, b: EvaluatedSchool) => a.name.localeCompare(b.name, 'vi');
  const done = rows.filter((row) => !row.provisional).sort((a, b) => b.total - a.total || byName(a, b));
  const open = rows.filter((row) => row.provisional).sort((a, b) => b.range.least - a.range.least || byName(a, b));
  return [
    ...done.map((row) => ({ row, rank: 1 + done.findIndex((other) => other.total === row.total) })),
    ...open.map((row) => ({ row, rank: null })),
  ];
}
