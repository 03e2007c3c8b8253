import type { Static } from 'typebox';
import { formatPoints, type Quarters, quarters, times, toNumber, ZERO } from '../points.ts';
import type { GivingRule, Rule, ShareRule, StepsRule, TakingRule } from './edition.ts';

/** All that was found about one rule. */
export interface Merged {
  count: number;
  /** Whether any finding stated a count. */
  counted: boolean;
  of: number;
  awards: Set<string>;
  points?: Quarters;
}

/** The last count that the text of tiers or steps settles; null: it has no such end, or the rule is none of them. */
export function textTo(rule: Rule): number | null {
  if (rule.shape === 'tiers') return rule.tiers.at(-1)!.to ?? null;
  return rule.shape === 'award' && 'by' in rule && rule.by === 'count' ? (rule.awards.at(-1)!.to ?? null) : null;
}

/** Points of one rule before the bounds of its item, and why, in one Vietnamese line. */
interface Effect {
  points: Quarters;
  /** The text stops before this case: its last step was applied and the assessor decides. */
  beyondText: boolean;
  why: string;
}

/** What a rule that gives points gives. */
export function gainOf(rule: GivingRule, finding: Merged): Effect {
  if (rule.shape === 'free') {
    const points = finding.points ?? ZERO;
    return { points, beyondText: false, why: `Người chấm cho ${formatPoints(toNumber(points))} điểm` };
  }
  const reached: Effect[] = rule.awards
    .filter((award) => finding.awards.has(award.id))
    .map((award) => ({
      points: quarters(award.points),
      beyondText: false,
      why: `${award.label}: ${formatPoints(award.points)} điểm`,
    }));
  if ('by' in rule && finding.counted)
    reached.push(rule.by === 'count' ? stepGain(rule, finding) : shareGain(rule, finding.count, finding.of));
  return reached.reduce((a, b) => (b.points > a.points ? b : a));
}

function stepGain(rule: Static<typeof StepsRule>, { count, points: decided }: Merged): Effect {
  const step = rule.awards.findLast((candidate) => count >= candidate.from);
  const said = `${count} ${rule.per}`;
  if (decided !== undefined)
    return { points: decided, beyondText: false, why: sayDecided(said, `cho ${sayPoints(decided)}`, textTo(rule)) };
  if (!step) return { points: ZERO, beyondText: false, why: `${said}: chưa đến ${rule.awards[0]!.from}, 0 điểm` };
  const why = `${said}: ${step.label}, ${formatPoints(step.points)} điểm`;
  const points = quarters(step.points);
  return count <= (step.to ?? Infinity)
    ? { points, beyondText: false, why }
    : { points, beyondText: true, why: `${why} (văn bản chỉ ghi đến ${step.to}, người chấm quyết định)` };
}

function shareGain(rule: Static<typeof ShareRule>, count: number, of: number): Effect {
  // Multiplied out in whole numbers of any size: 2 of 3 is never 66.7 percent here.
  const part = BigInt(count) * 100n;
  const least = (percent: number) => BigInt(percent) * BigInt(of);
  const share = rule.awards.findLast((candidate) =>
    candidate.from === undefined ? part > least(candidate.above!) : part >= least(candidate.from),
  );
  const tenths = Number((part * 10n) / BigInt(of)); // cut, not rounded: 59.99 must not read 60
  const said = `${count}/${of} ${rule.per} (${formatPoints(tenths / 10)}%)`;
  return share
    ? {
        points: quarters(share.points),
        beyondText: false,
        why: `${said}: ${share.label}, ${formatPoints(share.points)} điểm`,
      }
    : { points: ZERO, beyondText: false, why: `${said}: chưa đến mức đầu, 0 điểm` };
}

/** What a rule that takes points takes. */
export function lossOf(rule: TakingRule, { count, points: decided }: Merged, itemMax: Quarters): Effect {
  const say = (points: Quarters) => `trừ ${sayPoints(points)}`;
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
  if (decided !== undefined) {
    const why = sayDecided(`${count} ${rule.per}`, decided === 0 ? 'không trừ' : say(decided), textTo(rule));
    return { points: decided, beyondText: false, why };
  }
  const tier = rule.tiers.find((candidate) => count >= candidate.from && count <= (candidate.to ?? Infinity));
  const stated = (tier ?? last).points;
  const points = stated === 'item' ? itemMax : quarters(stated);
  const why = `${count} ${rule.per}: ${stated === 'item' ? 'không chấm điểm cả mục' : say(points)}`;
  return tier
    ? { points, beyondText: false, why }
    : { points, beyondText: true, why: `${why} (văn bản chỉ ghi đến ${last.to}, người chấm quyết định)` };
}

const sayPoints = (points: Quarters) => `${formatPoints(toNumber(points))} điểm`;
const sayDecided = (said: string, what: string, end: number | null) =>
  `${said}: người chấm quyết định ${what} (văn bản chỉ ghi đến ${end})`;
