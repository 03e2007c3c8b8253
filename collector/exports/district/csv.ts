import { delimited } from '../csv-parts.ts';
import type { DistrictFormat } from './format.ts';
import { countTables, progressTable, schoolTable, type TextTable } from './table.ts';

/** The summary as CSV: the tables one below the other, an empty line between them. */
export const csv: DistrictFormat = {
  id: 'csv',
  extension: 'csv',
  contentType: 'text/csv; charset=utf-8',
  write: (lines) =>
    delimited([
      [lines.title, lines.rubric, lines.basis, ...lines.facts.map(({ label, value }) => `${label}: ${value}`)],
      ...lines.notes.map((note) => [note]),
      [''],
      ...[schoolTable(lines), ...countTables(lines), progressTable(lines)].flatMap(rowsOf),
    ]),
};

const rowsOf = ({ title, columns, rows }: TextTable): string[][] => [
  ...(title === null ? [] : [[''], [title]]),
  columns.map(({ head }) => head),
  ...rows,
];
