import { type Edition, itemsOf } from '../../shared/rubric/edition.ts';
import type { EvaluatedSchool, EvaluationDetail } from '../api/schemas/evaluation.ts';
import type { SheetAnswer, SheetItem } from '../api/schemas/scoresheet.ts';
import { schoolContexts } from '../compliance/service.ts';
import type { Store } from '../store/sqlite.ts';
import { entriesOf } from './entries.ts';
import type { FrozenSheet } from './freeze.ts';
import { schoolsOf } from './jobs.ts';
import { type EvaluationRow, editionOf, filledFindings } from './period.ts';
import { isOpen, scoreSheet, sheetSchool } from './sheet.ts';
import { upToDate } from './shown.ts';

/** Sheets of these schools in a period of this edition: frozen ones as they were frozen, the others as they stand. */
export async function sheetsOf(
  store: Store,
  row: EvaluationRow,
  edition: Edition,
  now: number,
  ids: readonly string[],
): Promise<SheetAnswer[]> {
  if (row.state === 'locked') {
    const rows = await store
      .selectFrom('locked_sheet')
      .select(['school_id', 'body'])
      .where('evaluation_id', '=', row.id)
      .where('school_id', 'in', ids)
      .execute();
    return rows.map(({ body }) => upToDate((JSON.parse(body) as FrozenSheet).sheet));
  }
  const [contexts, filled, entries] = await Promise.all([
    schoolContexts(store, ids),
    filledFindings(store, row.id, ids),
    entriesOf(store, ids, row.id),
  ]);
  const bySchool = Map.groupBy(entries, (entry) => entry.schoolId);
  return contexts.map((context) => {
    const { id } = context.school;
    const measured = filled.get(id)?.findings ?? [];
    const manual = (bySchool.get(id) ?? []).map(({ schoolId: _, ...entry }) => entry);
    return scoreSheet({ edition, school: sheetSchool(context), measured, manual, asOf: now });
  });
}

export const itemsOfSheet = (sheet: SheetAnswer): SheetItem[] =>
  sheet.standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));

const isDecided = (item: SheetItem) => !isOpen(item);

const SHEETS_AT_ONCE = 50;

/** Every school of the period with its points, progress and what its faults cost. */
export async function detailOf(
  store: Store,
  row: EvaluationRow,
  now: number,
): Promise<Pick<EvaluationDetail, 'units' | 'rules' | 'rows'>> {
  const edition = editionOf(row);
  const [digests, contests, ids] = await Promise.all([
    store
      .selectFrom('locked_sheet')
      .select(['school_id', 'digest', 'at'])
      .where('evaluation_id', '=', row.id)
      .execute(),
    openContests(store, row.id),
    schoolsOf(store, row.id),
  ]);
  const locked = new Map(digests.map((entry) => [entry.school_id, entry]));
  const summary = (sheet: SheetAnswer): EvaluatedSchool => {
    const frozen = row.state === 'locked' ? locked.get(sheet.school.id) : undefined;
    const { total, range, grade, gradeLabel, provisional, gaps } = sheet;
    return {
      ...sheet.school,
      total,
      range,
      grade,
      gradeLabel,
      provisional,
      standards: sheet.standards.map(({ id, points, max }) => ({ id, points, max })),
      gaps,
      progress: progressOf(edition, sheet),
      openContests: contests.get(sheet.school.id) ?? 0,
      faults: itemsOfSheet(sheet)
        .flatMap((item) => item.rules)
        .filter((rule) => rule.effect < 0)
        .map((rule) => ({ rule: rule.id, points: -rule.effect, why: rule.why ?? '' }))
        .sort((a, b) => b.points - a.points),
      locked: frozen ? { digest: frozen.digest, at: new Date(frozen.at).toISOString() } : null,
    };
  };
  const rows: EvaluatedSchool[] = [];
  for (let index = 0; index < ids.length; index += SHEETS_AT_ONCE) {
    // A sheet is a hundred kilobytes: of thousands only the summaries are kept, and others are answered in between.
    if (index > 0) await new Promise(setImmediate);
    rows.push(...(await sheetsOf(store, row, edition, now, ids.slice(index, index + SHEETS_AT_ONCE))).map(summary));
  }
  const sum = (unit: string, key: 'decided' | 'items') =>
    rows.reduce((total, { progress }) => total + (progress[unit]?.[key] ?? 0), 0);
  return {
    units: edition.units.map(({ id, label }) => ({ id, label, decided: sum(id, 'decided'), items: sum(id, 'items') })),
    rules: itemsOf(edition).flatMap((item) => item.rules.map(({ id, text }) => ({ id, text }))),
    rows,
  };
}

function progressOf(edition: Edition, sheet: SheetAnswer): EvaluatedSchool['progress'] {
  const progress: EvaluatedSchool['progress'] = Object.fromEntries(
    edition.units.map(({ id }) => [id, { decided: 0, items: 0, points: 0, max: 0 }]),
  );
  for (const item of itemsOfSheet(sheet)) {
    const own = progress[item.unit];
    if (!own) continue;
    own.items++;
    // Quarters of a point: exact.
    own.points += item.points;
    own.max += item.max;
    if (isDecided(item)) own.decided++;
  }
  return progress;
}

/** Contests without an answer, by school. */
async function openContests(store: Store, evaluationId: string): Promise<Map<string, number>> {
  const rows = await store
    .selectFrom('remark')
    .select(['id', 'school_id', 'kind', 'answers'])
    .where('evaluation_id', '=', evaluationId)
    .where('kind', 'in', ['contest', 'answer'])
    .execute();
  const answered = new Set(rows.map((row) => row.answers));
  const open = new Map<string, number>();
  for (const row of rows)
    if (row.kind === 'contest' && !answered.has(row.id)) open.set(row.school_id, (open.get(row.school_id) ?? 0) + 1);
  return open;
}
