import { formatPoints } from '../../shared/points.ts';
import { dash, delimited } from './csv-parts.ts';
import type { Format } from './format.ts';
import { COLUMNS, type Lines, sheetLines } from './lines.ts';

/** The sheet as CSV, a row an item. */
export const csv: Format = {
  id: 'csv',
  extension: 'csv',
  contentType: 'text/csv; charset=utf-8',
  write: (sheet, edition) => delimited(rows(sheetLines(sheet, edition))),
};

function rows(lines: Lines): string[][] {
  const head = ['Mã', COLUMNS.text, COLUMNS.ways, COLUMNS.unit, 'Điểm tối đa', COLUMNS.points, 'Nguồn'];
  const out: string[][] = [
    [lines.title, lines.rubric, lines.basis, ...lines.facts.map(({ label, value }) => `${label}: ${value}`)],
    ...(lines.practice === null ? [] : [[lines.practice]]),
    [...head, 'Chờ người chấm', COLUMNS.notes],
  ];
  for (const row of lines.rows) {
    const max = formatPoints(row.max);
    const points = formatPoints(row.points);
    if (row.kind === 'item')
      out.push([
        row.id,
        row.text.map(dash).join(' '),
        row.ways.join(' '),
        row.unit,
        max,
        points,
        row.source,
        row.needsAssessor ? 'có' : '',
        row.notes.join(' | '),
      ]);
    else out.push([row.kind === 'standard' ? row.number : '', row.text, '', '', max, points, '', '', '']);
  }
  const { max, total, grade, gradeNotes, groups } = lines;
  for (const group of groups)
    out.push(['', group.title, '', '', formatPoints(group.max), formatPoints(group.points), '', '', '']);
  out.push(['', 'TỔNG', '', '', formatPoints(max), formatPoints(total), grade, '', gradeNotes.join(' ')]);
  for (const [index, reading] of lines.readings.entries()) out.push(['', `Chú giải ${index + 1}: ${reading}`]);
  return out;
}
