import type { Cell, ConditionalRule, DataValidation, MergeRange } from 'hucre';
import { writeXlsx } from 'hucre/xlsx';
import { type Edition, findRule, type Rule } from '../../shared/rubric/edition.ts';
import type { SheetAnswer } from '../api/schemas/scoresheet.ts';
import type { Format } from './format.ts';
import { COLUMNS, type ItemLine, type Lines, type RuleLine, sheetLines, TOTAL, UNDECIDED } from './lines.ts';
import { cleaned } from './text.ts';
import { conditionsOf, gradeFormula } from './xlsx-grade.ts';
import {
  BOLD,
  BOX,
  CENTER,
  cellText,
  FONT,
  FONT_SIZE,
  filled,
  GREY,
  heightOf,
  LIGHT,
  LINE_HEIGHT,
  quoted,
  style,
} from './xlsx-parts.ts';

/**
 * The sheet as a workbook that computes: what a rule takes or gives stands in a cell, everything else is a formula over
 * those cells. An empty cell is a rule that nobody judged; the grade waits until the last one is filled.
 *
 * hucre: no dependencies, ESM, formulas with stored results and repeated print rows. write-excel-file 4 stores no results
 * (empty in previews) and no print rows; exceljs 4.4 has both, but no release since 2023 and some 90 packages beneath.
 */
export const xlsx: Format = {
  id: 'xlsx',
  extension: 'xlsx',
  contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  write: async (sheet, given) => {
    const edition = cleaned(given);
    return Buffer.from(await new Workbook(sheet, sheetLines(sheet, edition), edition).bytes());
  },
};

const SHEET = 'Phiếu chấm điểm';
/** Columns by letter, widths in characters: together what A4 landscape holds at SCALE. */
const LAYOUT = [
  { key: 'A', head: COLUMNS.number, width: 5 },
  { key: 'B', head: COLUMNS.text, width: 38 },
  { key: 'C', head: `${COLUMNS.max} (tối đa)`, width: 7.5 },
  { key: 'D', head: COLUMNS.ways, width: 38 },
  { key: 'E', head: COLUMNS.unit, width: 8.5 },
  { key: 'F', head: 'Trừ / cộng', width: 8 },
  { key: 'G', head: COLUMNS.points, width: 8 },
  { key: 'H', head: COLUMNS.notes, width: 33 },
] as const;
type Key = (typeof LAYOUT)[number]['key'];
const KEYS = LAYOUT.map(({ key }) => key);
const FULL_WIDTH = LAYOUT.reduce((sum, { width }) => sum + width, 0);
const SCALE = 94;
const MARGINS = { top: 0.55, bottom: 0.45, left: 0.4, right: 0.4, header: 0.25, footer: 0.25 };
/** Points of height that a page holds at SCALE, with a little to spare. */
const PAGE_HEIGHT = ((595 - (MARGINS.top + MARGINS.bottom) * 72) / SCALE) * 100 - 10;
/** Excel shows at most 409 points of a row; a longer note goes over several rows, merged. */
const ROW_HEIGHT_MAX = 260;

class Workbook {
  private readonly answer: SheetAnswer;
  private readonly lines: Lines;
  private readonly edition: Edition;
  private readonly cells = new Map<string, Partial<Cell>>();
  private readonly heights: number[] = [];
  private readonly merges: MergeRange[] = [];
  private readonly validations: DataValidation[] = [];
  private readonly marks: ConditionalRule[] = [];
  private readonly breaks: number[] = [];
  /** Cells of the items' points and of their deductions, for the formulas above and below them. */
  private readonly items: { line: ItemLine; points: string; open: string }[] = [];
  /** Cells of points by the id of what holds them, and of what each rule takes or gives by its id. */
  private readonly points = new Map<string, string>();
  private readonly effects = new Map<string, string>();
  private headRow = 0;

  constructor(answer: SheetAnswer, lines: Lines, edition: Edition) {
    this.answer = answer;
    this.lines = lines;
    this.edition = edition;
  }

  async bytes(): Promise<Uint8Array> {
    this.top();
    this.table();
    this.below();
    const at = new Date(this.answer.asOf);
    return writeXlsx({
      sheets: [
        {
          name: SHEET,
          columns: LAYOUT.map(({ width }) => ({ width })),
          rows: this.heights.map(() => KEYS.map(() => null)),
          cells: this.cells,
          rowDefs: new Map(this.heights.map((height, row) => [row, { height }])),
          merges: this.merges,
          dataValidations: this.validations,
          conditionalRules: this.marks,
          rowBreaks: this.breaks,
          freezePane: { rows: this.headRow },
          pageSetup: { paperSize: 'a4', orientation: 'landscape', scale: SCALE, margins: MARGINS },
          headerFooter: { oddHeader: '&C&P', firstHeader: '', differentFirst: true },
        },
      ],
      // Not `printTitlesRow`: it writes the sheet's name without the quotes that a name with spaces needs.
      namedRanges: [
        { name: '_xlnm.Print_Titles', range: `'${SHEET}'!$${this.headRow}:$${this.headRow}`, scope: SHEET },
      ],
      defaultFont: { name: FONT, size: FONT_SIZE },
      properties: { title: this.lines.title, created: at, modified: at },
    });
  }

  private top(): void {
    const { title, rubric, basis, facts, practice } = this.lines;
    this.wide(title, { bold: true, size: 14, alignment: CENTER });
    this.wide(rubric, { bold: true, size: 12, alignment: CENTER });
    this.wide(`(${basis})`, { italic: true, alignment: CENTER });
    this.wide(facts.map(({ label, value }) => `${label}: ${value}`).join(' · '), { alignment: CENTER });
    if (practice !== null) this.wide(practice, { bold: true, alignment: CENTER });
    this.wide(
      'Cột “Trừ / cộng”: số điểm bị trừ, ở nhóm điểm thưởng là số điểm được cộng; 0 là không trừ, ô trống là chưa chấm. Các cột điểm và xếp loại tự tính.',
      { italic: true, alignment: CENTER },
    );
    const row = this.row(2 * LINE_HEIGHT + 4);
    for (const { key, head } of LAYOUT)
      this.text(key, row, head, { bold: true, alignment: { ...CENTER, vertical: 'center' }, border: BOX, fill: GREY });
    this.headRow = row;
  }

  private table(): void {
    // A heading and the first item under it stay on one page.
    let group: number[] = [];
    let used = this.heights.reduce((sum, height) => sum + height, 0);
    const closeGroup = (start: number) => {
      const height = group.reduce((sum, value) => sum + value, 0);
      if (used + height > PAGE_HEIGHT && used > this.heights[this.headRow - 1]!) {
        this.breaks.push(start - 2);
        used = this.heights[this.headRow - 1]!;
      }
      used = (used + height) % PAGE_HEIGHT;
      group = [];
    };
    const sums: { kind: 'standard' | 'criterion'; row: number; points: number; parts: string[] }[] = [];
    let start = this.heights.length + 1;
    for (const line of this.lines.rows) {
      const first = this.heights.length + 1;
      if (line.kind === 'item') {
        const points = this.item(line);
        this.points.set(line.id, points);
        sums.findLast(({ kind }) => kind === line.under)!.parts.push(points);
        group.push(...this.heights.slice(first - 1));
        closeGroup(start);
        start = this.heights.length + 1;
        continue;
      }
      const row = this.heading(line);
      this.points.set(line.kind === 'standard' ? line.standard.id : line.id, `G${row}`);
      if (line.kind === 'criterion') sums.findLast(({ kind }) => kind === 'standard')!.parts.push(`G${row}`);
      sums.push({ kind: line.kind, row, points: line.points, parts: [] });
      group.push(this.heights[row - 1]!);
    }
    for (const { row, points, parts } of sums)
      this.formula('G', row, `SUM(${parts.join(',')})`, points, { bold: true, border: BOX, fill: fillOf(sums, row) });
    const standards = sums.filter(({ kind }) => kind === 'standard');
    this.result(standards.map(({ row }) => row));
  }

  private heading(line: Exclude<Lines['rows'][number], ItemLine>): number {
    const row = this.row(heightOf(line.text, widthOf('B') / BOLD));
    const fill = line.kind === 'standard' ? GREY : LIGHT;
    const base = { bold: true, border: BOX, fill };
    this.text('A', row, line.number, { ...base, alignment: CENTER });
    this.text('B', row, line.text, base);
    this.number('C', row, line.max, { ...base, alignment: CENTER });
    for (const key of ['D', 'E', 'F', 'H'] as const) this.text(key, row, '', base);
    return row;
  }

  /** Rows of one item, one a rule; returns the cell of its points. */
  private item(line: ItemLine): string {
    const rules = line.rules.map((rule) => {
      const height = Math.max(heightOf(rule.way, widthOf('D')), heightOf(rule.note, widthOf('H')));
      return { rule, height };
    });
    const needed = heightOf(line.text.join('\n'), widthOf('B'));
    const last = rules.at(-1)!;
    last.height += Math.max(0, needed - rules.reduce((sum, { height }) => sum + height, 0));
    const first = this.heights.length + 1;
    for (const { rule, height } of rules) this.rule(line, rule, height);
    const end = this.heights.length;
    const across = (key: Key) => this.merge(key, first, end);
    this.text('A', first, line.number, { alignment: CENTER });
    this.text('B', first, line.text.join('\n'));
    this.number('C', first, line.max, { alignment: CENTER });
    this.text('E', first, line.unit, { alignment: CENTER });
    const range = `F${first}:F${end}`;
    const given = line.sum ? `SUM(${range})` : `MAX(0,${range})`;
    const formula = line.bonus ? `MIN(C${first},${given})` : `MAX(0,C${first}-SUM(${range}))`;
    this.formula('G', first, formula, line.points, { bold: true });
    for (const key of ['A', 'B', 'C', 'E', 'G'] as const) across(key);
    const needs = line.rules.filter(({ applies }) => applies).length;
    this.items.push({ line, points: `G${first}`, open: line.beyondText ? '0<1' : `COUNT(${range})<${needs}` });
    return `G${first}`;
  }

  private rule(line: ItemLine, rule: RuleLine, height: number): void {
    const pieces = Math.ceil(height / ROW_HEIGHT_MAX);
    const first = this.heights.length + 1;
    for (let piece = 0; piece < pieces; piece += 1) {
      const row = this.row(height / pieces);
      for (const key of KEYS) this.text(key, row, '', { border: BOX });
    }
    this.text('D', first, rule.way);
    this.text('H', first, rule.note);
    this.effects.set(rule.id, `F${first}`);
    const numFmt = line.bonus ? GAIN : LOSS;
    if (!rule.applies) this.text('F', first, '×', { alignment: CENTER });
    else {
      if (rule.points === null) this.text('F', first, '', { numFmt, alignment: CENTER });
      else this.number('F', first, rule.points, { numFmt, alignment: CENTER });
      const cell = `F${first}`;
      this.validations.push({
        type: 'custom',
        formula1: `AND(ISNUMBER(${cell}),${cell}>=0,MOD(${cell}*4,1)=0${line.bonus ? `,${cell}<=${line.max}` : ''})`,
        range: cell,
        allowBlank: true,
        showErrorMessage: true,
        errorTitle: COLUMNS.points,
        errorMessage: `Nhập số điểm từ 0, bước 0,25${line.bonus ? `, nhiều nhất ${String(line.max).replace('.', ',')}` : ''}; để trống nếu chưa chấm.`,
      });
      this.marks.push({
        type: 'expression',
        priority: this.marks.length + 1,
        formula: `ISBLANK(${cell})`,
        range: cell,
        style: { fill: filled('FFF2CC') },
      });
    }
    for (const key of ['D', 'F', 'H'] as const) this.merge(key, first, first + pieces - 1);
  }

  /** Total, grade and what may still change, over the rows of the standards. */
  private result(standardRows: readonly number[]): void {
    const { answer, lines, edition, items } = this;
    const sum = (parts: readonly string[]) => `SUM(${parts.join(',')})`;
    const total = this.figure(TOTAL, sum(standardRows.map((row) => `G${row}`)), lines.total, {
      formula: sum(standardRows.map((row) => `C${row}`)),
      result: lines.max,
    });
    for (const { id, title, points, max } of lines.groups) {
      const cells = edition.groups!.find((group) => group.id === id)!.standards.map((own) => this.points.get(own)!);
      const maxima = { formula: sum(cells.map((cell) => cell.replace('G', 'C'))), result: max };
      this.points.set(id, `G${this.figure(title, sum(cells), points, maxima)}`);
    }
    const faults = new Map(conditionsOf(edition).map((rule) => [rule, this.condition(rule)]));
    const mandatory = lines.rows
      .filter((row) => row.kind === 'standard')
      .flatMap((row, index) => (row.standard.mandatory ? [standardRows[index]!] : []));
    const percent = edition.mandatoryShare?.moreThanPercent ?? 0;
    const tooLow = mandatory.map((row) => `G${row}<=C${row}*${percent}/100`);
    const grade = gradeFormula(edition, { total: `G${total}`, points: this.points, faults }, tooLow);
    const open = this.figure(
      'Số nội dung chưa chấm xong',
      items.map((item) => `(${item.open})`).join('+'),
      items.filter(({ line }) => line.open).length,
    );
    this.figure(
      'Tổng điểm thấp nhất có thể (nội dung chưa chấm xong được 0)',
      sum(items.map(({ line, points, open: isOpen }) => (line.bonus ? points : `IF(${isOpen},0,${points})`))),
      answer.range.least,
    );
    this.figure(
      'Tổng điểm cao nhất có thể',
      sum(
        items.map(({ line, points, open: isOpen }) =>
          line.bonus || line.beyondText ? `IF(${isOpen},${points.replace('G', 'C')},${points})` : points,
        ),
      ),
      answer.range.most,
    );
    const wouldBe = this.figure('Xếp loại tạm tính', grade, answer.gradeLabel);
    this.figure('XẾP LOẠI', `IF(G${open}>0,${quoted(UNDECIDED)},G${wouldBe})`, lines.grade);
  }

  /** Whether a fault was found under a rule that a grade asks to be without: its points cannot tell where it takes none. */
  private condition(rule: string): string {
    const found = this.answer.gaps.some(({ needs }) => needs.some(({ without }) => without === rule)) ? 1 : 0;
    const text = findRule(this.edition, rule)!.rule.text;
    const line = this.lines.rows.flatMap((row) => (row.kind === 'item' ? row.rules : [])).find(({ id }) => id === rule);
    const told = found === ((line?.points ?? 0) > 0 ? 1 : 0) && takesAlways(findRule(this.edition, rule)!.rule);
    const label = `Điều kiện: “${text}” (${told ? '' : 'nhập '}1 là có, 0 là không)`;
    return `G${this.figure(label, told ? `IF(${this.effects.get(rule)!}>0,1,0)` : null, found)}`;
  }

  /** `formula` null: a figure to be typed in. */
  private figure(
    label: string,
    formula: string | null,
    result: number | string,
    max?: { formula: string; result: number },
  ): number {
    const capital = label === label.toLocaleUpperCase('vi');
    const width = LAYOUT.reduce((all, { key, width: own }) => all + (key < (max ? 'C' : 'G') ? own : 0), 0);
    const row = this.row(heightOf(label, capital ? width / BOLD : width) + 1);
    const base = { bold: capital, border: BOX, ...(capital ? { fill: GREY } : {}) };
    for (const key of KEYS) this.text(key, row, '', base);
    this.text('A', row, label, base);
    if (max === undefined) this.mergeAcross(row, 'A', 'F');
    else {
      this.mergeAcross(row, 'A', 'B');
      this.formula('C', row, max.formula, max.result, { ...base, alignment: CENTER });
    }
    if (formula !== null) this.formula('G', row, formula, result, base);
    else this.number('G', row, Number(result), { ...base, alignment: CENTER });
    if (typeof result === 'string') this.mergeAcross(row, 'G', 'H');
    return row;
  }

  private below(): void {
    const { gradeNotes, method, readings, day } = this.lines;
    this.row(8);
    this.wide('Cách đánh giá', { bold: true });
    for (const text of method) this.wide(`– ${text}`);
    this.wide('Kết quả khi xuất phiếu', { bold: true });
    for (const text of gradeNotes) this.wide(`– ${text}`);
    if (readings.length > 0) {
      this.wide('Chú giải: cách đọc những chỗ văn bản chưa rõ', { bold: true });
      for (const [index, text] of readings.entries()) this.wide(`${index + 1}. ${text}`);
    }
    this.row(8);
    for (const [text, rest] of [
      [`…………, ${day}`, { italic: true }],
      ['ĐẠI DIỆN ĐƠN VỊ ĐÁNH GIÁ', { bold: true }],
      ['(Ký, ghi rõ họ tên)', { italic: true }],
    ] as const) {
      const row = this.row(LINE_HEIGHT + 2);
      this.text('E', row, text, { ...rest, alignment: CENTER });
      this.mergeAcross(row, 'E', 'H');
    }
  }

  /** A row of its own across the sheet. */
  private wide(text: string, rest: Parameters<typeof style>[0] = {}): void {
    const factor = ((rest.size ?? FONT_SIZE) / FONT_SIZE) * (rest.bold ? BOLD : 1);
    const row = this.row(heightOf(text, FULL_WIDTH / factor) * ((rest.size ?? FONT_SIZE) / FONT_SIZE));
    this.text('A', row, text, rest);
    this.mergeAcross(row, 'A', 'H');
  }

  /** Adds a row, returns its number as Excel counts. */
  private row(height: number): number {
    return this.heights.push(Math.round(height * 4) / 4);
  }
  private set(key: Key, row: number, cell: Partial<Cell>, rest: Parameters<typeof style>[0]): void {
    const at = `${row - 1},${KEYS.indexOf(key)}`;
    const before = this.cells.get(at);
    const next = style(rest);
    const border = next.border ?? before?.style?.border;
    this.cells.set(at, { ...cell, style: { ...next, ...(border ? { border } : {}) } });
  }
  private text(key: Key, row: number, text: string, rest: Parameters<typeof style>[0] = {}): void {
    if (text === '') this.set(key, row, { value: null, type: 'empty' }, rest);
    else this.set(key, row, { value: cellText(text), type: 'string' }, rest);
  }
  private number(key: Key, row: number, value: number, rest: Parameters<typeof style>[0] = {}): void {
    this.set(key, row, { value, type: 'number' }, rest);
  }
  private formula(
    key: Key,
    row: number,
    formula: string,
    formulaResult: number | string,
    rest: Parameters<typeof style>[0] = {},
  ): void {
    this.set(
      key,
      row,
      { formula, formulaResult, value: formulaResult, type: 'formula' },
      { alignment: CENTER, ...rest },
    );
  }
  private merge(key: Key, from: number, to: number): void {
    const column = KEYS.indexOf(key);
    if (to > from) this.merges.push({ startRow: from - 1, endRow: to - 1, startCol: column, endCol: column });
  }
  private mergeAcross(row: number, from: Key, to: Key): void {
    this.merges.push({
      startRow: row - 1,
      endRow: row - 1,
      startCol: KEYS.indexOf(from),
      endCol: KEYS.indexOf(to),
    });
  }
}

/** General follows the reader's locale (0,5) and writes whole numbers without a trailing comma, as 0.## would not. */
const LOSS = '"–"General;General;0;@';
const GAIN = '"+"General;General;0;@';

const fillOf = (sums: readonly { kind: string; row: number }[], row: number) =>
  sums.find((sum) => sum.row === row)!.kind === 'standard' ? GREY : LIGHT;
/** Whether every fault under this rule takes points. */
const takesAlways = (rule: Rule): boolean =>
  rule.shape === 'tiers'
    ? rule.tiers.every(({ points, to }, index) => points !== 0 && (index < rule.tiers.length - 1 || to === undefined))
    : 'points' in rule && rule.points > 0;
const widthOf = (key: Key) => LAYOUT.find((column) => column.key === key)!.width;
