import {
  AlignmentType,
  type Document,
  type ITableCellOptions,
  Packer,
  type Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  VerticalAlignTable,
  WidthType,
} from 'docx';
import { formatPoints } from '../../shared/points.ts';
import { bold, CENTER, columns, head, italic, mm, officeDocument, pt, SHADE, say, TEXT_WIDTH } from './docx-parts.ts';
import type { Format } from './format.ts';
import { COLUMNS, type Line, type Lines, sheetLines, TOTAL } from './lines.ts';

/**
 * The sheet as an administrative document in the form of Nghị định 30/2020/NĐ-CP, annex I. Landscape: the annex allows
 * it for a text with wide tables (I.2).
 */
export const docx: Format = {
  id: 'docx',
  extension: 'docx',
  contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  write: (sheet, edition) => Packer.toBuffer(documentOf(sheetLines(sheet, edition))),
};

/** Millimetres, together the width of the text. */
const WIDTHS = [12, 62, 15, 65, 21, 15, 62] as const;

const documentOf = (lines: Lines): Document =>
  officeDocument(`${lines.title} – ${lines.facts[0]!.value}`, lines.unit, [
    head(lines),
    ...title(lines),
    facts(lines),
    say('', {}),
    table(lines),
    ...result(lines),
    foot(lines),
  ]);

function title({ title: name, rubric, basis, practice }: Lines): Paragraph[] {
  return [
    say(bold(name, 14), { ...CENTER, spacing: { before: 240 } }),
    say(bold(rubric, 14), CENTER),
    say(italic(`(${basis})`), { ...CENTER, spacing: { after: practice === null ? 160 : 60 } }),
    ...(practice === null ? [] : [say(bold(practice), { ...CENTER, spacing: { after: 160 } })]),
  ];
}

/** Name and code on one line, the rest below. */
function facts({ facts: known }: Lines): Table {
  const line = (index: number) =>
    known
      .slice(index, index + 1)
      .map(({ label, value }) => say([`${label}: `, bold(value)], { spacing: { after: 40 } }));
  return columns(
    [150, 102],
    [0, 2, 4].map((index) => [line(index), line(index + 1).length > 0 ? line(index + 1) : [say('')]]),
  );
}

function table(lines: Lines): Table {
  const names = [COLUMNS.number, COLUMNS.text, COLUMNS.max, COLUMNS.ways, COLUMNS.unit, COLUMNS.points, COLUMNS.notes];
  return new Table({
    layout: TableLayoutType.FIXED,
    width: { size: mm(TEXT_WIDTH), type: WidthType.DXA },
    columnWidths: WIDTHS.map(mm),
    rows: [
      new TableRow({
        tableHeader: true,
        cantSplit: true,
        children: names.map((name, index) =>
          cell(index, [say(bold(name), CENTER)], { verticalAlign: VerticalAlignTable.CENTER, shading: SHADE }),
        ),
      }),
      ...lines.rows.map(row),
      new TableRow({
        cantSplit: true,
        children: ['', TOTAL, formatPoints(lines.max), '', '', formatPoints(lines.total), ''].map((text, index) =>
          cell(index, [say(bold(text), index === 1 ? {} : CENTER)], { shading: SHADE }),
        ),
      }),
    ],
  });
}

function row(line: Line): TableRow {
  const number = (value: number) => formatPoints(value);
  if (line.kind !== 'item')
    return new TableRow({
      cantSplit: true,
      // Not alone at the foot of a page: Word keeps a row with the next by its paragraphs.
      children: [line.number, line.text, number(line.max), '', '', number(line.points), ''].map((text, index) =>
        cell(
          index,
          [say(bold(text), { ...(index === 1 ? {} : CENTER), keepNext: true })],
          line.kind === 'standard' ? { shading: SHADE } : {},
        ),
      ),
    });
  const paragraphs = (texts: readonly string[]) => (texts.length === 0 ? [say('')] : texts.map((text) => say(text)));
  return new TableRow({
    cantSplit: Math.max(...[line.text, line.ways, line.notes].map((texts) => texts.join(' ').length)) < SPLIT_FROM,
    children: [
      cell(0, [say(line.number, CENTER)]),
      cell(1, paragraphs(line.text)),
      cell(2, [say(number(line.max), CENTER)]),
      cell(3, paragraphs(line.ways)),
      cell(4, [say(line.unit, CENTER)]),
      cell(5, [say(bold(number(line.points)), CENTER)]),
      cell(6, paragraphs(line.notes)),
    ],
  });
}

/** A row with a longer text than this may go over to the next page; shorter ones stay whole. */
const SPLIT_FROM = 300;

const cell = (index: number, children: Paragraph[], options: Omit<ITableCellOptions, 'children'> = {}) =>
  new TableCell({
    ...options,
    children,
    width: { size: mm(WIDTHS[index]!), type: WidthType.DXA },
    margins: { top: 30, bottom: 30, left: 60, right: 60 },
  });

function result({ total, max, groups, grade, gradeNotes, method, readings }: Lines): Paragraph[] {
  const list = (text: string, keepNext = false) =>
    say(text, { alignment: AlignmentType.JUSTIFIED, spacing: { after: 40 }, keepNext });
  const heading = (text: string) => say(bold(text), { keepNext: true, spacing: { before: 120, after: 40 } });
  return [
    ...groups.map(({ title: name, points, max: most }, index) =>
      say([`${name}: `, bold(`${formatPoints(points)}/${formatPoints(most)}`)], {
        spacing: { before: index === 0 ? 200 : 0 },
        keepNext: true,
      }),
    ),
    say(['Tổng điểm: ', bold(`${formatPoints(total)}/${formatPoints(max)}`)], {
      spacing: { before: groups.length > 0 ? 0 : 200 },
      keepNext: true,
    }),
    say(['Xếp loại: ', bold(grade)], { spacing: { after: 40 } }),
    ...gradeNotes.map((text) => list(`– ${text}`)),
    heading('Cách đánh giá:'),
    ...method.map((text) => list(`– ${text}`, true)),
    ...(readings.length > 0 ? [heading('Chú giải: cách đọc những chỗ văn bản chưa rõ')] : []),
    // No signature alone on a page.
    ...readings.map((text, index) => list(`${index + 1}. ${text}`, true)),
    say('', { spacing: { after: 120 }, keepNext: true }),
  ];
}

/** Annex I, II.7–9: recipients at the left, the signature at the right. */
function foot({ facts }: Lines): Table {
  const small = (text: string) => say(new TextRun({ text, size: pt(11) }));
  return columns(
    [120, 132],
    [
      [
        [
          say(new TextRun({ text: 'Nơi nhận:', bold: true, italics: true, size: pt(12) })),
          small(`- ${facts[0]!.value};`),
          small('- Các đơn vị đánh giá;'),
          small('- Lưu: VT.'),
        ],
        [
          say(bold('ĐẠI DIỆN ĐƠN VỊ ĐÁNH GIÁ', 14), CENTER),
          say(italic('(Ký, ghi rõ họ tên)'), { ...CENTER, spacing: { after: 1400 } }),
          say(bold('…………………………', 14), CENTER),
        ],
      ],
    ],
  );
}
