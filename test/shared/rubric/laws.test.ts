import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRule, itemsOf, type Rule } from '../../../shared/rubric/edition.ts';
import { type Finding, score } from '../../../shared/rubric/engine.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';

const edition = loadEdition('8265/QĐ-UBND');
const LEVEL = 'primary';
const rules = itemsOf(edition)
  .flatMap((item) => item.rules.map((rule) => ({ item, rule })))
  .filter(({ rule }) => !rule.levels || rule.levels.includes(LEVEL));

const counts = fc.oneof(fc.nat(6), fc.nat(1_000_000));

function findingFor({ item, rule }: { item: { max: number }; rule: Rule }): fc.Arbitrary<Finding> {
  switch (rule.shape) {
    case 'once':
      return fc.constantFrom<Finding>({ rule: rule.id }, { rule: rule.id, count: 0 }, { rule: rule.id, count: 1 });
    case 'each':
      return counts.map((count) => ({ rule: rule.id, count }));
    case 'tiers': {
      const end = rule.tiers.at(-1)!.to;
      return fc.tuple(counts, fc.nat(item.max * 4), fc.boolean()).map(([count, quarters, decides]) => ({
        rule: rule.id,
        count,
        ...(end !== undefined && count > end && decides ? { points: quarters / 4 } : {}),
      }));
    }
    case 'award':
      return fc.constantFrom(...rule.awards).map((award) => ({ rule: rule.id, award: award.id }));
    case 'free':
      return fc.nat(item.max * 4).map((quarters) => ({ rule: rule.id, points: quarters / 4 }));
  }
}

const subset = fc.subarray(rules).chain((chosen) => fc.tuple(...chosen.map(findingFor))) as fc.Arbitrary<Finding[]>;
const isDeduction = (finding: Finding) => !['award', 'free'].includes(findRule(edition, finding.rule)!.rule.shape);

describe('laws of the rubric, 10,000 random sets of findings each', () => {
  const runs = { numRuns: 10_000 };

  it('every item, standard and total stays between 0 and its maximum, in quarter points, and adds up exactly', () => {
    fc.assert(
      fc.property(subset, (findings) => {
        const sheet = score(edition, [LEVEL], findings);
        let quartersOfItems = 0n;
        for (const item of itemsOf(edition)) {
          const { points, max } = sheet.items[item.id]!;
          expect(points >= 0 && points <= max && Number.isInteger(points * 4)).toBe(true);
          quartersOfItems += BigInt(points * 4);
        }
        const quartersOfStandards = Object.values(sheet.standards).reduce((acc, s) => acc + BigInt(s.points * 4), 0n);
        expect(quartersOfStandards).toBe(quartersOfItems);
        expect(BigInt(sheet.total * 4)).toBe(quartersOfItems);
        expect(sheet.total >= 0 && sheet.total <= 100).toBe(true);
      }),
      runs,
    );
  });

  it('the order of findings is irrelevant', () => {
    fc.assert(
      fc.property(
        subset.chain((findings) =>
          fc.tuple(fc.constant(findings), fc.shuffledSubarray(findings, { minLength: findings.length })),
        ),
        ([findings, shuffled]) => {
          expect(score(edition, [LEVEL], shuffled)).toEqual(score(edition, [LEVEL], findings));
        },
      ),
      runs,
    );
  });

  it('one more deduction, or a higher count, never gives more points', () => {
    fc.assert(
      fc.property(
        subset,
        fc.constantFrom(...rules.filter(({ rule }) => !['award', 'free'].includes(rule.shape))),
        fc.integer({ min: 1, max: 50 }),
        (findings, { item, rule }, count) => {
          const before = score(edition, [LEVEL], findings);
          const after = score(edition, [LEVEL], [...findings, { rule: rule.id, count }]);
          expect(after.total).toBeLessThanOrEqual(before.total);
          expect(after.items[item.id]!.points).toBeLessThanOrEqual(before.items[item.id]!.points);
          const others = (sheet: typeof before) => Object.entries(sheet.items).filter(([id]) => id !== item.id);
          expect(others(after)).toEqual(others(before));
        },
      ),
      runs,
    );
  });

  it('the grade follows from the total and the mandatory standards alone', () => {
    fc.assert(
      fc.property(subset, (findings) => {
        const { total, grade, standards, gaps } = score(edition, [LEVEL], findings);
        const mandatoryMet = standards.I!.points > 17.5 && standards.II!.points > 20 && standards.III!.points > 7.5;
        const expected = !mandatoryMet || total < 90 ? 'none' : total < 95 ? 'B' : 'A';
        expect(grade).toBe(expected);
        expect(gaps.A!.reached).toBe(expected === 'A');
        expect(gaps.A!.points).toBe(Math.max(0, 95 - total));
      }),
      runs,
    );
  });

  it('what a mended fault recovers is what the total gains without it', () => {
    fc.assert(
      fc.property(subset, (findings) => {
        const sheet = score(edition, [LEVEL], findings);
        for (const finding of findings.filter(isDeduction)) {
          const without = score(
            edition,
            [LEVEL],
            findings.filter((other) => other !== finding),
          );
          const { item } = findRule(edition, finding.rule)!;
          const deduction = sheet.items[item.id]!.deductions.find((entry) => entry.rule === finding.rule);
          expect(without.total - sheet.total).toBe(deduction?.recovers ?? 0);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
