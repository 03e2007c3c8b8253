import { describe, expect, it } from 'vitest';
import { findRule, parseEdition } from '../../../shared/rubric/edition.ts';
import { type Finding, FindingError, score } from '../../../shared/rubric/engine.ts';
import { twoGroups } from './fixtures/two-groups.ts';

const edition = parseEdition(twoGroups());
const sheetOf = (findings: Finding[], level = 'primary') => score(edition, [level], findings);

/** One row a rule and case, from the invented wording: rule, input, points that the item has then. */
const examples: [rule: string, input: Omit<Finding, 'rule'>, itemPoints: number, level?: string][] = [
  ['D1.1.0.a', {}, 0],
  ['D1.1.1.a', { points: 5.75 }, 5.75],
  ['D1.1.1.b', { count: 0 }, 0],
  ['D1.1.1.b', { count: 1 }, 2],
  ['D1.1.1.b', { count: 4 }, 2],
  ['D1.1.1.b', { count: 5 }, 6],
  ['D1.1.1.b', { count: 10 }, 12],
  ['D1.1.1.b', { count: 1_000 }, 12],
  ['D1.1.1.b', { award: 'some' }, 6], // stated as the step reached
  ['D1.1.1.c', { count: 19, of: 100 }, 0],
  ['D1.1.1.c', { count: 1, of: 5 }, 3], // 20 % sharp
  ['D1.1.1.c', { count: 199_999, of: 1_000_000 }, 0],
  ['D1.1.1.c', { count: 60, of: 100 }, 3], // "trên 60%" leaves 60 out
  ['D1.1.1.c', { count: 2, of: 3 }, 12],
  ['D1.1.1.c', { award: '60' }, 12],
  ['D1.2.1.a', { count: 1 }, 5],
  ['D1.2.1.a', { count: 2 }, 12],
  ['D1.2.1.a', { count: 3 }, 20],
  ['D1.2.2.a', { count: 0, of: 12 }, 0],
  ['D1.2.2.a', { count: 1, of: 1_000_000_000 }, 2.5], // "trên 0%"
  ['D1.2.2.a', { count: 6, of: 12 }, 5.25],
  ['D1.2.2.a', { count: 12, of: 12 }, 10],
  ['D2.1.a', { award: 'school' }, 5],
  ['D2.1.a', { award: 'province' }, 15],
  ['D2.2.a', { award: 'yes' }, 20],
  ['D2.2.b', { award: 'yes' }, 10, 'high'],
  ['D2.2.c', { points: 15 }, 15],
  ['Q1.1.1.a', { count: 0, of: 7 }, 1], // "từ 0%"
  ['Q1.1.1.a', { count: 9, of: 10 }, 10],
  ['Q1.1.1.b', { count: 2 }, 8],
  ['Q1.1.1.b', { count: 3 }, 20],
  ['Q1.1.2.a', { count: 3 }, 34],
  ['Q1.1.2.b', { count: 2 }, 35],
  ['Q1.1.2.b', { count: 3 }, 0],
  ['Q2.0.a', { count: 2 }, 0],
  ['Q2.1.a', { count: 1 }, 0],
  ['Q2.1.a', { count: 4 }, 7.5],
  ['Q2.1.a', { count: 20 }, 30],
];

/** Everything at its best, in primary school. */
const best: Finding[] = [
  { rule: 'D1.1.1.a', points: 6 },
  { rule: 'D1.1.1.b', count: 10 },
  { rule: 'D1.1.1.c', count: 1, of: 1 },
  { rule: 'D1.2.1.a', count: 3 },
  { rule: 'D1.2.2.a', count: 12, of: 12 },
  { rule: 'D2.1.a', award: 'province' },
  { rule: 'D2.2.a', award: 'yes' },
  { rule: 'D2.2.c', points: 15 },
  { rule: 'Q1.1.1.a', count: 1, of: 1 },
  { rule: 'Q1.1.1.b', count: 3 },
  { rule: 'Q2.1.a', count: 10 },
];
const without = (...rules: string[]) => best.filter((finding) => !rules.includes(finding.rule));

describe('a rubric of two groups of 100 points (invented)', () => {
  it.each(examples)('%s with %o gives the item %d points', (rule, input, expected, level = 'primary') => {
    const sheet = sheetOf([{ rule, ...input }], level);
    const { item } = findRule(edition, rule)!;
    expect(sheet.items[item.id]!.points).toBe(expected);
    expect(sheet.total).toBe(item.id === 'Q1.1.2' ? expected : 40 + expected);
  });

  it('has an example for every rule', () => {
    const rules = JSON.stringify(edition).match(/(?<="id":")[DQ][\d.]+\.[a-c](?=")/g)!;
    expect([...new Set(examples.map(([rule]) => rule))].sort()).toEqual(rules.sort());
  });

  it('scores the groups apart', () => {
    expect(sheetOf(best)).toMatchObject({
      total: 200,
      grade: '3',
      groups: { D: { points: 100, max: 100, met: true }, Q: { points: 100, max: 100, met: true } },
    });
    expect(sheetOf([]).groups).toEqual({
      D: { points: 0, max: 100, met: true },
      Q: { points: 40, max: 100, met: true },
    });
  });

  it('adds up the rules of an item that says so, to its maximum at most, and takes the best of any other', () => {
    const sum = sheetOf([
      { rule: 'D1.1.1.a', points: 0.25 },
      { rule: 'D1.1.1.b', count: 5 },
      { rule: 'D1.1.1.c', count: 1, of: 4 },
    ]);
    expect(sum.items['D1.1.1']).toMatchObject({ points: 9.25 });
    expect(sum.items['D1.1.1']!.additions.map((entry) => [entry.rule, entry.points])).toEqual([
      ['D1.1.1.a', 0.25],
      ['D1.1.1.b', 6],
      ['D1.1.1.c', 3],
    ]);
    expect(sheetOf(best).items['D2.2']!.points).toBe(25); // 20 + 15
    const awards: Finding[] = [
      { rule: 'D2.1.a', award: 'province' },
      { rule: 'D2.1.a', award: 'school' },
    ];
    expect(sheetOf(awards).items['D2.1']!.points).toBe(15);
  });

  it('adds up counts and the wholes of shares, and takes the highest of levels', () => {
    const twice = (finding: Finding, again: Finding) =>
      sheetOf([finding, again]).items[findRule(edition, finding.rule)!.item.id];
    expect(twice({ rule: 'D1.1.1.b', count: 2 }, { rule: 'D1.1.1.b', count: 3 })!.points).toBe(6);
    expect(twice({ rule: 'D1.2.1.a', count: 2 }, { rule: 'D1.2.1.a', count: 1 })!.points).toBe(12);
    // 10 of 20 and 8 of 9: 18 of 29, above 60 percent
    const shares = twice({ rule: 'D1.1.1.c', count: 10, of: 20 }, { rule: 'D1.1.1.c', count: 8, of: 9 })!;
    expect(shares.points).toBe(12);
    expect(shares.additions[0]!.why).toBe('18/29 giáo viên (62%): Trên 60%, 12 điểm');
    const stated = twice({ rule: 'D1.1.1.b', award: 'few' }, { rule: 'D1.1.1.b', count: 7 })!;
    expect(stated).toMatchObject({ points: 6, additions: [{ why: '7 học liệu: Từ 5 đến 9, 6 điểm' }] });
  });

  it('never rounds a share up to its step', () => {
    const sheet = sheetOf([{ rule: 'D1.2.2.a', count: 99_999, of: 100_000 }]);
    expect(sheet.items['D1.2.2']).toMatchObject({ points: 5.25 });
    expect(sheet.items['D1.2.2']!.additions[0]!.why).toBe('99999/100000 lớp (99,9%): Từ 50%, 5,25 điểm');
  });

  it('applies the last step past the text and asks the assessor', () => {
    const item = sheetOf([{ rule: 'Q2.1.a', count: 21 }]).items['Q2.1']!;
    expect(item).toMatchObject({ points: 30, needsAssessor: true });
    expect(item.additions[0]!.why).toContain('văn bản chỉ ghi đến 20, người chấm quyết định');
    expect(sheetOf([{ rule: 'D1.1.1.b', count: 99 }]).items['D1.1.1']!.needsAssessor).toBe(false);
  });

  it('gives what the assessor decided past the text, and only there', () => {
    const decided = (count: number, points: number) => sheetOf([{ rule: 'Q2.1.a', count, points }]).items['Q2.1']!;
    expect(decided(21, 22.5)).toMatchObject({ points: 22.5, needsAssessor: false });
    expect(decided(21, 22.5).additions[0]!.why).toBe(
      '21 dịch vụ: người chấm quyết định cho 22,5 điểm (văn bản chỉ ghi đến 20)',
    );
    expect(() => decided(20, 22.5)).toThrow('the text settles counts up to 20');
  });

  it('decides the grade from both groups', () => {
    expect(sheetOf([]).grade).toBe('1');
    const q50: Finding[] = [{ rule: 'Q1.1.1.a', count: 1, of: 1 }]; // Q 40 + 10
    expect(sheetOf(q50)).toMatchObject({ grade: '1', groups: { Q: { points: 50 } } });
    const d50: Finding[] = best.filter(({ rule }) => ['D1.2.1.a', 'D1.2.2.a', 'D2.2.a'].includes(rule));
    expect(sheetOf([...q50, ...d50])).toMatchObject({ grade: '2', groups: { D: { points: 50 } } });
    expect(sheetOf(d50)).toMatchObject({ grade: '1', groups: { Q: { points: 40 } } });
    // D 100, Q 10 + 20 + 15 + 40 - 10: 75 sharp is not above 75
    const q75 = [...without('Q2.1.a'), { rule: 'Q2.1.a', count: 5 }, { rule: 'Q1.1.2.a', count: 5 }];
    expect(sheetOf(q75)).toMatchObject({ total: 175, grade: '2', groups: { Q: { points: 75 } } });
    const q77 = [...without('Q2.1.a'), { rule: 'Q2.1.a', count: 5 }, { rule: 'Q1.1.2.a', count: 4 }];
    expect(sheetOf(q77)).toMatchObject({ total: 177, grade: '3' });
  });

  it('names all that separates from each grade, each with the least that closes it', () => {
    const sheet = sheetOf([
      ...without('D1.2.1.a', 'D2.2.c', 'Q1.1.1.b', 'Q2.1.a'),
      { rule: 'Q2.0.a', count: 1 },
      { rule: 'D1.1.0.a' },
    ]);
    expect(sheet).toMatchObject({
      total: 125,
      grade: 'none',
      groups: { D: { points: 75, met: false }, Q: { points: 50 } },
    });
    const plan = { without: 'D1.1.0.a', text: 'Điều kiện bắt buộc: có kế hoạch thử' };
    expect(sheet.gaps).toEqual({
      3: {
        points: 35,
        standards: [],
        needs: [
          plan,
          { of: 'D', points: 0.25, text: 'Nhóm dạy, học trên 75 điểm' },
          { of: 'Q', points: 25.25 },
          { of: 'D1.2', points: 10 },
          { without: 'Q2.0.a' },
        ],
        reached: false,
      },
      2: { points: 0, standards: [], needs: [plan], reached: false },
      1: { points: 0, standards: [], needs: [plan], reached: false },
    });
    const poor = sheetOf([{ rule: 'Q1.1.2.b', count: 3 }]);
    expect(poor.grade).toBe('none');
    expect(poor.gaps['1']).toEqual({ points: 0, standards: [], needs: [{ of: 'Q', points: 10 }], reached: false });
  });

  it('takes a mandatory share and a need on the total as well', () => {
    const data = twoGroups();
    data.standards[1]!.mandatory = true;
    data.mandatoryShare = { moreThanPercent: 50, text: 'trên 50%' };
    data.grades[2]!.needs = [{ above: 100 }];
    const sheet = score(parseEdition(data), ['primary'], []);
    expect(sheet.gaps['1']).toEqual({
      points: 0,
      standards: [{ id: 'D2', points: 20.25 }],
      needs: [{ points: 60.25 }],
      reached: false,
    });
  });

  it.each<[string, Finding, string, string]>([
    ['a share without its whole', { rule: 'D1.1.1.c', count: 3 }, 'wrong-shape', 'needs award or count with of'],
    ['a whole without its part', { rule: 'D1.1.1.c', of: 3 }, 'wrong-shape', 'needs award or count with of'],
    ['more than the whole', { rule: 'D1.1.1.c', count: 4, of: 3 }, 'bad-count', '4 of 3'],
    ['nothing of nothing', { rule: 'D1.1.1.c', count: 0, of: 0 }, 'bad-count', '0 of 0'],
    ['a broken whole', { rule: 'D1.1.1.c', count: 1, of: 1.5 }, 'bad-count', 'of 1.5'],
    ['a whole on steps', { rule: 'D1.1.1.b', count: 1, of: 2 }, 'wrong-shape', 'takes award or count, not of'],
    ['a whole on a fault', { rule: 'Q1.1.2.a', count: 1, of: 2 }, 'wrong-shape', 'not of'],
    ['a count and an award', { rule: 'D1.1.1.b', count: 1, award: 'few' }, 'wrong-shape', 'needs award or count'],
    ['a count on a plain award', { rule: 'D2.1.a', count: 1 }, 'wrong-shape', 'takes award, not count'],
    ['a step that is none', { rule: 'D1.1.1.b', award: 'most' }, 'bad-award', 'few, some, many'],
    ['a negative count', { rule: 'D1.1.1.b', count: -1 }, 'bad-count', 'count -1'],
    ['points above what the rule gives', { rule: 'D1.1.1.a', points: 6.25 }, 'bad-points', 'maximum is 6'],
    ['points of tenths', { rule: 'D1.1.1.a', points: 0.1 }, 'bad-points', '0.25'],
    ['nothing at all', { rule: 'D1.1.1.b' }, 'wrong-shape', 'needs award or count'],
  ])('refuses %s', (_name, finding, code, words) => {
    const attempt = () => sheetOf([finding]);
    expect(attempt).toThrow(FindingError);
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }));
  });
});
