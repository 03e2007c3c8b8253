import { add, clamp, formatPoints, type Quarters, quarters, subtract, sum, times, toNumber, ZERO } from '../points.ts';
import { type Edition, findRule, type Item, itemsOf, type Rule, type Standard } from './edition.ts';

/**
 * The rubric engine: findings in, score sheet out. Pure; every number on the sheet follows from the edition and the
 * findings alone, whatever their order.
 */

/** What was found about one rule. Shape decides which field it carries: `each`/`tiers` count, `once` nothing or count. */
export interface Finding {
  /** Rule id (`III.2.2.a`), or for a free item its item id. */
  rule: string;
  /** Occurrences, a whole number from 0. On a `once` rule 0 means "does not hold". */
  count?: number;
  /** Highest level reached (award rules). */
  award?: string;
  /** Points given (free rules), 0 … the item's maximum, in quarters. */
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

export interface GradeGap {
  /** Points still missing in the total; 0 when reached. */
  points: number;
  /** Mandatory standards that are not above their minimum, with the points each lacks at least. */
  standards: { id: string; points: number }[];
  reached: boolean;
}

export interface ScoreSheet {
  rubric: string;
  total: number;
  grade: string;
  standards: Record<string, StandardScore>;
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
 * Findings about one rule add up (counts), the highest award counts ("lấy điểm thành tích cao nhất"), and two
 * different entries of free points conflict.
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
  for (const standard of edition.standards) {
    let points = itemSum(standard.items ?? []);
    for (const criterion of standard.criteria ?? []) {
      const subtotal = itemSum(criterion.items);
      criteria[criterion.id] = { points: toNumber(subtotal), max: criterion.max };
      points = add(points, subtotal);
    }
    standardPoints.set(standard.id, points);
    standards[standard.id] = {
      points: toNumber(points),
      max: standard.max,
      mandatory: standard.mandatory,
      aboveMinimum: !standard.mandatory || lacksForMinimum(edition, standard, points) === 0,
    };
  }
  const total = sum(standardPoints.values());
  const gaps = gradeGaps(edition, standardPoints, total);
  const grade = edition.grades.find((candidate) => gaps[candidate.id]!.reached)?.id ?? edition.notAttained.id;
  return { rubric: edition.id, total: toNumber(total), grade, standards, criteria, items, gaps };
}

function gradeGaps(edition: Edition, points: ReadonlyMap<string, Quarters>, total: Quarters): ScoreSheet['gaps'] {
  const short = edition.standards
    .filter((standard) => standard.mandatory)
    .map((standard) => ({
      id: standard.id,
      points: toNumber(lacksForMinimum(edition, standard, points.get(standard.id)!)),
    }))
    .filter((entry) => entry.points > 0);
  return Object.fromEntries(
    edition.grades.map((grade) => {
      const missing = Math.max(0, subtract(quarters(grade.from), total)) as Quarters;
      return [
        grade.id,
        {
          points: toNumber(missing),
          standards: short,
          reached: missing === 0 && short.length === 0,
        } satisfies GradeGap,
      ];
    }),
  );
}

/** Quarters that a mandatory standard lacks to be strictly above its minimum share (17.5 of 35 lacks one quarter). */
function lacksForMinimum(edition: Edition, standard: Standard, points: Quarters): Quarters {
  const smallestAbove = Math.floor((quarters(standard.max) * edition.mandatoryShare.moreThanPercent) / 100) + 1;
  return Math.max(0, smallestAbove - points) as Quarters;
}

type Merged = { count: number; awards: Set<string>; points?: Quarters };

function groupFindings(edition: Edition, levels: readonly string[], findings: readonly Finding[]): Map<string, Merged> {
  const known = new Set(edition.levels.map((level) => level.id));
  for (const level of levels)
    if (!known.has(level)) throw new FindingError('wrong-level', `level ${level} is not in ${edition.id}`);
  const byRule = new Map<string, Merged>();
  for (const finding of findings) {
    const found = findRule(edition, finding.rule);
    if (!found) throw new FindingError('unknown-rule', `rule ${finding.rule} is not in ${edition.id}`);
    checkFinding(found.rule, found.item, levels, finding);
    const merged = byRule.get(finding.rule) ?? { count: 0, awards: new Set<string>() };
    merged.count += finding.count ?? 1;
    if (!Number.isSafeInteger(merged.count))
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
  const { count, award, points } = finding;
  if (rule.levels && !rule.levels.some((level) => levels.includes(level)))
    throw new FindingError('wrong-level', `rule ${rule.id} does not apply to ${levels.join(', ') || 'this level'}`);
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 0))
    throw new FindingError('bad-count', `rule ${rule.id}: count ${count} is not a whole number from 0`);
  const takes = { each: 'count', tiers: 'count', once: 'count', award: 'award', free: 'points' }[rule.shape];
  for (const [field, value] of Object.entries({ count, award, points }))
    if (value !== undefined && field !== takes)
      throw new FindingError('wrong-shape', `rule ${rule.id} takes ${takes}, not ${field}`);
  if (rule.shape !== 'once' && { count, award, points }[takes as 'count'] === undefined)
    throw new FindingError('wrong-shape', `rule ${rule.id} needs ${takes}`);
  if (rule.shape === 'award' && !rule.awards.some((candidate) => candidate.id === award))
    throw new FindingError(
      'bad-award',
      `rule ${rule.id}: award ${award} is not one of ${rule.awards.map((a) => a.id).join(', ')}`,
    );
  if (rule.shape === 'free') {
    if (!(points! >= 0 && points! <= item.max))
      throw new FindingError('bad-points', `item ${item.id}: ${points} points, maximum is ${item.max}`);
    if (!Number.isInteger(points! * 4))
      throw new FindingError('bad-points', `item ${item.id}: ${points} points is not a multiple of 0.25`);
  }
}

function scoreItem(item: Item, findings: ReadonlyMap<string, Merged>): { points: Quarters; score: ItemScore } {
  const max = quarters(item.max);
  const bonus = item.rules.every((rule) => rule.shape === 'award' || rule.shape === 'free');
  let needsAssessor = false;
  const taken: { points: Quarters; deduction: Deduction }[] = [];
  const given: { points: Quarters; addition: Addition }[] = [];
  for (const rule of item.rules) {
    const finding = findings.get(rule.id);
    if (!finding) continue;
    if (rule.shape === 'award' || rule.shape === 'free') {
      const gain = gainOf(rule, finding);
      given.push({ points: gain.points, addition: { rule: rule.id, points: toNumber(gain.points), why: gain.why } });
      continue;
    }
    const loss = lossOf(rule, finding.count, max);
    if (loss.points === 0) continue;
    needsAssessor ||= loss.beyondText;
    const deduction: Deduction = { rule: rule.id, points: toNumber(loss.points), recovers: 0, why: loss.why };
    if (rule.shape !== 'once') deduction.count = finding.count;
    taken.push({ points: loss.points, deduction });
  }
  const lost = sum(taken.map((entry) => entry.points));
  // A bonus item starts from 0 and takes its best entry; every other item starts from its maximum.
  const start = bonus ? (Math.max(0, ...given.map((entry) => entry.points)) as Quarters) : max;
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

function gainOf(rule: Extract<Rule, { shape: 'award' | 'free' }>, finding: Merged): { points: Quarters; why: string } {
  if (rule.shape === 'free') {
    const points = finding.points ?? ZERO;
    return { points, why: `Người chấm cho ${formatPoints(toNumber(points))} điểm` };
  }
  const best = rule.awards
    .filter((award) => finding.awards.has(award.id))
    .reduce((a, b) => (b.points > a.points ? b : a));
  return { points: quarters(best.points), why: `${best.label}: ${formatPoints(best.points)} điểm` };
}

function lossOf(
  rule: Exclude<Rule, { shape: 'award' | 'free' }>,
  count: number,
  itemMax: Quarters,
): { points: Quarters; beyondText: boolean; why: string } {
  const say = (points: Quarters) => `trừ ${formatPoints(toNumber(points))} điểm`;
  if (count === 0) return { points: ZERO, beyondText: false, why: '' };
  if (rule.shape === 'once') {
    const points = quarters(rule.points);
    return { points, beyondText: false, why: say(points) };
  }
  if (rule.shape === 'each') {
    const points = times(quarters(rule.points), count);
    return { points, beyondText: false, why: `${count} ${rule.per} × ${formatPoints(rule.points)}: ${say(points)}` };
  }
  const last = rule.tiers.at(-1)!;
  const tier = rule.tiers.find((candidate) => count >= candidate.from && count <= (candidate.to ?? Infinity));
  const stated = (tier ?? last).points;
  const points = stated === 'item' ? itemMax : quarters(stated);
  const why = `${count} ${rule.per}: ${stated === 'item' ? 'không chấm điểm cả mục' : say(points)}`;
  return tier
    ? { points, beyondText: false, why }
    : { points, beyondText: true, why: `${why} (văn bản chỉ ghi đến ${last.to}, người chấm quyết định)` };
}
