import { writeXlsx } from 'hucre/xlsx';
import { BOX, CENTER, FONT, FONT_SIZE, heightOf } from '../xlsx-parts.ts';
import type { DistrictFormat } from './format.ts';
import { Grid, letter } from './grid.ts';
import { type DistrictLines, MARK, type SchoolLine } from './lines.ts';
import { distributionSheet, progressSheet } from './xlsx-counts.ts';

/**
 * The summary as a workbook that computes: points by standard and grades stand in cells, totals, ranks, changes, counts
 * and means are formulas over them.
 */
export const xlsx: DistrictFormat = {
  id: 'xlsx',
  extension: 'xlsx',
  contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  write: async (lines) => {
    const schools = new Grid(SCHOOLS);
    const places = schoolSheet(schools, lines);
    const at = new Date(lines.asOf);
    return Buffer.from(
      await writeXlsx({
        sheets: [schools.sheet(places.head), distributionSheet(lines, places), progressSheet(lines)],
        namedRanges: [
          { name: '_xlnm.Print_Titles', range: `'${SCHOOLS}'!$${places.head}:$${places.head}`, scope: SCHOOLS },
        ],
        defaultFont: { name: FONT, size: FONT_SIZE },
        properties: { title: lines.title, created: at, modified: at },
      }),
    );
  },
};

export const SCHOOLS = 'Tổng hợp';

/** Columns and rows of the school table, absolute, as formulas of the other sheets name them. */
export interface Places {
  head: number;
  unit: string;
  levels: string;
  total: string;
  grade: string;
}

const FIRST = ['STT', 'Hạng', 'Mã trường', 'Trường', 'Đơn vị', 'Cấp học'];
const CHANGE = '"+"General;"–"General;0;@';

function schoolSheet(grid: Grid, lines: DistrictLines): Places {
  const { standards, schools, previous } = lines;
  const total = FIRST.length + standards.length;
  grid.widths = [
    ...[5, 6, 13, 34, 24, 16],
    ...standards.map(() => 9),
    ...[10, 14, 42],
    ...(previous === null ? [] : [10, 10]),
  ];
  grid.wide(lines.title, { bold: true, size: 14, alignment: CENTER });
  grid.wide(lines.rubric, { bold: true, size: 12, alignment: CENTER });
  grid.wide(`(${lines.basis})`, { italic: true, alignment: CENTER });
  grid.wide(lines.facts.map(({ label, value }) => `${label}: ${value}`).join(' · '), { alignment: CENTER });
  for (const note of lines.notes) grid.wide(`– ${note}`, { italic: true });
  const head = grid.heads([
    ...FIRST,
    ...standards.map(({ id, max }) => `${id} (${String(max).replace('.', ',')})`),
    `Tổng (${String(lines.max).replace('.', ',')})`,
    'Xếp loại',
    'Còn thiếu',
    ...(previous === null ? [] : ['Kỳ trước', 'Tăng, giảm']),
  ]);
  const ranked = schools.filter(({ rank }) => rank !== null).length;
  const counted = schools.filter(({ practice }) => !practice).length;
  // A range of no rows would turn around: without a school it is the empty row below the head.
  const range = (column: number, rows = counted) =>
    `$${letter(column)}$${head + 1}:$${letter(column)}$${head + Math.max(1, rows)}`;
  for (const [index, school] of schools.entries())
    schoolRow(grid, school, index, { total, ranked: range(total, ranked), previous });
  if (schools.length === 0) grid.row();
  const placed = (column: number) => `'${SCHOOLS}'!${range(column)}`;
  return { head, unit: placed(4), levels: placed(5), total: placed(total), grade: placed(total + 1) };
}

function schoolRow(
  grid: Grid,
  school: SchoolLine,
  index: number,
  { total, ranked, previous }: { total: number; ranked: string; previous: string | null },
): void {
  const box = { border: BOX };
  const columns = [school.name, school.unit, school.levels, school.lacks];
  const places = [3, 4, 5, total + 2];
  const height = Math.max(...columns.map((text, at) => heightOf(text, grid.widths[places[at]!]!)));
  const row = grid.row(Math.min(height, 400));
  const cell = (column: number) => `${letter(column)}${row}`;
  grid.number(row, 0, index + 1, box);
  if (school.rank === null) grid.text(row, 1, '–', { ...box, alignment: CENTER });
  else grid.formula(row, 1, `RANK(${cell(total)},${ranked})`, school.rank, box);
  for (const [at, text] of [school.code, school.name, school.unit, school.levels].entries())
    grid.text(row, 2 + at, text, box);
  for (const [at, points] of school.points.entries()) grid.number(row, FIRST.length + at, points, box);
  const formatOf = (provisional: boolean) => (provisional ? `General"${MARK}"` : 'General');
  const numFmt = formatOf(school.provisional);
  const sum = `SUM(${cell(FIRST.length)}:${cell(total - 1)})`;
  grid.formula(row, total, sum, school.total, { ...box, numFmt, bold: true });
  grid.text(row, total + 1, school.grade, { ...box, alignment: CENTER });
  grid.text(row, total + 2, school.lacks, box);
  if (previous === null) return;
  if (school.before === null) grid.text(row, total + 3, '–', { ...box, alignment: CENTER });
  else grid.number(row, total + 3, school.before, { ...box, numFmt: formatOf(school.beforeProvisional) });
  if (school.change === null) grid.text(row, total + 4, '–', { ...box, alignment: CENTER });
  else grid.formula(row, total + 4, `${cell(total)}-${cell(total + 3)}`, school.change, { ...box, numFmt: CHANGE });
}
