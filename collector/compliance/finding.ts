import type { MeasuredFinding } from '../api/schemas/finding.ts';
import type { Facts } from './facts.ts';
import { describePolicy } from './policy.ts';
import { MAX_EVIDENCE } from './rollup/sample-ref.ts';
import { insufficient, type Rule, type Verdict } from './verdict.ts';

/** From facts to findings. Pure. */

/** A rule that breaks is told to `broken` and knows nothing. */
export function judged(rule: Rule, facts: Facts, broken: (rule: string, error: unknown) => void = raise): Verdict {
  try {
    return rule.judge(facts);
  } catch (error) {
    broken(rule.id, error);
    return insufficient('máy chủ gặp lỗi khi đánh giá mục này; báo quản trị viên xem nhật ký');
  }
}
const raise = (_rule: string, error: unknown): never => {
  throw error;
};

/** A verdict with the window and the policy values that made it. */
export function findingOf(rule: Rule, verdict: Verdict, facts: Facts, id: string, since: number): MeasuredFinding {
  return {
    id,
    rule: rule.id,
    ...shown(verdict),
    window: { from: iso(facts.periods[0]?.from ?? facts.now), to: iso(facts.now) },
    policy: describePolicy(facts.policy, rule.policy),
    since: iso(since),
    computedAt: iso(facts.now),
  };
}

/** A point that nobody loses needs fewer samples to look at; all of them stay in the store. */
const MAX_EVIDENCE_OF_PASS = 12;

const iso = (at: number) => new Date(at).toISOString();

function shown(verdict: Verdict) {
  const { state, count, figure, borderline, faults, missing, samples, also } = verdict;
  return {
    state,
    count,
    verdict: verdict.verdict,
    figure,
    borderline,
    faults,
    missing,
    samples,
    ...(also.length > 0 ? { also } : {}),
    evidence: verdict.evidence
      .slice(0, state === 'pass' ? MAX_EVIDENCE_OF_PASS : MAX_EVIDENCE)
      .map(({ sample, says }) => ({
        sampleId: sample.id,
        reportId: sample.reportId,
        target: sample.target,
        at: iso(sample.at),
        says,
      })),
  };
}
