import type { Cell, MergeRange, WriteSheet } from 'hucre';
import { BOLD, BOX, CENTER, cellText, FONT_SIZE, GREY, heightOf, LINE_HEIGHT, style } from '../xlsx-parts.ts';

type Rest = Parameters<typeof style>[0];

/** A sheet that is filled row by row. Rows as Excel counts them, columns from 0. */
export class Grid {
  readonly name: string;
  readonly #cells = new Map<string, Partial<Cell>>();
  readonly #heights: number[] = [];
  readonly #merges: MergeRange[] = [];
  widths: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  row(height: number = LINE_HEIGHT + 3): number {
    return this.#heights.push(Math.round(height * 4) / 4);
  }
  text(row: number, column: number, text: string, rest: Rest = {}): void {
    this.#set(
      row,
      column,
      text === '' ? { value: null, type: 'empty' } : { value: cellText(text), type: 'string' },
      rest,
    );
  }
  number(row: number, column: number, value: number, rest: Rest = {}): void {
    this.#set(row, column, { value, type: 'number' }, { alignment: CENTER, ...rest });
  }
  formula(row: number, column: number, formula: string, result: number | string, rest: Rest = {}): void {
    const cell = { formula, formulaResult: result, value: result, type: 'formula' } as const;
    this.#set(row, column, cell, { alignment: CENTER, ...rest });
  }
  /** A row of its own across the sheet. */
  wide(text: string, rest: Rest = {}): void {
    const factor = ((rest?.size ?? FONT_SIZE) / FONT_SIZE) * (rest?.bold ? BOLD : 1);
    const whole = this.widths.reduce((sum, width) => sum + width, 0);
    const row = this.row(heightOf(text, whole / factor) * ((rest?.size ?? FONT_SIZE) / FONT_SIZE));
    this.text(row, 0, text, rest);
    this.#merges.push({ startRow: row - 1, endRow: row - 1, startCol: 0, endCol: this.widths.length - 1 });
  }
  /** The heads of a table; returns their row. */
  heads(names: readonly string[]): number {
    const row = this.row(
      Math.max(...names.map((name, index) => heightOf(name, (this.widths[index] ?? 10) / BOLD))) + 2,
    );
    for (const [index, name] of names.entries())
      this.text(row, index, name, {
        bold: true,
        alignment: { ...CENTER, vertical: 'center' },
        border: BOX,
        fill: GREY,
      });
    return row;
  }
  sheet(head: number | null): WriteSheet {
    return {
      name: this.name,
      columns: this.widths.map((width) => ({ width })),
      rows: this.#heights.map(() => this.widths.map(() => null)),
      cells: this.#cells,
      rowDefs: new Map(this.#heights.map((height, row) => [row, { height }])),
      merges: this.#merges,
      ...(head === null ? {} : { freezePane: { rows: head } }),
      pageSetup: {
        paperSize: 'a4',
        orientation: 'landscape',
        fitToPage: true,
        fitToWidth: 1,
        fitToHeight: 0,
        margins: MARGINS,
      },
      headerFooter: { oddHeader: '&C&P', firstHeader: '', differentFirst: true },
    };
  }
  #set(row: number, column: number, cell: Partial<Cell>, rest: Rest): void {
    this.#cells.set(`${row - 1},${column}`, { ...cell, style: style(rest) });
  }
}

const MARGINS = { top: 0.55, bottom: 0.45, left: 0.4, right: 0.4, header: 0.25, footer: 0.25 };

/** A, …, Z, AA, … from 0. */
export function letter(column: number): string {
  return column < 26 ? String.fromCharCode(65 + column) : letter(Math.floor(column / 26) - 1) + letter(column % 26);
}
