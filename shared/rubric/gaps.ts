import { type Quarters, quarters, subtract, toNumber } from '../points.ts';
import type { Edition, Group, Need, Standard } from './edition.ts';
import type { GradeGap, NeedGap, ScoreSheet } from './engine.ts';

/** What the grades are decided from. */
export interface Tally {
  total: Quarters;
  /** Points by the id of every group, standard, criterion and item. */
  held: ReadonlyMap<string, Quarters>;
  /** Rules under which a fault was found. */
  faults: ReadonlySet<string>;
}

/** What separates a school from each grade, by grade id. Every figure is the least that closes its own gap. */
export function gradeGaps(edition: Edition, tally: Tally): ScoreSheet['gaps'] {
  const short = edition.standards
    .filter((standard) => standard.mandatory)
    .map((standard) => ({
      id: standard.id,
      points: toNumber(lacksForMinimum(edition, standard, tally.held.get(standard.id)!)),
    }))
    .filter((entry) => entry.points > 0);
  const asksMore = edition.groups !== undefined || edition.grades.some((grade) => grade.needs);
  const ofGroups = (edition.groups ?? []).flatMap((group) => groupGaps(group, tally));
  return Object.fromEntries(
    edition.grades.map((grade) => {
      const missing = Math.max(0, subtract(quarters(grade.from), tally.total)) as Quarters;
      const needs = greatest([...ofGroups, ...(grade.needs ?? []).flatMap((need) => needGap(need, tally))]);
      const gap: GradeGap = {
        points: toNumber(missing),
        standards: short,
        reached: missing === 0 && short.length === 0 && needs.length === 0,
      };
      if (asksMore) gap.needs = needs;
      return [grade.id, gap];
    }),
  );
}

/** What every grade asks of this group and it does not meet. */
export function groupGaps(group: Group, tally: Tally): NeedGap[] {
  return (group.needs ?? []).flatMap((need) =>
    needGap(need.without === undefined ? { ...need, of: need.of ?? group.id } : need, tally),
  );
}

/** One entry for whatever lacks something: closing the greatest gap closes the others of the same holder. */
function greatest(gaps: readonly NeedGap[]): NeedGap[] {
  const byHolder = new Map<string, NeedGap>();
  for (const gap of gaps) {
    const key = 'points' in gap ? `of ${gap.of ?? ''}` : `without ${gap.without}`;
    const before = byHolder.get(key);
    if (!before || ('points' in gap && 'points' in before && gap.points > before.points)) byHolder.set(key, gap);
  }
  return [...byHolder.values()];
}

function needGap(need: Need, tally: Tally): NeedGap[] {
  const text = need.text === undefined ? {} : { text: need.text };
  if (need.without !== undefined) return tally.faults.has(need.without) ? [{ without: need.without, ...text }] : [];
  // "More than" is at least one quarter more: points have no finer step.
  const least = need.above === undefined ? quarters(need.from!) : quarters(need.above) + 1;
  const missing = least - (need.of === undefined ? tally.total : tally.held.get(need.of)!);
  if (missing <= 0) return [];
  return [{ ...(need.of === undefined ? {} : { of: need.of }), points: toNumber(missing as Quarters), ...text }];
}

/** Quarters that a mandatory standard lacks to be strictly above its minimum share (17.5 of 35 lacks one quarter). */
export function lacksForMinimum(edition: Edition, standard: Standard, points: Quarters): Quarters {
  const percent = edition.mandatoryShare!.moreThanPercent; // checkLaws: present where a standard is mandatory
  const smallestAbove = Math.floor((quarters(standard.max) * percent) / 100) + 1;
  return Math.max(0, smallestAbove - points) as Quarters;
}
