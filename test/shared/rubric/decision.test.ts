import { describe, expect, it } from 'vitest';
import { findRule, itemsOf } from '../../../shared/rubric/edition.ts';
import { type Finding, score } from '../../../shared/rubric/engine.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';

const edition = loadEdition('8265/QĐ-UBND');

/**
 * One row a rule and case, written from the decision's own words: rule, input, points that the item has then.
 * Nothing here is read from the edition file.
 */
const examples: [rule: string, input: Omit<Finding, 'rule'>, itemPoints: number, level?: string][] = [
  ['I.1.1.a', {}, 4.5], // "Kế hoạch không đảm bảo chất lượng trừ 0,5 điểm", item worth 5
  ['I.1.1.b', { count: 1 }, 4.5],
  ['I.1.1.b', { count: 3 }, 3.5],
  ['I.1.1.c', {}, 4.5],
  ['I.1.1.d', { count: 1 }, 4.75], // "trừ 0,25 điểm"
  ['I.1.1.d', { count: 9 }, 2.75],
  ['I.1.2.a', { count: 2 }, 5], // "trừ 01 điểm/văn bản", item worth 7
  ['I.1.2.a', { count: 8 }, 0],
  ['I.1.2.b', { count: 1 }, 6.5],
  ['I.1.2.c', { count: 3 }, 5.5],
  ['I.2.1.a', { count: 1 }, 9.5],
  ['I.2.1.a', { count: 20 }, 0],
  ['I.2.2.a', { count: 2 }, 4],
  ['I.2.2.b', { count: 1 }, 4.5],
  ['I.3.1.a', {}, 0],
  ['I.3.2.a', {}, 0],
  ['I.3.2.b', { count: 3 }, 2.5],
  ['I.3.2.c', { count: 2 }, 2],
  ['I.3.3.a', {}, 2],
  ['I.3.3.b', {}, 2],
  ['I.3.3.c', {}, 1],
  ['II.1.1.a', { count: 1 }, 7],
  ['II.1.1.b', { count: 2 }, 6],
  ['II.1.1.c', { count: 3 }, 6.5],
  ['II.1.1.d', {}, 7],
  ['II.1.2.a', {}, 0],
  ['II.1.3.a', {}, 0],
  ['II.2.1.a', { count: 1 }, 3],
  ['II.2.1.a', { count: 2 }, 3],
  ['II.2.1.b', { count: 1 }, 3],
  ['II.2.1.b', { count: 3 }, 1],
  ['II.2.1.b', { count: 4 }, 1],
  ['II.2.1.b', { count: 5 }, 0],
  ['II.2.2.a', { count: 1 }, 3],
  ['II.2.2.a', { count: 2 }, 1],
  ['II.2.2.a', { count: 3 }, 0],
  ['II.2.3.a', { count: 1 }, 4],
  ['II.2.3.a', { count: 2 }, 3],
  ['II.2.3.b', { count: 1 }, 3],
  ['II.3.1.a', { count: 1 }, 4.5],
  ['II.3.1.b', { count: 2 }, 3],
  ['II.3.1.c', {}, 3],
  ['II.3.2.a', { count: 2 }, 2],
  ['II.3.2.a', { count: 3 }, 1],
  ['II.3.2.a', { count: 5 }, 0], // "Từ 05 GV trở lên: Không chấm điểm"
  ['III.1.1.a', { count: 1 }, 1.5],
  ['III.1.1.b', { count: 2 }, 1],
  ['III.1.1.c', { count: 1 }, 1.5],
  ['III.1.2.a', { count: 4 }, 1],
  ['III.2.1.a', {}, 1.5], // "trừ 05 điểm", read as 0,5
  ['III.2.2.a', {}, 1],
  ['III.2.2.b', {}, 1],
  ['III.3.1.a', {}, 2],
  ['III.3.1.b', {}, 2],
  ['III.3.1.c', {}, 2],
  ['III.3.2.a', {}, 1],
  ['III.3.2.b', {}, 1],
  ['III.3.3.a', { count: 1 }, 0.5],
  ['III.3.3.a', { count: 2 }, 0],
  ['IV.1.a', { award: 'district' }, 1],
  ['IV.1.a', { award: 'city' }, 1.5, 'secondary'],
  ['IV.1.a', { award: 'national' }, 2],
  ['IV.1.b', { award: 'one' }, 1, 'preschool'],
  ['IV.1.b', { award: 'both' }, 2, 'preschool'],
  ['IV.2.a', { award: 'district' }, 2],
  ['IV.2.a', { award: 'city' }, 3],
  ['IV.2.a', { award: 'national' }, 3], // "Thành phố trở lên"
  ['IV.3.a', { award: 'district' }, 1],
  ['IV.3.a', { award: 'city' }, 2],
  ['IV.4', { points: 1.5 }, 1.5],
  ['IV.5', { points: 1 }, 1],
];

describe('Quyết định 8265/QĐ-UBND', () => {
  it.each(examples)('%s with %o leaves the item %d points', (rule, input, expected, level = 'primary') => {
    const sheet = score(edition, [level], [{ rule, ...input }]);
    const { item } = findRule(edition, rule)!;
    expect(sheet.items[item.id]!.points).toBe(expected);
    const untouched = item.id.startsWith('IV') ? 0 : item.max;
    expect(sheet.total).toBe(90 - untouched + expected);
  });

  it('has an example for every rule of the edition', () => {
    const rules = itemsOf(edition).flatMap((item) => item.rules.map((rule) => rule.id));
    expect([...new Set(examples.map(([rule]) => rule))].sort()).toEqual([...rules].sort());
    expect(rules).toHaveLength(51);
  });

  it('gives each standard and item the maximum that the decision prints', () => {
    expect(edition.standards.map((s) => [s.id, s.max])).toEqual([
      ['I', 35],
      ['II', 40],
      ['III', 15],
      ['IV', 10],
    ]);
    expect(Object.fromEntries(itemsOf(edition).map((item) => [item.id, item.max]))).toEqual({
      'I.1.1': 5,
      'I.1.2': 7,
      'I.2.1': 10,
      'I.2.2': 5,
      'I.3.1': 1,
      'I.3.2': 4,
      'I.3.3': 3,
      'II.1.1': 8,
      'II.1.2': 5,
      'II.1.3': 2,
      'II.2.1': 5,
      'II.2.2': 5,
      'II.2.3': 5,
      'II.3.1': 5,
      'II.3.2': 5,
      'III.1.1': 2,
      'III.1.2': 3,
      'III.2.1': 2,
      'III.2.2': 2,
      'III.3.1': 3,
      'III.3.2': 2,
      'III.3.3': 1,
      'IV.1': 2,
      'IV.2': 3,
      'IV.3': 2,
      'IV.4': 2,
      'IV.5': 1,
    });
  });

  it('is Loại A from 95, Loại B from 90, else not attained', () => {
    const grade = (findings: Finding[]) => score(edition, ['primary'], findings);
    expect(grade([])).toMatchObject({ total: 90, grade: 'B' });
    expect(grade([{ rule: 'I.1.1.d', count: 1 }])).toMatchObject({ total: 89.75, grade: 'none' });
    const bonus = [
      { rule: 'IV.2.a', award: 'city' },
      { rule: 'IV.4', points: 2 },
    ];
    expect(grade(bonus)).toMatchObject({ total: 95, grade: 'A' });
    expect(grade([...bonus, { rule: 'I.1.1.d', count: 1 }])).toMatchObject({ total: 94.75, grade: 'B' });
  });

  it('asks of each mandatory standard more than half: 17.5 of 35 fails, 17.75 passes', () => {
    // I loses 10 + 5 + 1.5 + 1 = 17.5
    const half: Finding[] = [
      { rule: 'I.2.1.a', count: 20 },
      { rule: 'I.2.2.a', count: 10 },
      { rule: 'I.1.1.b', count: 3 },
      { rule: 'I.3.1.a' },
    ];
    const failed = score(edition, ['primary'], half);
    expect(failed.standards.I).toMatchObject({ points: 17.5, aboveMinimum: false });
    expect(failed.gaps.B).toEqual({ points: 17.5, standards: [{ id: 'I', points: 0.25 }], reached: false });
    const passed = score(
      edition,
      ['primary'],
      [...half.slice(0, 2), { rule: 'I.1.1.b', count: 2 }, { rule: 'I.1.1.d', count: 1 }, half[3]!],
    );
    expect(passed.standards.I).toMatchObject({ points: 17.75, aboveMinimum: true });
  });

  it('refuses the grade, whatever the total, while a mandatory standard is at half', () => {
    // III at 7.5 of 15 with every bonus point: 90 - 7.5 + 10 = 92.5, which would be Loại B.
    const sheet = score(
      edition,
      ['primary'],
      [
        { rule: 'III.1.2.a', count: 6 },
        { rule: 'III.3.1.a' },
        { rule: 'III.3.1.b' },
        { rule: 'III.3.1.c' },
        { rule: 'III.3.2.a' },
        { rule: 'III.2.1.a' },
        { rule: 'IV.1.a', award: 'national' },
        { rule: 'IV.2.a', award: 'city' },
        { rule: 'IV.3.a', award: 'city' },
        { rule: 'IV.4', points: 2 },
        { rule: 'IV.5', points: 1 },
      ],
    );
    expect(sheet.total).toBe(92.5);
    expect(sheet.grade).toBe('none');
  });

  it('applies the last stated tier past the text and asks the assessor', () => {
    for (const [rule, count, points] of [
      ['II.2.1.a', 3, 3],
      ['II.2.3.a', 3, 3],
      ['II.2.3.b', 2, 3],
    ] as const) {
      const sheet = score(edition, ['primary'], [{ rule, count }]);
      const item = sheet.items[rule.slice(0, -2)]!;
      expect(item).toMatchObject({ points, needsAssessor: true });
      expect(item.deductions[0]!.why).toContain('người chấm quyết định');
    }
    expect(score(edition, ['primary'], [{ rule: 'II.2.1.b', count: 99 }]).items['II.2.1']).toMatchObject({
      needsAssessor: false,
      points: 0,
    });
  });

  it('takes what the assessor decided past the text, and only there', () => {
    const decided = (count: number, points: number) =>
      score(edition, ['primary'], [{ rule: 'II.2.1.a', count, points }]).items['II.2.1']!;
    expect(decided(3, 4)).toMatchObject({ points: 1, needsAssessor: false });
    expect(decided(3, 4).deductions).toMatchObject([
      { points: 4, recovers: 4, why: '3 giáo viên: người chấm quyết định trừ 4 điểm (văn bản chỉ ghi đến 2)' },
    ]);
    expect(decided(3, 0)).toMatchObject({ points: 5, needsAssessor: false, deductions: [] });
    expect(() => decided(2, 4)).toThrow('the text settles counts up to 2');
    expect(() => decided(3, 5.25)).toThrow('maximum is 5');
    expect(() => decided(3, 0.1)).toThrow('multiple of 0.25');
    // Without an end there is nothing to decide.
    expect(() => score(edition, ['primary'], [{ rule: 'II.2.1.b', count: 99, points: 1 }])).toThrow('takes count');
  });

  it('lets an administrator choose the other reading of "trừ 05 điểm" without touching code', () => {
    const literal = loadEdition('8265/QĐ-UBND', { 'III.2.1-penalty': 'whole', 'II.1.3-unit': 'PGD' });
    expect(score(literal, ['primary'], [{ rule: 'III.2.1.a' }]).items['III.2.1']!.points).toBe(0);
    expect(findRule(literal, 'II.1.3.a')!.item.unit).toBe('PGD');
    expect(findRule(edition, 'II.1.3.a')!.item.unit).toBe('CNTT');
    expect(() => loadEdition('8265/QĐ-UBND', { 'III.2.1-penalty': 'no such' })).toThrow(/no choice/);
  });

  it('says what mending one fault alone would bring back', () => {
    const sheet = score(edition, ['primary'], [{ rule: 'I.3.2.a' }, { rule: 'I.3.2.b', count: 2 }]);
    expect(sheet.items['I.3.2']).toMatchObject({ points: 0 });
    expect(sheet.items['I.3.2']!.deductions.map((d) => [d.rule, d.points, d.recovers])).toEqual([
      ['I.3.2.a', 4, 3],
      ['I.3.2.b', 1, 0],
    ]);
  });
});
