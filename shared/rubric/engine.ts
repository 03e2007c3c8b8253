import { add, clamp, type Quarters, quarters, subtract, sum, toNumber } from '../points.ts';
import { type Edition, findRule, type Item, itemsOf, type Rule } from './edition.ts';
import { gainOf, lossOf, type Merged, textTo } from './effect.ts';
import { gradeGaps, groupGaps, lacksForMinimum, type Tally } from './gaps.ts';

/**
 * The rubric engine: findings in, score sheet out. Pure; every number on the sheet follows from the edition and the
 * findings alone, whatever their order.
 */

/**
 * What was found about one rule. Shape decides which field it carries: `each`/`tiers` count, `once` nothing or count,
 * `award` the award; steps (`by: count`) the count or the award, shares (`by: percent`) count and `of`, or the award.
 * Beyond the last count that the text settles (`textTo`) tiers and steps may carry `points` beside the count: what the
 * assessor decided that it takes or gives.
 */
export interface Finding {
  /** Rule id (`III.2.2.a`), or for a free item its item id. */
  rule: string;
  /** Occurrences, a whole number from 0. On a `once` rule 0 means "does not hold". */
  count?: number;
  /** Shares: the whole that `count` is a part of, from 1. A bare percentage of 58.5 is 585 of 1000. */
  of?: number;
  /** Highest level reached (award rules). */
  award?: string;
  /** Points given (free rules) or decided beyond the text, 0 … the item's maximum, in quarters. */
  points?: number;
}

export interface Deduction {
  rule: string;
  /** Points the rule takes, before the item's floor of 0. */
  points: number;
  /** Points that come back if this fault alone is mended. */
  recovers: number;
  count?: number;
  /** Why, in one Vietnamese line with its figures. */
  why: string;
}

export interface Addition {
  rule: string;
  points: number;
  why: string;
}

export interface ItemScore {
  points: number;
  max: number;
  /** The decision's text does not settle this case: the last stated deduction was applied and the assessor decides. */
  needsAssessor: boolean;
  deductions: Deduction[];
  /** Awards and free points (bonus items). */
  additions: Addition[];
}

export interface StandardScore {
  points: number;
  max: number;
  mandatory: boolean;
  /** For a mandatory standard: more than the required share of its own maximum. */
  aboveMinimum: boolean;
}

export interface GroupScore {
  points: number;
  max: number;
  /** Whether all is met that every grade asks of this group. */
  met: boolean;
}

/** A need of a grade that is not met: points that `of` lacks at least (absent: the total), or a fault that must go. */
export type NeedGap = { of?: string; points: number; text?: string } | { without: string; text?: string };

export interface GradeGap {
  /** Points still missing in the total; 0 when reached. */
  points: number;
  /** Mandatory standards that are not above their minimum, with the points each lacks at least. */
  standards: { id: string; points: number }[];
  /** What else the grade and the groups ask and is not met; only of editions with groups or needs. */
  needs?: NeedGap[];
  reached: boolean;
}

export interface ScoreSheet {
  rubric: string;
  total: number;
  grade: string;
  standards: Record<string, StandardScore>;
  /** Only of editions with groups. */
  groups?: Record<string, GroupScore>;
  criteria: Record<string, { points: number; max: number }>;
  items: Record<string, ItemScore>;
  /** What separates the school from each grade. */
  gaps: Record<string, GradeGap>;
}

/** A finding that the edition cannot take. `code` names the cause; the message is one line that names the place. */
export class FindingError extends Error {
  override name = 'FindingError';
  readonly code: 'unknown-rule' | 'wrong-level' | 'bad-count' | 'bad-award' | 'bad-points' | 'conflict' | 'wrong-shape';
  constructor(code: FindingError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Scores a school. `levels`: the school's levels (a school may have several). Throws FindingError.
 * Findings about one rule add up (counts, and the wholes of shares), the highest award counts ("lấy điểm thành tích cao
 * nhất"), and two different entries of free points conflict.
 */
export function score(edition: Edition, levels: readonly string[], findings: readonly Finding[]): ScoreSheet {
  const byRule = groupFindings(edition, levels, findings);
  const items: Record<string, ItemScore> = {};
  const exact = new Map<string, Quarters>();
  for (const item of itemsOf(edition)) {
    const scored = scoreItem(item, byRule);
    items[item.id] = scored.score;
    exact.set(item.id, scored.points);
  }
  const itemSum = (list: readonly Item[]) => sum(list.map((item) => exact.get(item.id)!));

  const criteria: ScoreSheet['criteria'] = {};
  const standards: ScoreSheet['standards'] = {};
  const standardPoints = new Map<string, Quarters>();
  const held = new Map(exact);
  for (const standard of edition.standards) {
    let points = itemSum(standard.items ?? []);
    for (const criterion of standard.criteria ?? []) {
      const subtotal = itemSum(criterion.items);
      criteria[criterion.id] = { points: toNumber(subtotal), max: criterion.max };
      held.set(criterion.id, subtotal);
      points = add(points, subtotal);
    }
    standardPoints.set(standard.id, points);
    held.set(standard.id, points);
    standards[standard.id] = {
      points: toNumber(points),
      max: standard.max,
      mandatory: standard.mandatory,
      aboveMinimum: !standard.mandatory || lacksForMinimum(edition, standard, points) === 0,
    };
  }
  for (const group of edition.groups ?? [])
    held.set(group.id, sum(group.standards.map((id) => standardPoints.get(id)!)));
  const faults = new Set<string>();
  for (const [rule, { count }] of byRule) if (count > 0) faults.add(rule);
  const tally: Tally = { total: sum(standardPoints.values()), held, faults };
  const gaps = gradeGaps(edition, tally);
  const grade = edition.grades.find((candidate) => gaps[candidate.id]!.reached)?.id ?? edition.notAttained.id;
  const sheet: ScoreSheet = {
    rubric: edition.id,
    total: toNumber(tally.total),
    grade,
    standards,
    criteria,
    items,
    gaps,
  };
  if (edition.groups) sheet.groups = groupScores(edition.groups, tally);
  return sheet;
}

function groupScores(groups: NonNullable<Edition['groups']>, tally: Tally): Record<string, GroupScore> {
  return Object.fromEntries(
    groups.map((group) => [
      group.id,
      {
        points: toNumber(tally.held.get(group.id)!),
        max: group.max,
        met: groupGaps(group, tally).length === 0,
      },
    ]),
  );
}

function groupFindings(edition: Edition, levels: readonly string[], findings: readonly Finding[]): Map<string, Merged> {
  const known = new Set(edition.levels.map((level) => level.id));
  for (const level of levels)
    if (!known.has(level)) throw new FindingError('wrong-level', `level ${level} is not in ${edition.id}`);
  const byRule = new Map<string, Merged>();
  for (const finding of findings) {
    const found = findRule(edition, finding.rule);
    if (!found) throw new FindingError('unknown-rule', `rule ${finding.rule} is not in ${edition.id}`);
    checkFinding(found.rule, found.item, levels, finding);
    const { rule } = found;
    const merged = byRule.get(finding.rule) ?? { count: 0, counted: false, of: 0, awards: new Set<string>() };
    const count = finding.count ?? (rule.shape === 'award' ? 0 : 1);
    const highest = rule.shape === 'award' && 'by' in rule && rule.by === 'count' && rule.counts === 'highest';
    merged.count = highest ? Math.max(merged.count, count) : merged.count + count;
    merged.counted ||= finding.count !== undefined;
    merged.of += finding.of ?? 0;
    if (!Number.isSafeInteger(merged.count) || !Number.isSafeInteger(merged.of))
      throw new FindingError('bad-count', `rule ${finding.rule}: counts are too large`);
    if (finding.award !== undefined) merged.awards.add(finding.award);
    if (finding.points !== undefined) {
      const given = quarters(finding.points);
      if (merged.points !== undefined && merged.points !== given)
        throw new FindingError('conflict', `item ${finding.rule}: two different entries of points`);
      merged.points = given;
    }
    byRule.set(finding.rule, merged);
  }
  return byRule;
}

/** Throws FindingError unless the finding carries exactly what its rule's shape takes. */
export function checkFinding(rule: Rule, item: Item, levels: readonly string[], finding: Finding): void {
  const { count, of, award, points } = finding;
  if (rule.levels && !rule.levels.some((level) => levels.includes(level)))
    throw new FindingError('wrong-level', `rule ${rule.id} does not apply to ${levels.join(', ') || 'this level'}`);
  for (const [field, value] of [
    ['count', count],
    ['of', of],
  ] as const)
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
      throw new FindingError('bad-count', `rule ${rule.id}: ${field} ${value} is not a whole number from 0`);
  checkFields(rule, { count, of, award, points });
  if (of !== undefined && (of === 0 || count! > of))
    throw new FindingError('bad-count', `rule ${rule.id}: ${count} of ${of} is no share`);
  if (rule.shape === 'award' && award !== undefined && !rule.awards.some((candidate) => candidate.id === award))
    throw new FindingError(
      'bad-award',
      `rule ${rule.id}: award ${award} is not one of ${rule.awards.map((a) => a.id).join(', ')}`,
    );
  if (points !== undefined) {
    const max = rule.shape === 'free' ? (rule.max ?? item.max) : item.max;
    if (!(points >= 0 && points <= max))
      throw new FindingError('bad-points', `item ${item.id}: ${points} points, maximum is ${max}`);
    if (!Number.isInteger(points * 4))
      throw new FindingError('bad-points', `item ${item.id}: ${points} points is not a multiple of 0.25`);
    const end = textTo(rule);
    if (rule.shape !== 'free' && !(count! > end!))
      throw new FindingError(
        'wrong-shape',
        `rule ${rule.id}: the text settles counts up to ${end}, no points are decided`,
      );
  }
}

type Field = 'count' | 'of' | 'award' | 'points';
const TAKES: Record<Rule['shape'], Field> = {
  each: 'count',
  tiers: 'count',
  once: 'count',
  award: 'award',
  free: 'points',
};

/** A finding carries all fields of one way to state it, and no other field. */
function checkFields(rule: Rule, carried: Record<Field, unknown>): void {
  const has = (Object.keys(carried) as Field[]).filter((field) => carried[field] !== undefined);
  const ways: Field[][] = [[TAKES[rule.shape]]];
  if ('by' in rule) ways.push(rule.by === 'count' ? ['count'] : ['count', 'of']);
  if (rule.shape === 'once') ways.push([]);
  if (textTo(rule) !== null) ways.push(['count', 'points']);
  if (ways.some((way) => way.length === has.length && way.every((field) => has.includes(field)))) return;
  const takes = ways
    .filter((way) => way.length > 0)
    .map((way) => way.join(' with '))
    .join(' or ');
  const allowed = new Set(ways.flat());
  const wrong = has.find((field) => !allowed.has(field));
  if (wrong) throw new FindingError('wrong-shape', `rule ${rule.id} takes ${takes}, not ${wrong}`);
  throw new FindingError('wrong-shape', `rule ${rule.id} needs ${takes}`);
}

function scoreItem(item: Item, findings: ReadonlyMap<string, Merged>): { points: Quarters; score: ItemScore } {
  const max = quarters(item.max);
  const giving = item.rules.every((rule) => rule.shape === 'award' || rule.shape === 'free');
  let needsAssessor = false;
  const taken: { points: Quarters; deduction: Deduction }[] = [];
  const given: { points: Quarters; addition: Addition }[] = [];
  for (const rule of item.rules) {
    const finding = findings.get(rule.id);
    if (!finding) continue;
    if (rule.shape === 'award' || rule.shape === 'free') {
      const gain = gainOf(rule, finding);
      needsAssessor ||= gain.beyondText;
      given.push({ points: gain.points, addition: { rule: rule.id, points: toNumber(gain.points), why: gain.why } });
      continue;
    }
    const loss = lossOf(rule, finding, max);
    if (loss.points === 0) continue;
    needsAssessor ||= loss.beyondText;
    const deduction: Deduction = { rule: rule.id, points: toNumber(loss.points), recovers: 0, why: loss.why };
    if (rule.shape !== 'once') deduction.count = finding.count;
    taken.push({ points: loss.points, deduction });
  }
  const lost = sum(taken.map((entry) => entry.points));
  // An item that gives starts from 0 and takes its best entry or all of them; every other starts from its maximum.
  const gained = given.map((entry) => entry.points);
  const best = item.combine === 'sum' ? sum(gained) : (Math.max(0, ...gained) as Quarters);
  const start = giving ? best : max;
  const points = clamp(subtract(start, lost), max);
  for (const entry of taken)
    entry.deduction.recovers = toNumber(subtract(clamp(subtract(start, subtract(lost, entry.points)), max), points));
  return {
    points,
    score: {
      points: toNumber(points),
      max: item.max,
      needsAssessor,
      deductions: taken.map((entry) => entry.deduction),
      additions: given.map((entry) => entry.addition),
    },
  };
}
