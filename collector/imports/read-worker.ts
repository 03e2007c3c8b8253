import { parentPort, workerData } from 'node:worker_threads';
import { readXlsx } from 'hucre/xlsx';
import type { CellText, ReadTable } from './read.ts';
import { checkUnpackedSize } from './zip-size.ts';

/** The thread that `read.ts` starts: one file, then it ends. Reads no more cells than are asked for. */
const { bytes, rows, columns } = workerData as { bytes: Uint8Array; rows: number; columns: number };
checkUnpackedSize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
const last = `${String.fromCharCode(64 + columns)}${rows}`;
const workbook = await readXlsx(bytes, { range: `A1:${last}`, maxRows: rows });
const tables = workbook.sheets.map(({ name, rows: found, cells }): ReadTable => {
  const empty = new Set(
    [...(cells ?? [])].flatMap(([at, cell]) =>
      cell.formula !== undefined && (cell.formulaResult ?? cell.value ?? null) === null ? [at] : [],
    ),
  );
  return {
    name,
    rows: found.map((row, r) => row.map((value, c) => (empty.has(`${r},${c}`) ? { formula: true } : textOf(value)))),
  };
});
parentPort!.postMessage(tables);

/** Text of a cell; a date says that it is one, because nothing here is a date that was not a code or a fraction before. */
function textOf(value: unknown): CellText {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return { date: Number.isNaN(value.getTime()) ? '' : value.toISOString().slice(0, 10) };
  if (typeof value === 'boolean') return value ? 'có' : 'không';
  return String(value);
}
