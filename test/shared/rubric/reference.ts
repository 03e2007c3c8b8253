import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The scores once more, computed from the decision's printed text alone: neither the edition file nor the engine is read.
 * Figures come out of the words of "Cách chấm điểm"; what the text leaves unclear is read as `READ` says.
 */

export interface ReferenceFinding {
  count?: number;
  /** Words of the award as the text has them: "Quận", "Thành phố", "Quốc gia", "01 phần mềm", "02 phần mềm". */
  award?: string;
  points?: number;
}
export interface ReferenceItem {
  id: string;
  max: number;
  unit: string;
  rules: ReferenceRule[];
}
export type ReferenceRule = { id: string } & (
  | { kind: 'once'; points: number }
  | { kind: 'each'; points: number }
  | { kind: 'tiers'; tiers: { from: number; to: number; points: number }[] }
  | { kind: 'award'; awards: { words: string; points: number }[]; level: 'preschool' | 'school' | 'all' }
  | { kind: 'free' }
);

/** "trừ 05 điểm" on an item of 2 is read as 0,5; a missing unit is CNTT's; "GD" is PGD. */
const READ = { tooMuch: (points: number, max: number) => (points > max ? points / 10 : points), noUnit: 'CNTT' };
const TEXT = readFileSync(join(import.meta.dirname, 'fixtures/quyet-dinh-8265.txt'), 'utf8');
const ROMAN = /^(I|II|III|IV)$/;
const number = (text: string) => Number(text.replace(',', '.'));
const plain = (text: string) =>
  text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Rows of the printed table: its five cells, page breaks mended. */
export function tableRows(text = TEXT): string[][] {
  const table = text.slice(text.indexOf('STT\t'), text.indexOf('\tTỔNG ĐIỂM'));
  const rows: string[] = [];
  for (const line of table.split('\n')) {
    if (line.startsWith('STT\t') || /^\.*$/.test(line.trim())) continue;
    if (/^(I{1,3}|IV|\d+(\.\d+)?)?\t/.test(line)) rows.push(line);
    else rows[rows.length - 1] += `\n${line}`;
  }
  const whole: string[][] = [];
  for (const row of rows) {
    const cells = row.split('\t');
    // A row without a number goes on with the one before it.
    if (cells[0] !== '') whole.push(cells);
    else for (const [index, cell] of cells.entries()) whole.at(-1)![index] += ` ${cell}`;
  }
  return whole.map((cells) => cells.map((cell, index) => (index === 1 ? cell : plain(cell))));
}

/** The items of the table with their rules. */
export function referenceItems(): ReferenceItem[] {
  const items: ReferenceItem[] = [];
  let standard = '';
  for (const [stt = '', content = '', points = '', how = '', unit = ''] of tableRows()) {
    if (ROMAN.test(stt)) standard = stt;
    else if (/^\d+\.\d+$/.test(stt) || standard === 'IV') {
      const id = `${standard}.${stt}`;
      const max = number(points);
      const rules = standard === 'IV' ? bonusRules(id, how) : lossRules(id, max, content, how);
      items.push({ id, max, unit: { '': READ.noUnit, GD: 'PGD' }[unit] ?? unit, rules });
    }
  }
  return items;
}

function lossRules(id: string, max: number, content: string, how: string): ReferenceRule[] {
  const rules: ReferenceRule[] = [];
  const letter = () => `${id}.${'abcdefgh'[rules.length]}`;
  const amount = /(?:trừ|\(từ)\s*(\d+(?:,\d+)?)\s*(?:điểm|đ)(\s*\/)?|Không chấm điểm/g;
  let from = 0;
  for (const found of how.matchAll(amount)) {
    const clause = how.slice(from, found.index);
    from = found.index + found[0].length;
    const points = found[1] === undefined ? max : READ.tooMuch(number(found[1]), max);
    const tier = /(?:^|\s|-)(\d\d)(?:\s*(?:đến|-)\s*(\d\d))?\s*(?:GV|môn)/.exec(clause);
    if (tier) {
      const least = Number(tier[1]);
      const open = /trở lên/.test(clause);
      const entry = { from: least, to: open ? Infinity : Number(tier[2] ?? tier[1]), points };
      const last = rules.at(-1);
      if (last?.kind === 'tiers' && least > last.tiers.at(-1)!.to) last.tiers.push(entry);
      else rules.push({ id: letter(), kind: 'tiers', tiers: [entry] });
    } else if (/nội dung không đáp ứng/.test(clause)) {
      // "Mỗi nội dung": as many as the content lists.
      for (const _line of content.matchAll(/- /g)) rules.push({ id: letter(), kind: 'once', points });
    } else {
      const each = found[2] !== undefined || /(?:^|[\s(-])mỗi /i.test(clause);
      rules.push({ id: letter(), kind: each ? 'each' : 'once', points });
    }
  }
  return rules;
}

function bonusRules(id: string, how: string): ReferenceRule[] {
  if (how === '') return [{ id, kind: 'free' }];
  const parts = how.includes('Cấp MN')
    ? how.split(/- (?=Cấp MN)/).map((text, index) => ({ text, level: index === 0 ? 'school' : 'preschool' }) as const)
    : [{ text: how, level: 'all' } as const];
  return parts.map(({ text, level }, index) => {
    const awards = [
      ...text.matchAll(/(Quận|TP|Quốc gia|Thành phố|0[12] phần mềm)[^:(]*[:(]\s*(\d+(?:[.,]\d+)?)\s*(?:điểm|đ)/g),
    ].map(([, words, points]) => ({ words: words!.replace('TP', 'Thành phố'), points: number(points!) }));
    return { id: `${id}.${'ab'[index]}`, kind: 'award', awards, level };
  });
}

/** The edition's ids of awards for the text's words. */
export const awardWords: Readonly<Record<string, string>> = {
  Quận: 'district',
  'Thành phố': 'city',
  'Quốc gia': 'national',
  '01 phần mềm': 'one',
  '02 phần mềm': 'both',
};

export interface ReferenceSheet {
  items: Map<string, number>;
  total: number;
  grade: 'A' | 'B' | 'none';
}

/** Points of a school with these findings, by rule. Sums in quarters of a point, so that nothing is rounded. */
export function referenceScore(findings: ReadonlyMap<string, ReferenceFinding>): ReferenceSheet {
  const items = new Map<string, number>();
  const standards = new Map<string, { points: number; max: number }>();
  for (const item of referenceItems()) {
    const points = item.id.startsWith('IV.') ? gain(item, findings) : Math.max(0, item.max - loss(item, findings));
    items.set(item.id, points);
    const standard = item.id.split('.')[0]!;
    const sum = standards.get(standard) ?? { points: 0, max: 0 };
    standards.set(standard, { points: sum.points + points, max: sum.max + item.max });
  }
  const total = [...standards.values()].reduce((sum, { points }) => sum + points, 0);
  const above = ['I', 'II', 'III'].every((id) => standards.get(id)!.points * 2 > standards.get(id)!.max);
  return { items, total, grade: above && total >= 95 ? 'A' : above && total >= 90 ? 'B' : 'none' };
}

function loss({ max, rules }: ReferenceItem, findings: ReadonlyMap<string, ReferenceFinding>): number {
  return rules.reduce((sum, rule) => {
    const count = findings.has(rule.id) ? (findings.get(rule.id)!.count ?? 1) : 0;
    if (count === 0) return sum;
    if (rule.kind === 'once') return sum + rule.points;
    if (rule.kind === 'each') return sum + count * rule.points;
    if (rule.kind !== 'tiers') return sum;
    const tier = rule.tiers.find(({ from, to }) => count >= from && count <= to) ?? rule.tiers.at(-1)!;
    return sum + Math.min(max, tier.points);
  }, 0);
}

function gain({ max, rules }: ReferenceItem, findings: ReadonlyMap<string, ReferenceFinding>): number {
  const gains = rules.map((rule) => {
    const found = findings.get(rule.id);
    if (!found) return 0;
    if (rule.kind === 'award') return rule.awards.find(({ words }) => words === found.award)!.points;
    return found.points ?? 0;
  });
  return Math.min(max, Math.max(0, ...gains));
}
