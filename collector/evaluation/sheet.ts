import { add, type Quarters, quarters, sum, toNumber, ZERO } from '../../shared/points.ts';
import type { Edition, Item, Rule } from '../../shared/rubric/edition.ts';
import { checkFinding, type Finding, FindingError, score } from '../../shared/rubric/engine.ts';
import type { Level } from '../api/schemas/common.ts';
import type { ManualFinding, MeasuredFinding } from '../api/schemas/finding.ts';
import type { SheetAnswer, SheetItem } from '../api/schemas/scoresheet.ts';
import type { SchoolContext } from '../compliance/service.ts';
import { shownGaps, shownItem } from './shown.ts';

/**
 * Measured and manual findings into one score sheet. Pure. A manual entry overrides a measurement; `insufficient` and
 * `manual` findings decide nothing: the item keeps its points and is marked as waiting for a person.
 */

export interface SheetInput {
  edition: Edition;
  school: SheetAnswer['school'];
  measured: readonly MeasuredFinding[];
  /** Every entry ever made, in any order; the newest of a rule counts. */
  manual: readonly ManualFinding[];
  asOf: number;
}

/** The school as a sheet names it. */
export const sheetSchool = ({ school, unit, practice }: SchoolContext): SheetAnswer['school'] => ({
  id: school.id,
  name: school.name,
  code: school.code,
  levels: school.levels as Level[],
  unit: unit.name,
  practice,
});

export function scoreSheet(input: SheetInput): SheetAnswer {
  const { edition, school } = input;
  const measured = new Map(input.measured.map((finding) => [finding.rule, finding]));
  const manual = currentManual(input.manual);
  const findings: Finding[] = [];
  // A school may have a level that this edition knows nothing of.
  const levels = school.levels.filter((level) => edition.levels.some(({ id }) => id === level));
  const rulesOf = (item: Item) =>
    item.rules.map((rule) => fitting(decide(rule, levels, measured, manual), item, levels));
  const decided = new Map<string, Decided[]>();
  for (const standard of edition.standards)
    for (const item of [
      ...(standard.items ?? []),
      ...(standard.criteria ?? []).flatMap((criterion) => criterion.items),
    ]) {
      const entries = rulesOf(item);
      decided.set(item.id, entries);
      findings.push(...entries.flatMap((entry) => entry.finding ?? []));
    }
  const scored = score(edition, levels, findings);
  const readings = new Map(edition.readings.map((reading) => [reading.id, reading]));
  const sheetItem = (item: Item) => shownItem(item, decided.get(item.id)!, scored, readings);
  const standards = edition.standards.map((standard) => {
    const own = standard.items ?? [];
    const criteria = (standard.criteria ?? []).map((criterion) => ({
      id: criterion.id,
      number: criterion.number,
      title: criterion.title,
      points: scored.criteria[criterion.id]!.points,
      max: criterion.max,
      items: criterion.items.map(sheetItem),
    }));
    const { points, max, mandatory, aboveMinimum } = scored.standards[standard.id]!;
    if (own.length > 0)
      criteria.push({ id: standard.id, number: '', title: '', points, max, items: own.map(sheetItem) });
    const least = sum(criteria.flatMap((criterion) => criterion.items.map(leastOf)));
    return {
      id: standard.id,
      title: standard.title,
      points,
      max,
      least: toNumber(least),
      mandatory,
      aboveMinimum,
      criteria,
    };
  });
  const items = standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));
  // A bonus item that nobody judged holds nothing yet and may still bring its maximum, as may one beyond the text; any
  // other holds its maximum.
  const open = items.filter((item) => isOpen(item) && (isBonus(item) || item.rules.some(isBeyondText)));
  const grades = [...edition.grades, edition.notAttained];
  return {
    school,
    rubric: { id: edition.id, date: edition.date, title: edition.title, issuer: edition.issuer },
    asOf: new Date(input.asOf).toISOString(),
    total: scored.total,
    max: edition.max,
    grade: scored.grade,
    gradeLabel: grades.find((grade) => grade.id === scored.grade)!.label,
    provisional: items.some(isOpen),
    range: {
      least: standards.reduce((total, standard) => total + standard.least, 0),
      most: toNumber(add(quarters(scored.total), sum(open.map((item) => quarters(item.max - item.points))))),
    },
    unassessed: items.filter((item) => item.source === 'unassessed').length,
    standards,
    groups:
      edition.groups?.map(({ id, label }) => {
        const { points, max, met } = scored.groups![id]!;
        return { id, title: label, points, max, met };
      }) ?? null,
    gaps: shownGaps(edition, scored),
  };
}

/** Something in it is undecided: by nobody and nothing yet, or because the text stops before what was found. */
export const isOpen = (item: SheetItem): boolean => item.needsAssessor;
/** The text stops before the count that was entered, and nobody decided yet what it takes or gives. */
export function isBeyondText({ textTo, decidedBy, manual, measured }: SheetItem['rules'][number]): boolean {
  if (textTo === null || decidedBy === null) return false;
  if (decidedBy === 'measured') return (measured?.count ?? 0) > textTo;
  return manual?.kind === 'finding' && manual.points === null && (manual.count ?? 0) > textTo;
}
const isBonus = (item: SheetItem): boolean =>
  item.rules.every((rule) => rule.shape === 'award' || rule.shape === 'free');
const leastOf = (item: SheetItem): Quarters => (isOpen(item) && !isBonus(item) ? ZERO : quarters(item.points));

/** The newest entry of each rule, unless it withdraws. Entries made in the same millisecond follow their ids (UUIDv7). */
export function currentManual(entries: readonly ManualFinding[]): Map<string, ManualFinding> {
  const newest = new Map<string, ManualFinding>();
  const later = (a: ManualFinding, b: ManualFinding) => a.at > b.at || (a.at === b.at && a.id > b.id);
  for (const entry of entries) {
    const before = newest.get(entry.rule);
    if (!before || later(entry, before)) newest.set(entry.rule, entry);
  }
  for (const [rule, entry] of newest) if (entry.kind === 'withdrawn') newest.delete(rule);
  return newest;
}

export interface Decided {
  rule: Rule;
  applies: boolean;
  decidedBy: 'measured' | 'manual' | null;
  finding?: Finding;
  measured: MeasuredFinding | null;
  manual: ManualFinding | null;
}

function decide(
  rule: Rule,
  levels: readonly string[],
  measuredByRule: ReadonlyMap<string, MeasuredFinding>,
  manualByRule: ReadonlyMap<string, ManualFinding>,
): Decided {
  const measured = measuredByRule.get(rule.id) ?? null;
  const manual = manualByRule.get(rule.id) ?? null;
  const applies = !rule.levels || rule.levels.some((level) => levels.includes(level));
  const base = { rule, applies, measured, manual };
  if (!applies) return { ...base, decidedBy: null };
  if (manual && manual.kind !== 'confirmed')
    return { ...base, decidedBy: 'manual', ...(manual.kind === 'finding' ? { finding: asFinding(manual) } : {}) };
  // Probes find faults: a rule of the same id that gives points is none that they know.
  if (rule.shape === 'award' || rule.shape === 'free') return { ...base, decidedBy: null };
  if (measured?.state === 'pass') return { ...base, decidedBy: 'measured' };
  if (measured?.state === 'fail')
    return { ...base, decidedBy: 'measured', finding: { rule: rule.id, count: measured.count } };
  return { ...base, decidedBy: null };
}

/** An entry that this edition does not take, made under another one, decides nothing: it stays to be seen and made anew. */
function fitting(decided: Decided, item: Item, levels: readonly string[]): Decided {
  if (!decided.finding) return decided;
  try {
    checkFinding(decided.rule, item, levels, decided.finding);
    return decided;
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    const { finding: _, ...rest } = decided;
    return { ...rest, decidedBy: null };
  }
}

/** A manual entry as the engine takes it. */
export function asFinding(entry: Pick<ManualFinding, 'rule' | 'count' | 'of' | 'award' | 'points'>): Finding {
  const finding: Finding = { rule: entry.rule };
  if (entry.count !== null) finding.count = entry.count;
  // Sheets that were frozen before there were shares say nothing of it.
  if (entry.of !== null && entry.of !== undefined) finding.of = entry.of;
  if (entry.award !== null) finding.award = entry.award;
  if (entry.points !== null) finding.points = entry.points;
  return finding;
}
