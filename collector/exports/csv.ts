import { formatPoints } from '../../shared/points.ts';
import { formatDate, formatTime } from '../../shared/vietnamese.ts';
import type { SheetAnswer, SheetItem } from '../api/schemas/scoresheet.ts';
import type { Format } from './format.ts';

/**
 * The sheet as CSV (RFC 4180), a row an item. Semicolons and a byte order mark: what a spreadsheet set to Vietnamese
 * opens without asking, because its decimal sign is the comma.
 */
export const csv: Format = {
  id: 'csv',
  extension: 'csv',
  contentType: 'text/csv; charset=utf-8',
  write: (sheet) => Buffer.from(`\uFEFF${rows(sheet).map(line).join('\r\n')}\r\n`, 'utf8'),
};

const SOURCES: Record<SheetItem['source'], string> = {
  measured: 'Đo tự động',
  manual: 'Nhập tay',
  mixed: 'Kết hợp',
  unassessed: 'Chưa chấm',
};

function rows(sheet: SheetAnswer): string[][] {
  const { rubric, school } = sheet;
  const out: string[][] = [
    [
      rubric.title,
      rubric.id,
      school.name,
      school.code,
      school.unit,
      `${formatTime(sheet.asOf)} ${formatDate(sheet.asOf)}`,
    ],
    ['Mã', 'Nội dung', 'Đơn vị đánh giá', 'Điểm tối đa', 'Điểm đạt', 'Nguồn', 'Chờ người chấm', 'Lý do'],
  ];
  for (const standard of sheet.standards) {
    out.push([standard.id, standard.title, '', formatPoints(standard.max), formatPoints(standard.points), '', '', '']);
    for (const item of standard.criteria.flatMap((criterion) => criterion.items))
      out.push([
        item.id,
        item.text.map(dash).join(' '),
        item.unitPrinted,
        formatPoints(item.max),
        formatPoints(item.points),
        SOURCES[item.source],
        item.needsAssessor ? 'có' : '',
        item.rules.flatMap(reasons).join(' | '),
      ]);
  }
  const grade = sheet.provisional
    ? `Chưa xếp loại (tạm tính ${sheet.gradeLabel}, còn trong khoảng ${formatPoints(sheet.range.least)}–${formatPoints(sheet.range.most)} điểm)`
    : sheet.gradeLabel;
  out.push(['', 'TỔNG', '', formatPoints(sheet.max), formatPoints(sheet.total), grade, '', '']);
  return out;
}

/** A hyphen at the beginning would read as a formula; print has a dash there. */
const dash = (text: string) => text.replace(/^[-+]\s/, '– ');

function reasons(rule: SheetItem['rules'][number]): string[] {
  if (rule.why === null) return [];
  const said = rule.decidedBy === 'manual' ? rule.manual?.reason : rule.measured?.verdict;
  return [`${rule.id} ${rule.why}${said ? ` (${said})` : ''}`];
}

/** A cell that begins like a formula is text all the same: spreadsheets would run it (CWE-1236). */
const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
const line = (cells: readonly string[]) => cells.map(cell).join(';');
