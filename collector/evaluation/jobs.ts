import { record } from '../audit/audit.ts';
import { schoolContext } from '../compliance/service.ts';
import { keepSoFar } from '../compliance/so-far.ts';
import type { Store } from '../store/sqlite.ts';
import { freeze } from './freeze.ts';
import { type EvaluationRow, fillSchools, isOpen, requireEvaluation, windowOfSchool } from './period.ts';

/** The long work of a period, school by school, so that it can be watched and goes on after a restart. */

export interface Job {
  now(): number;
  /** Told after each school. */
  done(schoolId: string): void;
  /** Ends the work after the schools at hand; what is left is done when it is asked for again. */
  signal?: AbortSignal;
}

/** A finding of an open period is judged anew at most this often by itself, ms. */
const FILL_AGAIN_MS = 10 * 60_000;

export async function schoolsOf(store: Store, evaluationId: string): Promise<string[]> {
  const rows = await store
    .selectFrom('evaluation_school')
    .select('school_id')
    .where('evaluation_id', '=', evaluationId)
    .orderBy('school_id')
    .execute();
  return rows.map((row) => row.school_id);
}

/** Schools whose findings share a commit: few enough that whoever waits for the thread waits for a moment only. */
const SCHOOLS_AT_ONCE = 50;

/** Judges every school of a period over its window; `done` after each. */
export async function fillAll(store: Store, evaluationId: string, job: Job): Promise<void> {
  const schools = await schoolsOf(store, evaluationId);
  for (let index = 0; index < schools.length; index += SCHOOLS_AT_ONCE) {
    const row = await requireEvaluation(store, evaluationId);
    if (!isOpen(row) || job.signal?.aborted) return;
    const found = await fillSchools(store, row, schools.slice(index, index + SCHOOLS_AT_ONCE), job.now());
    for (const schoolId of found.keys()) job.done(schoolId);
    await new Promise(setImmediate);
  }
}

/**
 * Judges a school anew in the open periods where its findings have grown old. Of those that are still prepared it reads
 * the window so far, so that they fill at once when they are opened.
 */
export async function fillDue(store: Store, schoolId: string, now: number): Promise<void> {
  const rows = await store
    .selectFrom('evaluation_school as part')
    .innerJoin('evaluation', 'evaluation.id', 'part.evaluation_id')
    .leftJoin('evaluation_finding as found', (join) =>
      join.onRef('found.evaluation_id', '=', 'part.evaluation_id').onRef('found.school_id', '=', 'part.school_id'),
    )
    .select(['evaluation.id', 'evaluation.state', (eb) => eb.fn.max('found.computed_at').as('at')])
    .where('part.school_id', '=', schoolId)
    .where('evaluation.state', 'in', ['prepared', 'open', 'review'])
    .groupBy(['evaluation.id', 'evaluation.state'])
    .execute();
  for (const { id, state, at } of rows) {
    if (state === 'prepared') await readAhead(store, await requireEvaluation(store, id), schoolId, now);
    else if (at === null || now - at >= FILL_AGAIN_MS)
      await fillSchools(store, await requireEvaluation(store, id), [schoolId], now);
  }
}

async function readAhead(store: Store, row: EvaluationRow, schoolId: string, now: number): Promise<void> {
  const context = await schoolContext(store, schoolId);
  if (!context) return;
  const window = windowOfSchool(row, context, now);
  if (window.periods.length > 0) await keepSoFar(store, context, window, now);
}

/** Freezes every sheet of a period in state `locking`, then locks it. What is frozen already is not frozen again. */
export async function lockAll(store: Store, evaluationId: string, job: Job): Promise<void> {
  const row = await requireEvaluation(store, evaluationId);
  if (row.state !== 'locking') return;
  const kept = await store
    .selectFrom('locked_sheet')
    .select('school_id')
    .where('evaluation_id', '=', evaluationId)
    .execute();
  const frozen = new Set(kept.map((entry) => entry.school_id));
  for (const schoolId of await schoolsOf(store, evaluationId)) {
    if (frozen.has(schoolId)) continue;
    if (job.signal?.aborted) return;
    const at = job.now();
    const { body, digest } = await freeze(store, row, schoolId, at);
    const isLocking = await store.transaction().execute(async (write) => {
      await write
        .insertInto('locked_sheet')
        .values({ evaluation_id: evaluationId, school_id: schoolId, digest, at, body })
        .execute();
      const subject = `evaluation/${evaluationId}/school/${schoolId}`;
      // An administrator may have gone back to review meanwhile.
      if ((await requireEvaluation(write, evaluationId)).state !== 'locking') {
        await write.deleteFrom('locked_sheet').where('evaluation_id', '=', evaluationId).execute();
        return false;
      }
      await record(write, { by: null, action: 'sheet.locked', subject, before: null, after: { digest } }, at);
      return true;
    });
    if (!isLocking) return;
    job.done(schoolId);
    await new Promise(setImmediate);
  }
  const at = job.now();
  await store.transaction().execute(async (write) => {
    const { numUpdatedRows } = await write
      .updateTable('evaluation')
      .set({ state: 'locked' })
      .where('id', '=', evaluationId)
      .where('state', '=', 'locking')
      .executeTakeFirst();
    if (!numUpdatedRows) return;
    await record(
      write,
      {
        by: null,
        action: 'evaluation.state',
        subject: `evaluation/${evaluationId}`,
        before: 'locking',
        after: 'locked',
      },
      at,
    );
  });
}

/** Periods whose locking was cut short. */
export async function lockingNow(store: Store): Promise<string[]> {
  const rows = await store.selectFrom('evaluation').select('id').where('state', '=', 'locking').execute();
  return rows.map((row) => row.id);
}
