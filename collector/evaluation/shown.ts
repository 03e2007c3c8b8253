import { type Edition, type Item, itemsOf, type Reading, type Rule, subjectsOf } from '../../shared/rubric/edition.ts';
import { textTo } from '../../shared/rubric/effect.ts';
import type { ScoreSheet } from '../../shared/rubric/engine.ts';
import type { ItemSource, SheetAnswer, SheetItem, SheetReading, SheetRule } from '../api/schemas/scoresheet.ts';
import type { Decided } from './sheet.ts';

/** Parts of a score sheet as the API gives them. Pure. */

export function shownItem(
  item: Item,
  entries: readonly Decided[],
  scored: ScoreSheet,
  readings: ReadonlyMap<string, Reading>,
): SheetItem {
  const result = scored.items[item.id]!;
  const applying = entries.filter((entry) => entry.applies);
  const by = new Set(applying.map((entry) => entry.decidedBy));
  let source: ItemSource = 'mixed';
  if (by.size === 1) source = by.has('measured') ? 'measured' : by.has('manual') ? 'manual' : 'unassessed';
  return {
    id: item.id,
    number: item.number,
    text: item.text,
    unit: item.unit,
    unitPrinted: item.unitPrinted,
    reading: shownReading(item.reading, readings),
    points: result.points,
    max: result.max,
    source,
    needsAssessor: result.needsAssessor || by.has(null),
    rules: entries.map(({ rule, applies, decidedBy, measured, manual }): SheetRule => {
      const taken = result.deductions.find((deduction) => deduction.rule === rule.id);
      const given = result.additions.find((addition) => addition.rule === rule.id);
      return {
        id: rule.id,
        text: rule.text,
        label: rule.label ?? null,
        shape: rule.shape,
        ...takes(rule, item),
        applies,
        decidedBy,
        effect: given?.points ?? (taken ? -taken.points : 0),
        why: given?.why ?? taken?.why ?? null,
        reading: shownReading(rule.reading, readings),
        measured,
        manual,
        confirmed: decidedBy === 'measured' && manual?.kind === 'confirmed' && manual.count === measured?.count,
      };
    }),
  };
}

/** What an entry of this rule carries. */
function takes(rule: Rule, item: Item): Pick<SheetRule, 'per' | 'by' | 'awards' | 'max' | 'textTo'> {
  const nothing = { per: null, by: null, awards: [], max: null, textTo: null };
  switch (rule.shape) {
    case 'once':
      return nothing;
    case 'each':
      return { ...nothing, per: rule.per };
    case 'tiers':
      return { ...nothing, per: rule.per, textTo: textTo(rule) };
    case 'free':
      return { ...nothing, max: rule.max ?? item.max };
    case 'award':
      return {
        ...nothing,
        ...('by' in rule ? { per: rule.per, by: rule.by } : {}),
        awards: rule.awards.map((award) => ({
          id: award.id,
          label: award.label,
          points: award.points,
          from: ('from' in award ? award.from : undefined) ?? null,
          above: ('above' in award ? award.above : undefined) ?? null,
        })),
        textTo: textTo(rule),
      };
  }
}

/** What separates the school from each grade, with names beside the ids. */
export function shownGaps(edition: Edition, scored: ScoreSheet): SheetAnswer['gaps'] {
  const names = namesOf(edition);
  return edition.grades.map(({ id, label, from }) => {
    const { points, reached, standards, needs = [] } = scored.gaps[id]!;
    return {
      grade: id,
      label,
      from,
      points,
      reached,
      standards,
      needs: needs.map((need) => {
        const of = 'without' in need ? null : (need.of ?? null);
        const without = 'without' in need ? need.without : null;
        const subject = without ?? of;
        const text = need.text ?? (subject === null ? 'Tổng điểm' : (names.get(subject) ?? subject));
        return { of, points: 'without' in need ? null : need.points, without, text };
      }),
    };
  });
}

/** Names of whatever a need can be about, by id. */
export function namesOf(edition: Edition): Map<string, string> {
  return new Map([
    ...[...subjectsOf(itemsOf(edition))].map(([id, { item, rule }]) => [id, rule?.text ?? `Mục ${item.id}`] as const),
    ...edition.standards.flatMap(({ id, title, criteria = [] }) => [
      [id, title] as const,
      ...criteria.map((criterion) => [criterion.id, criterion.title] as const),
    ]),
    ...(edition.groups ?? []).map(({ id, label }) => [id, label] as const),
  ]);
}

function shownReading(id: string | undefined, readings: ReadonlyMap<string, Reading>): SheetReading | null {
  const reading = id === undefined ? undefined : readings.get(id);
  const choice = reading?.choices.find((candidate) => candidate.id === reading.chosen);
  return reading && choice ? { text: reading.text, label: choice.label, reason: choice.reason } : null;
}

/** A sheet as it was frozen by an earlier version, with what has been added since. */
export function upToDate(sheet: SheetAnswer): SheetAnswer {
  const rule = (old: SheetRule): SheetRule => ({
    ...{ by: null, max: null, textTo: null },
    ...old,
    awards: old.awards.map((award) => ({ ...{ from: null, above: null }, ...award })),
    manual: old.manual && { ...{ of: null }, ...old.manual },
  });
  return {
    ...{ groups: null },
    ...sheet,
    standards: sheet.standards.map((standard) => ({
      ...standard,
      criteria: standard.criteria.map((criterion) => ({
        ...criterion,
        items: criterion.items.map((item) => ({ ...item, rules: item.rules.map(rule) })),
      })),
    })),
    gaps: sheet.gaps.map((gap) => ({ ...{ needs: [] }, ...gap })),
  };
}
