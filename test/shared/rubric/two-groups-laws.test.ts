import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsOf, parseEdition, type Rule } from '../../../shared/rubric/edition.ts';
import { type Finding, score } from '../../../shared/rubric/engine.ts';
import { twoGroups } from './fixtures/two-groups.ts';

const data = twoGroups();
data.standards[3]!.mandatory = true; // Q2, so that every kind of gap occurs
data.mandatoryShare = { moreThanPercent: 25, text: 'trên 25%' };
data.grades[1]!.needs!.push({ above: 120 });
const edition = parseEdition(data);
const LEVEL = 'primary';
const rules = itemsOf(edition)
  .flatMap((item) => item.rules.map((rule) => ({ item, rule })))
  .filter(({ rule }) => !rule.levels || rule.levels.includes(LEVEL));
const givingRules = rules.filter(({ rule }) => rule.shape === 'award' || rule.shape === 'free');
const sheetOf = (findings: Finding[]) => score(edition, [LEVEL], findings);

const small = fc.oneof(fc.nat(12), fc.nat(1_000_000));
function findingFor({ item, rule }: { item: { max: number }; rule: Rule }): fc.Arbitrary<Finding> {
  switch (rule.shape) {
    case 'once':
      return fc.constantFrom<Finding>({ rule: rule.id }, { rule: rule.id, count: 0 });
    case 'each':
    case 'tiers':
      return small.map((count) => ({ rule: rule.id, count }));
    case 'free':
      return fc.nat((rule.max ?? item.max) * 4).map((quarters) => ({ rule: rule.id, points: quarters / 4 }));
    case 'award': {
      const award = fc.constantFrom(...rule.awards.map(({ id }): Finding => ({ rule: rule.id, award: id })));
      if (!('by' in rule)) return award;
      const counted =
        rule.by === 'count'
          ? small.map((count): Finding => ({ rule: rule.id, count }))
          : fc.tuple(small, small).map(([a, b]): Finding => ({ rule: rule.id, count: a, of: a + b || 1 }));
      return fc.oneof({ arbitrary: award, weight: 1 }, { arbitrary: counted, weight: 3 });
    }
  }
}
/** One to three findings about some of the rules; free points only once, since two entries conflict. */
const subset = fc
  .subarray(rules)
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((entry) =>
        fc.array(findingFor(entry), { minLength: 1, maxLength: entry.rule.shape === 'free' ? 1 : 3 }),
      ),
    ),
  )
  .map((lists) => lists.flat());
/** Leaning to the high end, where the grades are decided. */
const good = fc
  .tuple(...givingRules.map(findingFor), fc.subarray(rules.filter((r) => !givingRules.includes(r))))
  .map((parts) =>
    parts.flatMap((part): Finding[] =>
      Array.isArray(part) ? part.map(({ rule }) => ({ rule: rule.id, count: 1 })) : [part as Finding],
    ),
  );
const findingsOf = fc.oneof(subset, good);

describe('the same laws for two groups, 2,000 random sets of findings each', () => {
  const runs = { numRuns: 2_000 };

  it('stays between 0 and the maximum everywhere, in quarter points, and adds up exactly', () => {
    fc.assert(
      fc.property(findingsOf, (findings) => {
        const sheet = sheetOf(findings);
        const exact = (parts: { points: number; max: number }[]) => {
          for (const { points, max } of parts)
            expect(points >= 0 && points <= max && Number.isInteger(points * 4)).toBe(true);
          return parts.reduce((acc, part) => acc + BigInt(part.points * 4), 0n);
        };
        const total = BigInt(sheet.total * 4);
        expect(exact(Object.values(sheet.items))).toBe(total);
        expect(exact(Object.values(sheet.standards))).toBe(total);
        expect(exact(Object.values(sheet.groups!))).toBe(total);
        for (const group of edition.groups!)
          expect(exact(group.standards.map((id) => sheet.standards[id]!))).toBe(
            BigInt(sheet.groups![group.id]!.points * 4),
          );
      }),
      runs,
    );
  });

  it('does not depend on the order of findings', () => {
    fc.assert(
      fc.property(
        findingsOf.chain((findings) =>
          fc.tuple(fc.constant(findings), fc.shuffledSubarray(findings, { minLength: findings.length })),
        ),
        ([findings, shuffled]) => {
          expect(sheetOf(shuffled)).toEqual(sheetOf(findings));
        },
      ),
      runs,
    );
  });

  it('gives no fewer points for a higher count, and no more for one more fault', () => {
    const counted = rules.filter(({ rule }) => ['each', 'tiers', 'award'].includes(rule.shape));
    fc.assert(
      fc.property(
        findingsOf,
        fc.constantFrom(...counted),
        small,
        fc.integer({ min: 1, max: 1_000 }),
        (findings, { item, rule }, count, more) => {
          const others = findings.filter((finding) => finding.rule !== rule.id);
          const at = (n: number): Finding => {
            if (rule.shape !== 'award') return { rule: rule.id, count: n };
            if (!('by' in rule)) return { rule: rule.id, award: rule.awards[Math.min(n, rule.awards.length - 1)]!.id };
            return rule.by === 'count' ? { rule: rule.id, count: n } : { rule: rule.id, count: n, of: count + more };
          };
          const [less, higher] = [sheetOf([...others, at(count)]), sheetOf([...others, at(count + more)])];
          const change = higher.items[item.id]!.points - less.items[item.id]!.points;
          expect(rule.shape === 'award' ? change >= 0 : change <= 0).toBe(true);
          expect(higher.total - less.total).toBe(change);
        },
      ),
      runs,
    );
  });

  it('gives no fewer points for one more thing achieved beside what was found', () => {
    const achieved = fc.constantFrom(...givingRules.filter(({ rule }) => rule.shape === 'award' && !isShare(rule)));
    fc.assert(
      fc.property(findingsOf, achieved.chain(findingFor), (findings, finding) => {
        expect(sheetOf([...findings, finding]).total).toBeGreaterThanOrEqual(sheetOf(findings).total);
      }),
      runs,
    );
  });

  it('gives the first grade whose words are all met', () => {
    const grades = new Set<string>();
    fc.assert(
      fc.property(findingsOf, (findings) => {
        const sheet = sheetOf(findings);
        const fault = (rule: string) => findings.some((f) => f.rule === rule && (f.count ?? 1) > 0);
        const [d, q] = [sheet.groups!.D!.points, sheet.groups!.Q!.points];
        const any = !fault('D1.1.0.a') && q >= 10 && sheet.standards.Q2!.points > 7.5;
        const three = d > 75 && q > 75 && sheet.criteria['D1.2']!.points >= 20 && !fault('Q2.0.a');
        let expected = 'none';
        if (any) expected = '1';
        if (any && d >= 50 && q >= 50 && sheet.total > 120) expected = '2';
        if (any && three && sheet.total >= 160) expected = '3';
        expect(sheet.grade).toBe(expected);
        grades.add(expected);
      }),
      runs,
    );
    expect([...grades].sort()).toEqual(['1', '2', '3', 'none']);
  });

  it('names gaps that close what is missing, and a quarter less would not', () => {
    fc.assert(
      fc.property(findingsOf, (findings) => {
        const sheet = sheetOf(findings);
        const held = (id?: string): number =>
          id === undefined
            ? sheet.total
            : [sheet.groups!, sheet.standards, sheet.criteria, sheet.items].find((part) => Object.hasOwn(part, id))![
                id
              ]!.points;
        for (const grade of edition.grades) {
          const gap = sheet.gaps[grade.id]!;
          expect(gap.reached).toBe(gap.points === 0 && gap.standards.length === 0 && gap.needs!.length === 0);
          expect(gap.points).toBe(Math.max(0, grade.from - sheet.total));
          const asked = [
            ...edition.groups!.flatMap((group) => group.needs!.map((need) => ({ of: group.id, ...need }))),
            ...(grade.needs ?? []),
          ].filter((need) => need.without === undefined);
          const met = (need: (typeof asked)[number], extra: number) =>
            need.above === undefined ? held(need.of) + extra >= need.from! : held(need.of) + extra > need.above;
          for (const of of new Set(asked.map((need) => need.of))) {
            const own = asked.filter((need) => need.of === of);
            const named = gap.needs!.filter((entry) => 'points' in entry && entry.of === of) as { points: number }[];
            expect(named.length).toBe(own.every((need) => met(need, 0)) ? 0 : 1);
            for (const { points } of named) {
              expect(own.every((need) => met(need, points))).toBe(true);
              expect(own.every((need) => met(need, points - 0.25))).toBe(false);
            }
          }
          for (const { id, points } of gap.standards) {
            expect((held(id) + points) * 4 > 30).toBe(true); // 25 % of 30 points
            expect((held(id) + points - 0.25) * 4 > 30).toBe(false);
          }
        }
      }),
      runs,
    );
  });

  it('brings back what a mended fault recovers', () => {
    fc.assert(
      fc.property(subset, (findings) => {
        const sheet = sheetOf(findings);
        for (const { item, rule } of rules.filter((entry) => !givingRules.includes(entry))) {
          const deduction = sheet.items[item.id]!.deductions.find((entry) => entry.rule === rule.id);
          const mended = sheetOf(findings.filter((finding) => finding.rule !== rule.id));
          expect(mended.total - sheet.total).toBe(deduction?.recovers ?? 0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function isShare(rule: Rule): boolean {
  return 'by' in rule && rule.by === 'percent';
}
