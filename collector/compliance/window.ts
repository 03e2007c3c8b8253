import type { Facts } from './facts.ts';

/** Oldest moment at which an antivirus status still speaks for the present: the start of the n-th last period. */
export function lastStatusFrom(facts: Facts): number {
  const index = Math.max(0, facts.periods.length - Math.ceil(facts.policy.antivirusMaxAgePeriods));
  return facts.periods[index]?.from ?? facts.now;
}
