import { formatPoints } from '../../../shared/points.ts';
import { formatShare } from '../../../shared/vietnamese.ts';
import { type DistrictLines, MARK, type SchoolLine, sayChange, sayMean } from './lines.ts';

/** The tables of the summary as text, for formats that do not compute. */

export interface Column {
  head: string;
  /** Share of the width of the page. */
  width: number;
  center: boolean;
}
export interface TextTable {
  title: string | null;
  columns: Column[];
  rows: string[][];
}

const column = (head: string, width: number, center = false): Column => ({ head, width, center });

export function schoolTable(lines: DistrictLines): TextTable {
  const { standards, previous, schools } = lines;
  const points = Math.min(13, 60 / standards.length);
  return {
    title: null,
    columns: [
      column('STT', 12, true),
      column('Hạng', 14, true),
      column('Mã trường', 19),
      column('Trường', 42),
      column('Đơn vị', 26),
      column('Cấp học', 20),
      ...standards.map(({ id, max }) => column(`${id} (${formatPoints(max)})`, points, true)),
      column(`Tổng (${formatPoints(lines.max)})`, 15, true),
      column('Xếp loại', 18, true),
      column('Còn thiếu', previous === null ? 48 : 30),
      ...(previous === null ? [] : [column('Kỳ trước', 14, true), column('Tăng, giảm', 14, true)]),
    ],
    rows: schools.map((school, index) => [
      String(index + 1),
      school.rank === null ? '–' : String(school.rank),
      school.code,
      school.name,
      school.unit,
      school.levels,
      ...school.points.map(formatPoints),
      sayTotal(school),
      school.grade,
      school.lacks,
      ...(previous === null ? [] : [sayBefore(school), sayDifference(school)]),
    ]),
  };
}

const marked = (points: number, provisional: boolean) => `${formatPoints(points)}${provisional ? MARK : ''}`;
const sayTotal = ({ total, provisional }: SchoolLine) => marked(total, provisional);
const sayBefore = ({ before, beforeProvisional }: SchoolLine) =>
  before === null ? '–' : marked(before, beforeProvisional);
const sayDifference = ({ change }: SchoolLine) => (change === null ? '–' : sayChange(change));

const TITLES = { all: 'Phân bố xếp loại', level: 'Theo cấp học', unit: 'Theo đơn vị' } as const;

export const countTables = ({ distribution, grades }: DistrictLines): TextTable[] =>
  distribution.map(({ kind, head, rows }) => ({
    title: TITLES[kind],
    columns: [
      column(head, 60),
      ...grades.map((grade) => column(grade, 24, true)),
      column('Số trường', 24, true),
      column('Điểm trung bình', 26, true),
    ],
    rows: rows.map(({ name, counts, schools, mean }) => [name, ...counts.map(String), String(schools), sayMean(mean)]),
  }));

export const progressTable = ({ progress }: DistrictLines): TextTable => ({
  title: 'Tiến độ của các đơn vị đánh giá',
  columns: [
    column('Đơn vị đánh giá', 90),
    column('Nội dung đã chấm', 30, true),
    column('Tổng số nội dung', 30, true),
    column('Tỷ lệ', 24, true),
  ],
  rows: progress.map(({ unit, decided, items }) => [
    unit,
    String(decided),
    String(items),
    items === 0 ? '–' : formatShare(decided / items),
  ]),
});
