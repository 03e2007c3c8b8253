import { formatPoints } from '../../shared/points.ts';
import { type Edition, itemsOf } from '../../shared/rubric/edition.ts';
import { formatDate } from '../../shared/vietnamese.ts';
import type { SheetAnswer, SheetItem, SheetReading, SheetRule } from '../api/schemas/scoresheet.ts';
import { isBeyondText } from '../evaluation/sheet.ts';
import { groupNotes, methodLines } from './method.ts';
import { cleaned, sayDay, sayInstant, shortInstant, stop, typeset } from './text.ts';

/**
 * What every export of the score sheet says, in the decision's order; a format only gives it its form. Pure. All text
 * in it is clean: well-formed, one line each, without control or direction characters, whoever wrote it.
 */
export interface Lines {
  /** "Ủy ban nhân dân quận Long Biên", and the unit that the school belongs to. */
  issuer: string;
  unit: string;
  title: string;
  /** The rubric, and the decision that it comes with. */
  rubric: string;
  basis: string;
  /** Label and value: name, code, levels, unit of the school, and up to when the data go. */
  facts: { label: string; value: string }[];
  /** Set for a school of simulated devices: its sheet is no result. */
  practice: string | null;
  rows: Line[];
  /** Groups of standards with their points, of editions that have them. */
  groups: NonNullable<SheetAnswer['groups']>;
  max: number;
  total: number;
  grade: string;
  gradeNotes: string[];
  /** The decision's "Cách đánh giá". */
  method: string[];
  /** How unclear places of the text are read; notes of items refer to them by number, from 1. */
  readings: string[];
  /** Vietnam time: "ngày 05 tháng 02 năm 2026". */
  day: string;
}

export type Line =
  | { kind: 'standard'; number: string; text: string; max: number; points: number; standard: Standard }
  | { kind: 'criterion'; id: string; number: string; text: string; max: number; points: number }
  | ItemLine;
export type Standard = Pick<SheetAnswer['standards'][number], 'id' | 'mandatory' | 'aboveMinimum'>;

export interface ItemLine {
  kind: 'item';
  /** The heading above that its points go to. */
  under: 'standard' | 'criterion';
  id: string;
  /** As printed: "1.1". */
  number: string;
  text: string[];
  max: number;
  /** As printed, empty where the decision names none. */
  unit: string;
  points: number;
  source: string;
  bonus: boolean;
  /** Whether what its rules give adds up; else the best counts. */
  sum: boolean;
  /** Whether a rule that applies is still undecided; the points are then what they would be without it. */
  open: boolean;
  /** Undecided because the text stops before what was found: it may take less as well as more. */
  beyondText: boolean;
  needsAssessor: boolean;
  /** "Cách chấm điểm", a line each; empty where the decision says nothing. */
  ways: string[];
  rules: RuleLine[];
  /** Of the item and all its rules; rules with one and the same note share it. */
  notes: string[];
}

export interface RuleLine {
  id: string;
  /** The decision's text with the rule's letter where the item has several; empty where the decision says nothing. */
  way: string;
  applies: boolean;
  /** Points taken (or, of a bonus item, given), null while undecided. Never negative. */
  points: number | null;
  note: string;
}

export const COLUMNS = {
  number: 'STT',
  text: 'Nội dung đánh giá',
  max: 'Điểm',
  ways: 'Cách chấm điểm',
  unit: 'Đơn vị đánh giá',
  points: 'Điểm đạt',
  notes: 'Ghi chú',
} as const;
/** Quốc hiệu and tiêu ngữ, Nghị định 30/2020/NĐ-CP, annex I, II.1. */
export const NATION = 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM';
export const MOTTO = 'Độc lập - Tự do - Hạnh phúc';
export const TOTAL = 'TỔNG ĐIỂM';
export const UNDECIDED = 'Chưa xếp loại';

const SOURCES: Record<SheetItem['source'], string> = {
  measured: 'Đo tự động',
  manual: 'Nhập tay',
  mixed: 'Kết hợp',
  unassessed: 'Chưa chấm',
};

/** `given`: the edition that the sheet was scored by. */
export function sheetLines(answer: SheetAnswer, given: Edition): Lines {
  const sheet = cleaned(answer);
  const edition = cleaned(given);
  const sums = new Set(itemsOf(edition).flatMap((item) => (item.combine === 'sum' ? [item.id] : [])));
  const { rubric, school } = sheet;
  const readings = new Readings();
  const rows = sheet.standards.flatMap((standard): Line[] => {
    const { id, title, max, points, mandatory, aboveMinimum } = standard;
    return [
      { kind: 'standard', number: id, text: title, max, points, standard: { id, mandatory, aboveMinimum } },
      ...standard.criteria.flatMap((criterion): Line[] => [
        ...(criterion.title === '' ? [] : [{ ...criterion, kind: 'criterion' as const, text: criterion.title }]),
        ...criterion.items.map((item) =>
          itemLine(item, criterion.title === '' ? 'standard' : 'criterion', sums.has(item.id), readings),
        ),
      ]),
    ];
  });
  const open = rows.filter((row) => row.kind === 'item' && row.open).length;
  const { mandatoryShare } = edition;
  const share = `${formatPoints(mandatoryShare?.moreThanPercent ?? 0)} %`;
  const levels = school.levels.map((level) => edition.levels.find(({ id }) => id === level)?.label ?? level);
  return {
    issuer: rubric.issuer,
    unit: school.unit,
    title: 'PHIẾU CHẤM ĐIỂM',
    rubric: rubric.title,
    basis: `Quyết định số ${rubric.id} ngày ${formatDate(rubric.date)} của ${rubric.issuer}`,
    facts: [
      { label: 'Trường', value: school.name },
      { label: 'Mã trường', value: school.code },
      { label: 'Cấp học', value: levels.join(', ') },
      { label: 'Đơn vị', value: school.unit },
      { label: 'Số liệu đến', value: sayInstant(sheet.asOf) },
    ],
    practice: school.practice ? 'Trường thực hành – thiết bị mô phỏng: phiếu này không phải kết quả đánh giá.' : null,
    rows,
    groups: sheet.groups ?? [],
    max: sheet.max,
    total: sheet.total,
    grade: sheet.provisional ? UNDECIDED : sheet.gradeLabel,
    gradeNotes: [
      ...(sheet.provisional
        ? [
            `Còn ${open} nội dung chưa chấm xong. Tổng điểm cuối cùng trong khoảng ${formatPoints(sheet.range.least)}–${formatPoints(sheet.range.most)} điểm; tạm tính ${sheet.gradeLabel} nếu các nội dung đó không bị trừ và không được cộng.`,
          ]
        : []),
      ...sheet.standards
        .filter(({ mandatory }) => mandatory)
        .map(
          ({ id, points, max, aboveMinimum }) =>
            `Tiêu chuẩn bắt buộc ${id}: ${formatPoints(points)}/${formatPoints(max)} điểm, ${aboveMinimum ? `trên ${share} tổng số điểm.` : `không quá ${share} tổng số điểm nên không xếp loại được.`}`,
        ),
      ...groupNotes(sheet),
    ].map(typeset),
    method: methodLines(edition).map(typeset),
    readings: readings.said.map(typeset),
    day: sayDay(sheet.asOf),
  };
}

function itemLine(item: SheetItem, under: ItemLine['under'], sum: boolean, readings: Readings): ItemLine {
  const bonus = item.rules.every((rule) => rule.shape === 'award' || rule.shape === 'free');
  const lettered = item.rules.length > 1;
  const letter = (rule: SheetRule) => (lettered ? (rule.id.split('.').at(-1) ?? '') : '');
  const shared = lettered && new Set(item.rules.map((rule) => rule.text)).size === 1;
  const way = (rule: SheetRule) =>
    // The edition fills the decision's empty cell with a remark of its own; here it stays empty.
    rule.shape === 'free' ? '' : [lettered ? `${letter(rule)})` : '', rule.text].join(' ').trim();
  const readingNote = (reading: SheetReading | null) =>
    reading === null ? [] : [`Xem chú giải ${readings.number(item.id, reading)}.`];
  const own = readingNote(item.reading);
  const rules = item.rules.map((rule): RuleLine & { letter: string } => ({
    id: rule.id,
    letter: letter(rule),
    way: rule.label ? `${way(rule)} (${rule.label})` : way(rule),
    applies: rule.applies,
    points: rule.applies && rule.decidedBy !== null ? Math.abs(rule.effect) : null,
    note: typeset([ruleNote(rule), ...readingNote(rule.reading)].join(' ')),
  }));
  const byNote = Map.groupBy(rules, (rule) => rule.note);
  const notes = [
    ...[...byNote].map(([note, of]) =>
      lettered && of.length < rules.length ? `${of.map((rule) => rule.letter).join(', ')}) ${note}` : note,
    ),
    ...own,
  ];
  if (own.length > 0) rules[0]!.note = [rules[0]!.note, ...own].join(' ');
  return {
    kind: 'item',
    under,
    id: item.id,
    number: item.number,
    text: item.text,
    max: item.max,
    unit: item.unitPrinted,
    points: item.points,
    source: SOURCES[item.source],
    bonus,
    sum,
    open: item.needsAssessor,
    beyondText: item.rules.some(isBeyondText),
    needsAssessor: item.needsAssessor,
    ways: (shared
      ? [item.rules[0]!.text, ...item.rules.map((rule) => `${letter(rule)}) ${rule.label ?? rule.text}`)]
      : item.rules.map(way)
    ).filter((text) => text !== ''),
    rules,
    notes,
  };
}

/**
 * Why a rule takes or gives what it does: the measured sentence, or who entered what, when and why; both where an entry
 * stands against a measurement.
 */
function ruleNote(rule: SheetRule): string {
  const { manual, measured } = rule;
  if (!rule.applies) return 'Không áp dụng cho cấp học của trường.';
  const bonus = rule.shape === 'award' || rule.shape === 'free';
  const parts = [];
  if (rule.decidedBy === null) parts.push(`chưa chấm (tạm tính không ${bonus ? 'cộng' : 'trừ'})`);
  else parts.push(rule.why ?? (bonus ? 'không cộng' : 'không trừ'));
  if (measured && measured.state !== 'manual')
    parts.push(`đo: ${stop(measured.verdict)} (${shortInstant(measured.computedAt)})`);
  if (measured?.state === 'manual' && !manual) parts.push(stop(measured.verdict));
  if (manual) parts.push(`nhập tay: ${stop(manual.reason)} (${manual.by}, ${shortInstant(manual.at)})`);
  const text = parts.join('; ');
  return `${text.charAt(0).toLocaleUpperCase('vi')}${text.slice(1)}.`;
}

/** Readings in the order in which the items mention them, each with the items that it is about. */
class Readings {
  private readonly kept: { reading: SheetReading; items: Set<string> }[] = [];

  number(item: string, reading: SheetReading): number {
    const same = ({ text, label }: SheetReading) => text === reading.text && label === reading.label;
    let index = this.kept.findIndex((entry) => same(entry.reading));
    if (index < 0) index = this.kept.push({ reading, items: new Set() }) - 1;
    this.kept[index]!.items.add(item);
    return index + 1;
  }

  get said(): string[] {
    return this.kept.map(
      ({ reading, items }) =>
        `Mục ${[...items].join(', ')}: ${stop(reading.text)}. ${stop(reading.label)}. Lý do: ${stop(reading.reason)}.`,
    );
  }
}
