import { type Period, periodAt, timeInside } from '../../shared/calendar.ts';
import type { AssetKind, RoomKind, Use } from '../api/schemas/school.ts';
import { neededPeriods, type Policy } from './policy.ts';
import { type FactSample, type JudgedSample, NETWORK_PROBES, type Series, seriesKey, seriesOf } from './series.ts';

/** What a rule judges: one school's inventory and what was measured in the window. Values only, no I/O. */
export interface Facts {
  now: number;
  /** School days (or minutes) of the window, oldest first. */
  periods: readonly Period[];
  policy: Policy;
  rooms: readonly FactRoom[];
  /** Expected assets only; retired ones are never judged. */
  assets: readonly FactAsset[];
  /** What was measured from the window's first moment until now, grouped by `seriesKey`; see `seriesOf` for what is left out. */
  series: ReadonlyMap<string, Series>;
  /** Agents that measured something other than their own host, by period. */
  atWork: ReadonlyMap<Period, ReadonlySet<string>>;
  /** Beginning of each camera's open incident as it was kept, by asset. */
  openSince: ReadonlyMap<string, number>;
}

export interface FactRoom {
  id: string;
  name: string;
  kind: RoomKind;
  /** When it was entered into the inventory: nothing is held against it before. */
  since: number;
}

export interface FactAsset {
  id: string;
  name: string;
  kind: AssetKind;
  use: Use | null;
  roomId: string | null;
  target: string | null;
  licence: string | null;
  /** When it was entered into the inventory. */
  since: number;
}

export interface Measured extends Pick<Facts, 'now' | 'periods' | 'policy' | 'rooms' | 'assets'> {
  /** In any order. */
  samples: readonly FactSample[];
  /** When a series was first heard of at all, by `seriesKey`, perhaps long before the window. */
  firstHeard?: ReadonlyMap<string, number>;
  openSince?: ReadonlyMap<string, number>;
}

export function factsOf({ samples, firstHeard = new Map(), openSince = new Map(), ...rest }: Measured): Facts {
  const series = seriesOf(samples, firstHeard, rest.policy.expectedEverySeconds);
  const atWork = new Map<Period, Set<string>>(rest.periods.map((period) => [period, new Set()]));
  for (const { probe, samples: own } of series.values()) {
    if (!NETWORK_PROBES.has(probe)) continue;
    for (const sample of own) atWork.get(periodAt(rest.periods, sample.at)!)?.add(sample.agentId);
  }
  return { ...rest, series, atWork, openSince };
}

const NOTHING: readonly JudgedSample[] = [];

/** Samples of a target through a probe; empty for an asset that nobody watches. */
export const samplesOf = (facts: Facts, probe: string, target: string | null): readonly JudgedSample[] =>
  target === null ? NOTHING : (facts.series.get(seriesKey(probe, target))?.samples ?? NOTHING);

/** How often the policy expects a probe to measure, ms. */
export const everyMsOf = (policy: Policy, probe: string): number => (policy.expectedEverySeconds[probe] ?? 300) * 1000;

/**
 * How an asset answers on the network: by lan-reach, a printer also by its own probe. Of two the one that suffices for a
 * verdict speaks, or else the one that measured more.
 */
export function presenceOf(
  facts: Facts,
  asset: FactAsset,
): { probe: string; samples: readonly JudgedSample[]; seen: Coverage } {
  const candidates = (asset.kind === 'printer' ? ['printer', 'lan-reach'] : ['lan-reach']).map((probe) => ({
    probe,
    samples: samplesOf(facts, probe, asset.target),
    seen: coverage(facts, probe, asset.target),
  }));
  return candidates.find(({ seen }) => seen.enough) ?? candidates.reduce((a, b) => (b.seen.got > a.seen.got ? b : a));
}

export interface Coverage {
  enough: boolean;
  /** Periods with at least one sample that tells. */
  periods: number;
  /** Rounds of measuring with a sample that tells. */
  got: number;
  /** Rounds that the policy expects in the periods with data, from the first sample ever heard until now. */
  expected: number;
}

/**
 * Whether samples suffice for a verdict: enough periods with data, and in those at least the policy's share of the
 * expected rounds. A round is a stretch of the expected interval, so that measuring more often in one hour does not
 * stand for the hours without. Days on which the agent was silent are no data; they are not counted against the school.
 */
export function coverage(
  facts: Facts,
  probe: string,
  target: string | null,
  tells: (sample: FactSample) => boolean = () => true,
): Coverage {
  const { policy, now } = facts;
  const everyMs = everyMsOf(policy, probe);
  const firstAt = target === null ? undefined : facts.series.get(seriesKey(probe, target))?.firstAt;
  const rounds = new Map<Period, Set<number>>();
  for (const sample of samplesOf(facts, probe, target)) {
    const period = periodAt(facts.periods, sample.at);
    if (!period || !tells(sample)) continue;
    const own = rounds.get(period) ?? new Set();
    own.add(Math.floor((sample.at - period.from) / everyMs));
    rounds.set(period, own);
  }
  let got = 0;
  let expected = 0;
  for (const [period, own] of rounds) {
    got += own.size;
    const openMs = timeInside([period], Math.max(period.from, firstAt ?? now), Math.min(period.to, now));
    expected += Math.max(1, Math.floor(openMs / everyMs));
  }
  const enough = rounds.size >= neededPeriods(policy) && got >= expected * policy.minExpectedShare;
  return { enough, periods: rounds.size, got, expected };
}

/** Periods in which any agent measured something in the school, from `since` on. */
export const workedPeriods = (facts: Facts, since = Number.NEGATIVE_INFINITY): Period[] =>
  facts.periods.filter((period) => period.from >= since && facts.atWork.get(period)!.size > 0);

/** The newest sample of the school: evidence that the agent was at work where a device of the inventory is watched by nobody. */
export function newestSample(facts: Facts): FactSample | undefined {
  let newest: FactSample | undefined;
  for (const { probe, samples } of facts.series.values()) {
    const last = NETWORK_PROBES.has(probe) ? samples.at(-1) : undefined;
    if (last && (newest === undefined || last.at > newest.at)) newest = last;
  }
  return newest;
}
