import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsOf } from '../../../shared/rubric/edition.ts';
import { type Finding, score } from '../../../shared/rubric/engine.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';
import { awardWords, type ReferenceFinding, referenceItems, referenceScore, tableRows } from './reference.ts';

/** The engine with its edition file against a second computation from the decision's printed text. */

const edition = loadEdition('8265/QĐ-UBND');
const items = referenceItems();
/** Letters and figures alone: marks of lists, spaces and line ends are the printer's. */
const letters = (text: string) =>
  text
    .normalize('NFC')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/[^\p{L}\p{N}%]/gu, '')
    .toLowerCase();

describe('the decision’s printed table', () => {
  it('has 27 items and 51 rules, as the edition has, with the same maxima and units', () => {
    expect(items.flatMap((item) => item.rules.map((rule) => rule.id))).toEqual(
      itemsOf(edition).flatMap((item) => item.rules.map((rule) => rule.id)),
    );
    expect(items.map(({ id, max, unit }) => [id, max, unit])).toEqual(
      itemsOf(edition).map(({ id, max, unit }) => [id, max, unit]),
    );
  });

  it('stands in the edition word for word: every content and every way of scoring', () => {
    const own = itemsOf(edition);
    const said = (id: string) => {
      const item = own.find((candidate) => candidate.id === id)!;
      return letters([...item.text, ...item.rules.map((rule) => rule.text)].join(' '));
    };
    let standard = '';
    let cells = 0;
    for (const [stt = '', content = '', , how = ''] of tableRows()) {
      if (/^(I{1,3}|IV)$/.test(stt)) standard = stt;
      else if (/\./.test(stt) || standard === 'IV') {
        // A dash that the scan took for "II"; "Mỗi nội dung" stands once for three rules.
        expect(said(`${standard}.${stt}`)).toContain(letters(content.replace('II hệ thống', 'Hệ thống')));
        expect(said(`${standard}.${stt}`)).toContain(letters(how));
        cells += 2;
      }
    }
    expect(cells).toBe(54);
  });

  it('gives the same points and grade as the engine for any findings', () => {
    const levels = ['preschool', 'primary', 'secondary'] as const;
    const entry = fc.record({ rule: fc.nat(50), count: fc.integer({ min: 1, max: 9 }), pick: fc.nat(3) });
    const rules = items.flatMap((item) => item.rules.map((rule) => ({ rule, max: item.max })));
    fc.assert(
      fc.property(fc.constantFrom(...levels), fc.uniqueArray(entry, { selector: (e) => e.rule }), (level, entries) => {
        const reference = new Map<string, ReferenceFinding>();
        const findings: Finding[] = [];
        for (const { rule: index, count, pick } of entries) {
          const { rule, max } = rules[index]!;
          if (rule.kind === 'award') {
            if (rule.level !== 'all' && (rule.level === 'preschool') !== (level === 'preschool')) continue;
            const award = rule.awards[pick % rule.awards.length]!.words;
            reference.set(rule.id, { award });
            findings.push({ rule: rule.id, award: awardWords[award]! });
          } else if (rule.kind === 'free') {
            const points = Math.min(max, pick / 4);
            reference.set(rule.id, { points });
            findings.push({ rule: rule.id, points });
          } else {
            reference.set(rule.id, { count });
            findings.push(rule.kind === 'once' ? { rule: rule.id } : { rule: rule.id, count });
          }
        }
        const sheet = score(edition, [level], findings);
        const expected = referenceScore(reference);
        expect(Object.fromEntries(Object.entries(sheet.items).map(([id, { points }]) => [id, points]))).toEqual(
          Object.fromEntries(expected.items),
        );
        expect([sheet.total, sheet.grade]).toEqual([expected.total, expected.grade]);
      }),
      { numRuns: 2000 },
    );
  });
});
