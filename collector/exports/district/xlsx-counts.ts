import type { WriteSheet } from 'hucre';
import { BOX } from '../xlsx-parts.ts';
import { Grid, letter } from './grid.ts';
import type { CountLine, DistrictLines } from './lines.ts';
import type { Places } from './xlsx.ts';

/**
 * How many schools have which grade. Comparisons in SUMPRODUCT, not COUNTIF: a name like ">5" or "A*" is a name here and
 * no condition.
 */
export function distributionSheet({ distribution, grades }: DistrictLines, places: Places): WriteSheet {
  const grid = new Grid('Phân bố');
  grid.widths = [36, ...grades.map(() => 14), 12, 14];
  for (const [index, { kind, head, rows }] of distribution.entries()) {
    if (index > 0) grid.row();
    const heads = grid.heads([head, ...grades, 'Số trường', 'Điểm trung bình']);
    const filter = { all: null, level: places.levels, unit: places.unit }[kind];
    for (const line of rows) countRow(grid, line, { heads, filter, places });
  }
  return grid.sheet(null);
}

function countRow(
  grid: Grid,
  { name, counts, schools, mean }: CountLine,
  { heads, filter, places }: { heads: number; filter: string | null; places: Places },
): void {
  const row = grid.row();
  const box = { border: BOX };
  const own = filter === null ? '' : `*(${filter}=$A${row})`;
  grid.text(row, 0, name, box);
  for (const [index, count] of counts.entries()) {
    const grade = `${letter(index + 1)}$${heads}`;
    grid.formula(row, index + 1, `SUMPRODUCT((${places.grade}=${grade})${own || '*1'})`, count, box);
  }
  const sum = `SUM(B${row}:${letter(counts.length)}${row})`;
  grid.formula(row, counts.length + 1, sum, schools, { ...box, bold: true });
  // The last column of counts holds those without a grade: their totals may still change and have no mean.
  const last = letter(counts.length);
  const decided = `(${letter(counts.length + 1)}${row}-${last}${row})`;
  const points = `SUMPRODUCT(${places.total}*(${places.grade}<>${last}$${heads})${own})`;
  const average = `IF(${decided}=0,"",${points}/${decided})`;
  grid.formula(row, counts.length + 2, average, mean ?? '', { ...box, numFmt: '0.00' });
}

/** How far each assessing unit is. */
export function progressSheet({ progress }: DistrictLines): WriteSheet {
  const grid = new Grid('Tiến độ');
  grid.widths = [44, 18, 18, 12];
  grid.heads(['Đơn vị đánh giá', 'Nội dung đã chấm', 'Tổng số nội dung', 'Tỷ lệ']);
  for (const { unit, decided, items } of progress) {
    const row = grid.row();
    const box = { border: BOX };
    grid.text(row, 0, unit, box);
    grid.number(row, 1, decided, box);
    grid.number(row, 2, items, box);
    const share = items === 0 ? '' : decided / items;
    grid.formula(row, 3, `IF(C${row}=0,"",B${row}/C${row})`, share, { ...box, numFmt: '0.0%' });
  }
  return grid.sheet(1);
}
