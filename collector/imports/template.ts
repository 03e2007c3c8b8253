import type { Cell, CellValue, DataValidation, WriteSheet } from 'hucre';
import { writeXlsx } from 'hucre/xlsx';
import { formatDate, formatTime } from '../../shared/vietnamese.ts';
import { BOX, CENTER, cellText, FONT, FONT_SIZE, GREY, heightOf, style } from '../exports/xlsx-parts.ts';
import type { ImportColumn, Importer, ImportKind, ImportRow } from './kind.ts';
import { MAX_ROWS } from './read.ts';
import { EVALUATION, GUIDE, MADE_AT, SCHOOL } from './table.ts';

/** A workbook to fill in: headings with lists to choose from, what each column means with an example, and the lists. */

export interface TemplateInput {
  kind: ImportKind;
  importer: Pick<Importer, 'choices' | 'rows' | 'note'>;
  /** Epoch ms. */
  at: number;
  evaluation: { id: string; name: string } | null;
  school?: { id: string; name: string } | null;
}

const LISTS = 'Danh mục';
const PAGE = { paperSize: 'a4', orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 } as const;

export async function writeTemplate(input: TemplateInput): Promise<Buffer> {
  const lists = input.kind.columns.filter(({ key }) => (input.importer.choices[key]?.length ?? 0) > 0);
  const sheets = [dataSheet(input, lists), guideSheet(input)];
  if (lists.length > 0) sheets.push(listSheet(input, lists));
  return Buffer.from(await writeXlsx({ sheets, defaultFont: { name: FONT, size: FONT_SIZE } }));
}

const letter = (column: number) => String.fromCharCode(65 + column);
/** Text cells all through: what is typed stays as typed, codes with zeros in front too. */
const TEXT = '@';

function dataSheet({ kind, importer }: TemplateInput, lists: readonly ImportColumn[]): WriteSheet {
  const { columns, sheet } = kind;
  const cells = new Map<string, Partial<Cell>>();
  for (const [index, column] of columns.entries())
    cells.set(`0,${index}`, {
      value: column.head,
      type: 'string',
      style: style({ bold: true, alignment: { ...CENTER, vertical: 'center' }, border: BOX, fill: GREY }),
    });
  for (const [r, row] of importer.rows.entries())
    for (const [c, { key, info, prefilled }] of columns.entries()) {
      const value = row[key] ?? '';
      const rest = { border: BOX, numFmt: TEXT, ...(info || prefilled ? { fill: GREY } : {}) };
      const filled =
        value === ''
          ? ({ value: null, type: 'empty' } as const)
          : ({ value: cellText(value), type: 'string' } as const);
      cells.set(`${r + 1},${c}`, { ...filled, style: style(rest) });
    }
  const validations = columns.flatMap((column, index): DataValidation[] => {
    const list = lists.indexOf(column);
    if (list < 0) return [];
    const count = importer.choices[column.key]!.length;
    return [
      {
        type: 'list',
        formula1: `'${LISTS}'!$${letter(list)}$2:$${letter(list)}$${count + 1}`,
        range: `${letter(index)}2:${letter(index)}${MAX_ROWS + 1}`,
        allowBlank: true,
        // Several of them may stand in one cell: the list helps and does not insist.
        showErrorMessage: false,
      },
    ];
  });
  return {
    name: sheet,
    columns: columns.map(({ width }) => ({ width, style: style({ numFmt: TEXT }) })),
    rows: [columns.map(() => null), ...importer.rows.map(() => columns.map(() => null))],
    cells,
    rowDefs: new Map(importer.rows.map((row, index) => [index + 1, { height: rowHeight(columns, row) }])),
    dataValidations: validations,
    freezePane: { rows: 1 },
    pageSetup: PAGE,
  };
}

/** Rows that come filled in do not grow by themselves everywhere. Points; Excel takes at most 409. */
const rowHeight = (columns: readonly ImportColumn[], row: ImportRow): number =>
  Math.min(400, Math.max(...columns.map(({ key, width }) => heightOf(row[key] ?? '', width))));

function guideSheet({ kind, importer, at, evaluation, school }: TemplateInput): WriteSheet {
  const iso = new Date(at).toISOString();
  const lines: CellValue[][] = [
    [`Nhập ${kind.sheet.toLocaleLowerCase('vi')} từ bảng tính`],
    ...kind.about.map((line) => [line]),
    ...(importer.note === undefined ? [] : [[importer.note]]),
    [],
    ['Cột', 'Bắt buộc', 'Ý nghĩa', 'Ví dụ'],
    ...kind.columns.map(({ head, required, about, example }) => [head, required ? 'có' : '', about, example]),
    [],
    [MADE_AT, iso, `${formatTime(iso)} ngày ${formatDate(iso)}; để nguyên để hệ thống nhận ra mẫu`],
    ...(evaluation ? [[EVALUATION, evaluation.id, evaluation.name]] : []),
    ...(school ? [[SCHOOL, school.id, school.name]] : []),
  ];
  const head = lines.findIndex(([first]) => first === 'Cột');
  const cells = new Map<string, Partial<Cell>>();
  for (const [r, line] of lines.entries())
    for (const [c, text] of line.entries()) {
      const bold = r === 0 || r === head;
      const table = r >= head && r <= head + kind.columns.length;
      // Sentences run over the columns beside them; the table wraps inside its own.
      const rest = table ? { border: BOX } : { alignment: { wrapText: false } };
      cells.set(`${r},${c}`, {
        value: text === '' ? null : cellText(String(text)),
        type: text === '' ? 'empty' : 'string',
        style: style({ bold, ...rest }),
      });
    }
  return {
    name: GUIDE,
    columns: [{ width: 22 }, { width: 26 }, { width: 80 }, { width: 34 }],
    rows: lines.map(() => [null, null, null, null]),
    cells,
    pageSetup: PAGE,
  };
}

function listSheet({ importer }: TemplateInput, lists: readonly ImportColumn[]): WriteSheet {
  const most = Math.max(...lists.map(({ key }) => importer.choices[key]!.length));
  const rows = Array.from({ length: most }, (_, row) =>
    lists.map(({ key }) => {
      const text = importer.choices[key]![row];
      return text === undefined ? null : cellText(text);
    }),
  );
  return {
    name: LISTS,
    columns: lists.map(({ width }) => ({ width: Math.max(width, 20) })),
    rows: [lists.map(({ head }) => head), ...rows],
    freezePane: { rows: 1 },
  };
}
