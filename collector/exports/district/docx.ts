import {
  Packer,
  type Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  VerticalAlignTable,
  WidthType,
} from 'docx';
import {
  bold,
  CENTER,
  columns,
  head,
  italic,
  mm,
  officeDocument,
  pt,
  SHADE,
  say,
  small,
  TEXT_WIDTH,
} from '../docx-parts.ts';
import type { DistrictFormat } from './format.ts';
import type { DistrictLines } from './lines.ts';
import { countTables, progressTable, schoolTable, type TextTable } from './table.ts';

/** The summary as an administrative document in the form of Nghị định 30/2020/NĐ-CP, annex I, on A4 landscape. */
export const docx: DistrictFormat = {
  id: 'docx',
  extension: 'docx',
  contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  write: (lines) =>
    Packer.toBuffer(
      officeDocument(`${lines.title} – ${lines.facts[0]!.value}`, lines.issuer, [
        head(lines),
        say(bold(lines.title, 14), { ...CENTER, spacing: { before: 240 } }),
        say(bold(lines.rubric, 14), CENTER),
        say(italic(`(${lines.basis})`), { ...CENTER, spacing: { after: 160 } }),
        facts(lines),
        say(''),
        table(schoolTable(lines)),
        ...lines.notes.map((note, index) => say(`– ${note}`, { spacing: { before: index === 0 ? 120 : 40 } })),
        ...[...countTables(lines), progressTable(lines)].flatMap((part) => [
          say(bold(part.title!), { keepNext: true, spacing: { before: 200, after: 60 } }),
          table(part),
        ]),
        say('', { spacing: { after: 120 }, keepNext: true }),
        foot(),
      ]),
    ),
};

/** Table text: smaller than the decree's 13 points, so that a row of ten columns stays on one line or two. */
const SIZE = 11;

function facts({ facts: known }: DistrictLines): Table {
  const line = (index: number): Paragraph[] => {
    const fact = known[index];
    return [fact ? say([`${fact.label}: `, bold(fact.value)], { spacing: { after: 40 } }) : say('')];
  };
  const rows = Array.from({ length: Math.ceil(known.length / 2) }, (_, row) => row * 2);
  return columns(
    [150, 102],
    rows.map((index) => [line(index), line(index + 1)]),
  );
}

function table({ columns: heads, rows }: TextTable): Table {
  const whole = heads.reduce((sum, { width }) => sum + width, 0);
  const widths = heads.map(({ width }) => mm((width / whole) * TEXT_WIDTH));
  const cell = (index: number, children: Paragraph[], shaded: boolean) =>
    new TableCell({
      children,
      width: { size: widths[index]!, type: WidthType.DXA },
      margins: { top: 30, bottom: 30, left: 60, right: 60 },
      verticalAlign: VerticalAlignTable.CENTER,
      ...(shaded ? { shading: SHADE } : {}),
    });
  return new Table({
    layout: TableLayoutType.FIXED,
    width: { size: mm(TEXT_WIDTH), type: WidthType.DXA },
    columnWidths: widths,
    rows: [
      new TableRow({
        tableHeader: true,
        cantSplit: true,
        children: heads.map((column, index) => cell(index, [say(bold(column.head, SIZE), CENTER)], true)),
      }),
      ...rows.map(
        (row) =>
          new TableRow({
            cantSplit: true,
            children: row.map((text, index) =>
              cell(index, [say(small(text, SIZE), heads[index]!.center ? CENTER : {})], false),
            ),
          }),
      ),
    ],
  });
}

/** Annex I, II.7–9: recipients at the left, the signature at the right. */
const foot = (): Table =>
  columns(
    [120, 132],
    [
      [
        [
          say(bold('Nơi nhận:', 12)),
          ...['- Các trường;', '- Các đơn vị đánh giá;', '- Lưu: VT.'].map((text) => say(small(text, 11))),
        ],
        [
          say(bold('ĐẠI DIỆN ĐƠN VỊ TỔNG HỢP', 14), CENTER),
          say(italic('(Ký, ghi rõ họ tên)'), { ...CENTER, spacing: { after: pt(700) } }),
          say(bold('…………………………', 14), CENTER),
        ],
      ],
    ],
  );
