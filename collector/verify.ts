import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkAudit } from './audit/audit.ts';
import { digestOf, type FrozenSheet } from './evaluation/freeze.ts';
import { verifySheet } from './evaluation/verify.ts';
import { openSqlite, type Store } from './store/sqlite.ts';

/**
 * `npm run -s verify -- SHEET [--data DIR]`: recomputes a locked sheet from the stored reports. SHEET is the file of a
 * locked sheet, or `EVALUATION/SCHOOL`. Exit 0: everything fits; 1: something does not, one line each; 2: usage.
 */

const USAGE = 'usage: npm run -s verify -- SHEET|EVALUATION/SCHOOL [--data DIR]';

/** What the person typed wrong. */
class UsageError extends Error {}

interface Found {
  body: string;
  /** The digest that the log kept when the sheet was locked. */
  digest: string | undefined;
}

async function find(store: Store, sheet: string): Promise<Found> {
  const isFile = existsSync(sheet);
  const text = isFile ? readFileSync(sheet, 'utf8') : undefined;
  const [evaluation, school] = text === undefined ? sheet.split('/') : idsIn(text);
  if (!evaluation || !school) throw new UsageError(`không có tệp ${sheet}\n${USAGE}`);
  const row = await store
    .selectFrom('locked_sheet')
    .select(['body', 'digest'])
    .where('evaluation_id', '=', evaluation)
    .where('school_id', '=', school)
    .executeTakeFirst();
  const logged = await loggedDigests(store, evaluation, school);
  // A file may be of a period that was opened again: then it is an earlier sheet, which the log knows too.
  if (text !== undefined)
    return { body: text, digest: logged.includes(digestOf(text)) ? digestOf(text) : (logged.at(-1) ?? 'không có') };
  if (!row) throw new UsageError(`không có phiếu khóa nào của kỳ ${evaluation}, trường ${school}`);
  return { body: row.body, digest: logged.at(-1) ?? row.digest };
}

/** Digests of the sheets that were locked, oldest first: the log is chained, the table beside it is not. */
async function loggedDigests(store: Store, evaluation: string, school: string): Promise<string[]> {
  const rows = await store
    .selectFrom('audit')
    .select('after')
    .where('action', '=', 'sheet.locked')
    .where('subject', '=', `evaluation/${evaluation}/school/${school}`)
    .orderBy('seq')
    .execute();
  return rows.map(({ after }) => (JSON.parse(after) as { digest: string }).digest);
}

function idsIn(text: string): [string, string] {
  try {
    const { evaluation, school } = JSON.parse(text) as FrozenSheet;
    return [evaluation.id, school.id];
  } catch {
    throw new UsageError('tệp này không phải phiếu đã khóa');
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string', default: 'data/collector' } },
  });
  const [sheet, ...rest] = positionals;
  if (!sheet || rest.length > 0) throw new UsageError(USAGE);
  if (!existsSync(join(values.data, 'thdt.sqlite'))) throw new UsageError(`không có kho dữ liệu ở ${values.data}`);
  const store = await openSqlite(values.data);
  try {
    const { body, digest } = await find(store, sheet);
    const { reports, samples, total, faults } = await verifySheet(store, body, digest);
    const audit = await checkAudit(store);
    const lines = faults.map(({ item, report, why }) =>
      [item === null ? 'phiếu' : `mục ${item}`, report === null ? '' : `báo cáo ${report}`, why]
        .filter(Boolean)
        .join(': '),
    );
    if (audit.broken) lines.push(`nhật ký: dòng ${audit.broken.seq} ${audit.broken.why}`);
    for (const line of lines) process.stdout.write(`SAI  ${line}\n`);
    process.stdout.write(
      `${reports} báo cáo đã ký, ${samples} lần đo, ${audit.rows} dòng nhật ký; tính lại được ${String(total).replace('.', ',')} điểm: ${lines.length === 0 ? 'khớp' : `${lines.length} chỗ sai`}\n`,
    );
    return lines.length === 0 ? 0 : 1;
  } finally {
    await store.destroy();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const { code = '', message } = error as { code?: string; message: string };
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error;
  process.stderr.write(`verify: ${message}\n`);
  process.exitCode = 2;
}
