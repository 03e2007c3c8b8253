import { type Period, timeInside } from '../../shared/calendar.ts';
import type { AssetKind, RoomKind, Use } from '../api/schemas/school.ts';
import type { Policy } from './policy.ts';

/** What a rule judges: one school's inventory and what was measured in the window. Values only, no I/O. */
export interface Facts {
  now: number;
  /** School days (or minutes) of the window, oldest first. */
  periods: readonly Period[];
  policy: Policy;
  rooms: readonly { id: string; name: string; kind: RoomKind }[];
  /** Expected assets only; retired ones are never judged. */
  assets: readonly FactAsset[];
  /** Samples from the window's first moment until now, oldest first, grouped by `seriesKey`. */
  series: ReadonlyMap<string, Series>;
}

export interface FactAsset {
  id: string;
  name: string;
  kind: AssetKind;
  use: Use | null;
  roomId: string | null;
  target: string | null;
  licence: string | null;
}

export interface Series {
  /** When this target was first heard of at all, perhaps long before the window. */
  firstAt: number;
  samples: readonly FactSample[];
}

export interface FactSample {
  id: number;
  reportId: string;
  probe: string;
  target: string;
  at: number;
  ok: boolean;
  reason: string | null;
  values: Readonly<Record<string, unknown>>;
}

export const seriesKey = (probe: string, target: string): string => `${probe}\n${target}`;

const NOTHING: readonly FactSample[] = [];

/** Samples of a target through a probe; empty for an asset that nobody watches. */
export const samplesOf = (facts: Facts, probe: string, target: string | null): readonly FactSample[] =>
  target === null ? NOTHING : (facts.series.get(seriesKey(probe, target))?.samples ?? NOTHING);

/** How an asset answers on the network: printers by their own probe where it is configured, everything else by lan-reach. */
export function presenceOf(facts: Facts, asset: FactAsset): { probe: string; samples: readonly FactSample[] } {
  const order = asset.kind === 'printer' ? ['printer', 'lan-reach'] : ['lan-reach'];
  for (const probe of order) {
    const samples = samplesOf(facts, probe, asset.target);
    if (samples.length > 0) return { probe, samples };
  }
  return { probe: order[0]!, samples: NOTHING };
}

export interface Coverage {
  enough: boolean;
  /** Periods with at least one sample. */
  periods: number;
  got: number;
  /** Samples that the policy expects in the periods with data, from the first one ever heard until now. */
  expected: number;
}

/**
 * Whether samples suffice for a verdict: enough periods with data, and in those at least the policy's share of the
 * expected samples. Days on which the agent was silent are no data; they are not counted against the school.
 */
export function coverage(facts: Facts, probe: string, target: string | null): Coverage {
  const { policy, now } = facts;
  const everyMs = (policy.expectedEverySeconds[probe] ?? 300) * 1000;
  const firstAt = target === null ? undefined : facts.series.get(seriesKey(probe, target))?.firstAt;
  const samples = samplesOf(facts, probe, target);
  let periods = 0;
  let got = 0;
  let expected = 0;
  for (const period of facts.periods) {
    const inside = samples.filter((sample) => sample.at >= period.from && sample.at < period.to).length;
    if (inside === 0) continue;
    periods++;
    got += inside;
    const openMs = timeInside([period], Math.max(period.from, firstAt ?? now), Math.min(period.to, now));
    expected += Math.max(1, Math.floor(openMs / everyMs));
  }
  const enough =
    periods >= Math.min(policy.minPeriods, policy.windowPeriods) && got >= expected * policy.minExpectedShare;
  return { enough, periods, got, expected };
}

/** Periods in which any sample at all came from the school: the agent was at work. */
export const heardPeriods = (facts: Facts): Period[] =>
  facts.periods.filter((period) => {
    for (const { samples } of facts.series.values())
      if (samples.some((sample) => sample.at >= period.from && sample.at < period.to)) return true;
    return false;
  });

/** The newest sample of the school: evidence that the agent was at work where a device of the inventory is watched by nobody. */
export function newestSample(facts: Facts): FactSample | undefined {
  let newest: FactSample | undefined;
  for (const { samples } of facts.series.values()) {
    const last = samples.at(-1);
    if (last && (newest === undefined || last.at > newest.at)) newest = last;
  }
  return newest;
}
