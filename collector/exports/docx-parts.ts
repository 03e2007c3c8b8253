import {
  AlignmentType,
  BorderStyle,
  Document,
  type FileChild,
  Header,
  type IParagraphOptions,
  PageNumber,
  PageOrientation,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import { MOTTO, NATION } from './lines.ts';

/** Parts of an administrative document in the form of Nghị định 30/2020/NĐ-CP, annex I, on A4 landscape. */

/** Twentieths of a point, in which Word counts. */
export const mm = (value: number) => Math.round((value * 1440) / 25.4);
export const PAGE = { width: 297, height: 210, top: 20, bottom: 20, left: 30, right: 15 };
export const TEXT_WIDTH = PAGE.width - PAGE.left - PAGE.right;
/** Half points. */
export const pt = (value: number) => value * 2;
export const SIZE = 13;
export const SHADE = { fill: 'E7E6E6' };

/** The whole document: page numbers from the second page on, Times New Roman, the decree's margins. */
export function officeDocument(title: string, creator: string, children: FileChild[]): Document {
  return new Document({
    title,
    creator,
    styles: {
      default: {
        document: {
          run: { font: 'Times New Roman', size: pt(SIZE), language: { value: 'vi-VN' } },
          paragraph: { spacing: { before: 0, after: 0 } },
        },
      },
    },
    sections: [
      {
        properties: {
          titlePage: true,
          page: {
            // The library swaps the sides of a landscape page itself.
            size: { width: mm(PAGE.height), height: mm(PAGE.width), orientation: PageOrientation.LANDSCAPE },
            margin: {
              top: mm(PAGE.top),
              bottom: mm(PAGE.bottom),
              left: mm(PAGE.left),
              right: mm(PAGE.right),
              header: mm(10),
            },
          },
        },
        headers: {
          first: new Header({ children: [new Paragraph('')] }),
          default: new Header({
            children: [
              new Paragraph({
                alignment: AlignmentType.CENTER,
                children: [new TextRun({ children: [PageNumber.CURRENT], size: pt(SIZE) })],
              }),
            ],
          }),
        },
        children,
      },
    ],
  });
}

export type Runs = string | TextRun | (string | TextRun)[];
export const bold = (text: string, size = SIZE) => new TextRun({ text, bold: true, size: pt(size) });
export const italic = (text: string, size = SIZE) => new TextRun({ text, italics: true, size: pt(size) });
export const small = (text: string, size: number) => new TextRun({ text, size: pt(size) });
export const say = (runs: Runs, options: IParagraphOptions = {}) =>
  new Paragraph({
    ...options,
    children: [runs].flat().map((run) => (typeof run === 'string' ? new TextRun(run) : run)),
  });
export const CENTER = { alignment: AlignmentType.CENTER } as const;

/** A line drawn under a text, `length` millimetres in the middle of a cell of `width`. */
const rule = (length: number, width: number) =>
  new Paragraph({
    indent: { left: mm((width - length) / 2), right: mm((width - length) / 2) },
    border: { top: { style: BorderStyle.SINGLE, size: 6, space: 1, color: '000000' } },
    spacing: { before: 50, line: 120, lineRule: 'exact' },
  });

const NONE = { style: BorderStyle.NONE, size: 0, color: 'auto' } as const;
const NO_BORDERS = { top: NONE, bottom: NONE, left: NONE, right: NONE };

/** Two columns without lines, as in the head and at the foot of every administrative document. */
export function columns(widths: readonly [number, number], cells: [Paragraph[], Paragraph[]][]): Table {
  return new Table({
    layout: TableLayoutType.FIXED,
    width: { size: mm(TEXT_WIDTH), type: WidthType.DXA },
    columnWidths: widths.map(mm),
    borders: { ...NO_BORDERS, insideHorizontal: NONE, insideVertical: NONE },
    rows: cells.map(
      (pair) =>
        new TableRow({
          cantSplit: true,
          children: pair.map(
            (children, index) =>
              new TableCell({
                children,
                borders: NO_BORDERS,
                width: { size: mm(widths[index]!), type: WidthType.DXA },
                margins: { left: 0, right: 0 },
              }),
          ),
        }),
    ),
  });
}

/** Annex I, II.1–4: country name and motto, issuing body, number, place and date. */
export function head({ issuer, unit, day }: { issuer: string; unit: string; day: string }): Table {
  const widths = [102, 150] as const;
  return columns(widths, [
    [
      [
        say(new TextRun({ text: issuer.toLocaleUpperCase('vi'), size: pt(13) }), CENTER),
        say(bold(unit.toLocaleUpperCase('vi'), 13), CENTER),
        rule(30, widths[0]),
      ],
      [say(bold(NATION, 13), CENTER), say(bold(MOTTO, 14), CENTER), rule(63, widths[1])],
    ],
    [
      [say('Số: ……/……', { ...CENTER, spacing: { before: 60 } })],
      [say(italic(`…………, ${day}`), { ...CENTER, spacing: { before: 60 } })],
    ],
  ]);
}
