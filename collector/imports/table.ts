import { plain } from '../../shared/vietnamese.ts';
import { Problem } from '../api/errors.ts';
import type { ImportError } from '../api/schemas/imports.ts';
import type { ImportKind, ImportRow } from './kind.ts';
import { type CellText, MAX_HEAD_ROWS, MAX_ROWS, type ReadTable } from './read.ts';

/** A row of the file, its number as a spreadsheet counts, and what is wrong with its cells as they are. */
export interface TableRow {
  number: number;
  values: ImportRow;
  errors: ImportError[];
}
export interface Table {
  rows: TableRow[];
  /** Columns that nobody knows. */
  unknown: ImportError[];
  /** When the template was handed out, epoch ms, and for which period or school; null: the file does not say. */
  madeAt: number | null;
  evaluationId: string | null;
  schoolId: string | null;
  /** Keys of the columns that the file has. */
  given: ReadonlySet<string>;
}

export const GUIDE = 'Hướng dẫn';
export const MADE_AT = 'Mẫu xuất lúc';
export const EVALUATION = 'Mã kỳ đánh giá';
export const SCHOOL = 'Mã hệ thống của trường';

/** Letters and digits of a heading: "Mã  trường (*)" is "ma truong". */
export const headingOf = (text: string): string =>
  plain(text)
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();

/** The rows of a kind's sheet. Throws Problem `input-invalid` for a file without the sheet or the headings, or too long. */
export function tableOf(tables: readonly ReadTable[], kind: ImportKind): Table {
  const sheet = tables.find(({ name }) => headingOf(name) === headingOf(kind.sheet));
  if (!sheet) {
    const known = tables.map(({ name }) => `“${shorten(name)}”`).join(', ');
    throw new Problem('input-invalid', `tệp không có trang “${kind.sheet}”; có: ${known || 'không trang nào'}`);
  }
  const { head, columns, unknown } = headOf(sheet, kind);
  const rows = sheet.rows.slice(head + 1).map((cells, index) => rowOf(cells, head + 2 + index, columns, kind));
  const filled = rows.filter((row) => row.errors.length > 0 || isFilled(row.values, kind));
  if (filled.length > MAX_ROWS) throw new Problem('input-invalid', `tệp có hơn ${MAX_ROWS} dòng: chia thành nhiều tệp`);
  const given = new Set(columns.flatMap((column) => (column ? [column.key] : [])));
  return { rows: filled, unknown, given, ...stampOf(tables) };
}

const isFilled = (values: ImportRow, { columns }: ImportKind) =>
  columns.some(({ key, info, prefilled }) => !info && !prefilled && values[key] !== '');

function headOf({ rows }: ReadTable, kind: ImportKind) {
  const known = new Map(kind.columns.map((column) => [headingOf(column.head), column]));
  const found = rows
    .slice(0, MAX_HEAD_ROWS)
    .map((cells) => cells.map((cell) => (typeof cell === 'string' ? known.get(headingOf(cell)) : undefined)));
  const score = (cells: (typeof found)[number]) => cells.filter((column) => column?.required).length;
  const best = found.reduce((most, cells, index) => (score(cells) > score(found[most] ?? []) ? index : most), 0);
  const columns = found[best] ?? [];
  const missing = kind.columns.filter((column) => column.required && !columns.includes(column));
  if (missing.length > 0)
    throw new Problem(
      'input-invalid',
      `trang “${kind.sheet}” thiếu cột: ${missing.map(({ head }) => head).join(', ')}`,
    );
  const twice = columns.find((column, index) => column && columns.indexOf(column) !== index);
  if (twice) throw new Problem('input-invalid', `trang “${kind.sheet}” có hai cột ${twice.head}`);
  const unknown = (rows[best] ?? []).flatMap((cell, index): ImportError[] => {
    if (columns[index] || typeof cell !== 'string' || cell.trim() === '') return [];
    return [{ row: best + 1, column: shorten(cell), value: '', why: 'cột không được biết: không nhập cột này' }];
  });
  return { head: best, columns, unknown };
}

function rowOf(
  cells: readonly CellText[],
  number: number,
  columns: readonly (ImportKind['columns'][number] | undefined)[],
  kind: ImportKind,
): TableRow {
  const values: Record<string, string> = Object.fromEntries(kind.columns.map(({ key }) => [key, '']));
  const errors: ImportError[] = [];
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (!column || column.info) continue;
    const refuse = (value: string, why: string) => errors.push({ row: number, column: column.head, value, why });
    if (typeof cell !== 'string') {
      if ('date' in cell) refuse(cell.date, 'ô đang là ngày tháng: định dạng ô thành Văn bản rồi nhập lại');
      else refuse('', 'ô công thức chưa có kết quả: mở tệp bằng phần mềm bảng tính, lưu lại, hoặc dán giá trị');
      continue;
    }
    const text = cell
      .normalize('NFC')
      .replaceAll(/[\r\n\t]+/g, ' ')
      .trim();
    if (/^#(?:N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NULL!|NUM!|SPILL!|CALC!)$/.test(text))
      refuse(text, 'ô công thức báo lỗi');
    else if (text.length > column.most) refuse(shorten(text), `dài quá ${column.most} ký tự`);
    else if (/\p{Cc}/u.test(text)) refuse(shorten(text), 'có ký tự điều khiển: gõ lại nội dung này');
    else if (/\p{Cf}/u.test(text)) refuse(shorten(text), 'có ký tự ẩn: gõ lại nội dung này');
    else values[column.key] = text;
  }
  return { number, values, errors };
}

/** What the template's second sheet says of itself. */
function stampOf(tables: readonly ReadTable[]): Pick<Table, 'madeAt' | 'evaluationId' | 'schoolId'> {
  const guide = tables.find(({ name }) => headingOf(name) === headingOf(GUIDE));
  const said = (label: string) => {
    const row = guide?.rows.find(([cell]) => typeof cell === 'string' && headingOf(cell) === headingOf(label));
    return typeof row?.[1] === 'string' ? row[1].trim() : '';
  };
  const madeAt = Date.parse(said(MADE_AT));
  return {
    madeAt: Number.isNaN(madeAt) ? null : madeAt,
    evaluationId: said(EVALUATION) || null,
    schoolId: said(SCHOOL) || null,
  };
}

/** For an error message: one short line. */
export const shorten = (text: string): string => {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79).toWellFormed()}…` : line;
};
