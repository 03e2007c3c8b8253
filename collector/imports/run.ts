import { Problem } from '../api/errors.ts';
import type { ImportAnswer, ImportError } from '../api/schemas/imports.ts';
import type { Store } from '../store/sqlite.ts';
import { type Importer, type ImportKind, type ImportWork, type RowChange, RowError } from './kind.ts';
import { readTables } from './read.ts';
import { shorten, type TableRow, tableOf } from './table.ts';

const MAX_ERRORS = 1000;
/** Rows written in one transaction: few enough that a report of an agent need not wait long. */
const CHUNK = 100;

/**
 * Reads a file and says what each row would do; with `apply` it writes every row without an error, each one wholly or not
 * at all, and names the others. Throws Problem for a file that cannot be read as one of this kind.
 */
export async function runImport(
  kind: ImportKind,
  work: ImportWork,
  bytes: Buffer,
  apply: boolean,
): Promise<ImportAnswer> {
  const table = tableOf(await readTables(bytes), kind);
  if (kind.ofEvaluation && table.evaluationId !== null && table.evaluationId !== work.evaluationId)
    throw new Problem('input-invalid', 'tệp này là mẫu của một kỳ đánh giá khác: tải mẫu của kỳ này');
  if (kind.ofSchool && table.schoolId !== null && table.schoolId !== work.schoolId)
    throw new Problem('input-invalid', 'tệp này là của một trường khác: tải tệp của trường này');
  const importer = await kind.open(work);
  const errors = [...table.unknown];
  const checked: Checked[] = [];
  for (const [index, row] of table.rows.entries()) {
    if (row.errors.length > 0) errors.push(...row.errors);
    else {
      const found = tryRow(row, kind, () => importer.check(row.values, table.madeAt, table.given));
      if ('error' in found) errors.push(found.error);
      else checked.push({ row, change: found.value });
    }
    if (index % 500 === 499) await new Promise(setImmediate);
  }
  const done = apply ? await applyAll(checked, kind, work.context.store, importer, errors) : checked;
  const count = (does: RowChange['does']) => done.filter(({ change }) => change.does === does).length;
  errors.sort((a, b) => a.row - b.row);
  return {
    rows: table.rows.length,
    created: count('created'),
    changed: count('changed'),
    same: count('same'),
    errors: errors.slice(0, MAX_ERRORS),
    moreErrors: Math.max(0, errors.length - MAX_ERRORS),
    applied: apply,
  };
}

interface Checked {
  row: TableRow;
  change: RowChange;
}

/** Writes the rows; answers those that were, and adds an error for each of the others. */
async function applyAll(
  checked: readonly Checked[],
  kind: ImportKind,
  store: Store,
  importer: Importer,
  errors: ImportError[],
): Promise<Checked[]> {
  const done: Checked[] = [];
  for (let index = 0; index < checked.length; index += CHUNK) {
    const chunk = checked.slice(index, index + CHUNK);
    for (const { change } of chunk) await change.prepare?.();
    if (await writeTogether(store, chunk)) done.push(...chunk);
    // One of them cannot be written: each by itself then, so that it alone is left out.
    else
      for (const one of chunk) {
        const error = await writeAlone(store, one, kind);
        if (error) errors.push(error);
        else done.push(one);
      }
    await new Promise(setImmediate);
  }
  importer.done?.();
  return done;
}

async function writeTogether(store: Store, chunk: readonly Checked[]): Promise<boolean> {
  try {
    await store.transaction().execute(async (write) => {
      for (const { change } of chunk) await change.write?.(write);
    });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

async function writeAlone(store: Store, { row, change }: Checked, kind: ImportKind): Promise<ImportError | null> {
  try {
    await store.transaction().execute(async (write) => change.write?.(write));
    return null;
  } catch (error) {
    if (isRefusal(error)) return errorOf(error, row, kind);
    throw error;
  }
}

function tryRow<T>(row: TableRow, kind: ImportKind, work: () => T): { value: T } | { error: ImportError } {
  try {
    return { value: work() };
  } catch (error) {
    if (isRefusal(error)) return { error: errorOf(error, row, kind) };
    throw error;
  }
}

const isConstraint = (error: unknown) => String((error as { code?: unknown }).code).startsWith('SQLITE_CONSTRAINT');
const isRefusal = (error: unknown): boolean =>
  error instanceof RowError || error instanceof Problem || isConstraint(error);

function errorOf(error: unknown, row: TableRow, kind: ImportKind): ImportError {
  const column = error instanceof RowError ? kind.columns.find(({ key }) => key === error.column) : undefined;
  const why = isConstraint(error) ? 'dữ liệu vừa thay đổi: nhập lại dòng này' : (error as Error).message;
  return { row: row.number, column: column?.head ?? '', value: column ? shorten(row.values[column.key]!) : '', why };
}
