import type { EvaluatedSchool, EvaluationDetail } from '../api/schemas/evaluation.ts';

/** Grades of a period's schools, as the results show them. */

/** In place of a grade where something is still undecided. */
export const NO_GRADE = '';

export interface Grade {
  id: string;
  label: string;
  /** Least points. */
  from: number;
  /** False: the one for schools that reach none. */
  attained: boolean;
}

export const gradeOf = (row: EvaluatedSchool): string => (row.provisional ? NO_GRADE : row.grade);

/** Grades of the period's edition, best first, with the one for "not attained" last where a school has it. */
export function gradesOf(period: Pick<EvaluationDetail, 'rows'>): Grade[] {
  const known = period.rows[0]?.gaps ?? [];
  const grades = known
    .map(({ grade, label, from }) => ({ id: grade, label, from, attained: true }))
    .sort((a, b) => b.from - a.from);
  const rest = new Map(
    period.rows
      .filter((row) => !row.provisional && !grades.some(({ id }) => id === row.grade))
      .map((row) => [row.grade, row.gradeLabel]),
  );
  return [...grades, ...[...rest].map(([id, label]) => ({ id, label, from: 0, attained: false }))];
}
