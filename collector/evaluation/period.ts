import { dateOf, lastPeriods, midnightOf, type Period, schoolDaysBetween } from '../../shared/calendar.ts';
import { type Edition, parseEdition } from '../../shared/rubric/edition.ts';
import { Problem } from '../api/errors.ts';
import type { EvaluationState } from '../api/schemas/evaluation.ts';
import type { MeasuredFinding } from '../api/schemas/finding.ts';
import type { Facts } from '../compliance/facts.ts';
import { findingOf, judged } from '../compliance/finding.ts';
import { loadJudgeable, type Window } from '../compliance/judgeable.ts';
import { keepRollups, type Made } from '../compliance/rollup-cache.ts';
import { rules } from '../compliance/rules.ts';
import { type SchoolContext, schoolContexts } from '../compliance/service.ts';
import type { Store } from '../store/sqlite.ts';
import type { EvaluationTable } from '../store/tables.ts';

/** An evaluation period: its states, its window, and what measurements say over that window. */

export type EvaluationRow = Omit<EvaluationTable, 'state'> & { state: EvaluationState };

/** Where a state may go; a step back needs a reason. */
const STEPS: Record<EvaluationState, Partial<Record<EvaluationState, 'forward' | 'back'>>> = {
  prepared: { open: 'forward' },
  open: { review: 'forward' },
  review: { locked: 'forward', open: 'back' },
  locking: { locked: 'forward', review: 'back' },
  locked: { review: 'back' },
};

/** Throws Problem unless the step is one, and is given its reason where it goes back. */
export function checkStep(from: EvaluationState, to: EvaluationState, reason: string | undefined): void {
  const step = STEPS[from][to];
  if (step === undefined)
    throw new Problem(
      'not-now',
      `kỳ đánh giá đang ở bước “${STATE_NAMES[from]}”, không chuyển thẳng sang “${STATE_NAMES[to]}” được`,
    );
  if (step === 'back' && reason === undefined) throw new Problem('input-invalid', 'mở lại cần ghi lý do');
}
export const STATE_NAMES: Record<EvaluationState, string> = {
  prepared: 'chuẩn bị',
  open: 'đang chấm',
  review: 'rà soát',
  locking: 'đang khóa',
  locked: 'đã khóa',
};

/** Whether entries, evidence and remarks are taken. */
export const isOpen = ({ state }: Pick<EvaluationRow, 'state'>): boolean => state === 'open' || state === 'review';

/** Throws Problem unless entries, evidence and remarks are taken. */
export function checkOpen(row: Pick<EvaluationRow, 'state'>): void {
  if (!isOpen(row))
    throw new Problem('not-now', `kỳ đánh giá đang ở bước “${STATE_NAMES[row.state]}”: không nhập được`);
}

/** The same inside a transaction that has written: nobody locks between the look and the commit. */
export const requireOpen = async (write: Store, id: string): Promise<void> =>
  checkOpen(await requireEvaluation(write, id));

/** Throws Problem `not-found`. */
export async function requireEvaluation(store: Store, id: string): Promise<EvaluationRow> {
  const row = await store.selectFrom('evaluation').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new Problem('not-found', 'không có kỳ đánh giá này');
  return row as EvaluationRow;
}

/** The edition as it was when the period was prepared. */
export const editionOf = (row: Pick<EvaluationRow, 'edition'>): Edition => parseEdition(JSON.parse(row.edition));

export const windowOf = (from: string, to: string) => ({ from_at: midnightOf(from), to_at: midnightOf(to) + DAY_MS });
export const daysOf = (row: Pick<EvaluationRow, 'from_at' | 'to_at'>) => ({
  from: dateOf(row.from_at),
  to: dateOf(row.to_at - 1),
});
const DAY_MS = 24 * 3600_000;

/** The moment up to which measurements count: now, or the window's end. */
export const momentOf = (row: Pick<EvaluationRow, 'to_at'>, now: number): number => Math.min(now, row.to_at - 1);

/** School days of the window up to `at`; for a school that counts minutes the last ones before. */
export function periodsOf(row: Pick<EvaluationRow, 'from_at'>, context: SchoolContext, at: number): Period[] {
  const { calendar, policy } = context;
  if (policy.periodUnit === 'minute') return lastPeriods(calendar, 'minute', at, policy.windowPeriods);
  return schoolDaysBetween(calendar, row.from_at, at + 1);
}

/** A school's window of a period at `now`, as it is judged. */
export function windowOfSchool(
  row: EvaluationRow,
  context: SchoolContext,
  now: number,
  periods: readonly Period[] = periodsOf(row, context, momentOf(row, now)),
): Window {
  const at = momentOf(row, now);
  const policy = { ...context.policy, windowPeriods: Math.max(1, periods.length) };
  const from = periods[0]?.from ?? row.from_at;
  return { context: { ...context, policy }, periods, from, to: row.to_at, now: at, isFixed: true };
}

/** Judges schools over a period's window and keeps the findings, in one transaction. Answers them by school. */
export async function fillSchools(
  store: Store,
  row: EvaluationRow,
  schoolIds: readonly string[],
  now: number,
): Promise<Map<string, MeasuredFinding[]>> {
  const contexts = await schoolContexts(store, schoolIds);
  const likeOne = Map.groupBy(contexts, ({ calendar, policy }) =>
    JSON.stringify([calendar, policy.periodUnit, policy.windowPeriods]),
  );
  const windows = [...likeOne.values()].flatMap((alike) => {
    const periods = periodsOf(row, alike[0]!, momentOf(row, now));
    return alike.map((context) => windowOfSchool(row, context, now, periods));
  });
  const found = new Map<string, MeasuredFinding[]>();
  const made: Made[] = [];
  for await (const judgeable of loadJudgeable(store, windows)) {
    found.set(judgeable.schoolId, judgeFacts(row.id, judgeable.facts));
    made.push(...judgeable.made);
  }
  const rows = [...found].flatMap(([school_id, findings]) =>
    findings.map((finding) => ({
      evaluation_id: row.id,
      school_id,
      rule: finding.rule,
      computed_at: now,
      body: JSON.stringify(finding),
    })),
  );
  if (rows.length === 0) return found;
  await store.transaction().execute(async (write) => {
    await write
      .insertInto('evaluation_finding')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['evaluation_id', 'school_id', 'rule']).doUpdateSet((eb) => ({
          computed_at: eb.ref('excluded.computed_at'),
          body: eb.ref('excluded.body'),
        })),
      )
      .execute();
    await keepRollups(write, made);
  });
  return found;
}

/** Every rule over what was measured. Pure: the same facts give the same findings. */
export const judgeFacts = (evaluationId: string, facts: Facts): MeasuredFinding[] =>
  rules.map((rule) => findingOf(rule, judged(rule, facts), facts, `${evaluationId}/${rule.id}`, facts.now));

/** Kept findings of a period by school. */
export async function filledFindings(store: Store, evaluationId: string, schoolIds: readonly string[]) {
  const rows = await store
    .selectFrom('evaluation_finding')
    .select(['school_id', 'computed_at', 'body'])
    .where('evaluation_id', '=', evaluationId)
    .where('school_id', 'in', schoolIds)
    .execute();
  const bySchool = new Map<string, { at: number; findings: MeasuredFinding[] }>();
  for (const row of rows) {
    const own = bySchool.get(row.school_id) ?? { at: row.computed_at, findings: [] };
    own.findings.push(JSON.parse(row.body) as MeasuredFinding);
    bySchool.set(row.school_id, own);
  }
  return bySchool;
}
