import { type Period, periodNumber } from '../../shared/calendar.ts';
import { OWN_HOST_PROBES } from '../../shared/wire/machine.ts';
import type { AssetKind, RoomKind, Use } from '../api/schemas/school.ts';
import type { Register } from './licences.ts';
import { neededPeriods, type Policy } from './policy.ts';
import { type Bits, has, NONE, union } from './rollup/bits.ts';
import type { Presence } from './rollup/presence.ts';
import { type Rollup, rollSeries, type SeriesRollup } from './rollup/rollup.ts';
import type { SampleRef } from './rollup/sample-ref.ts';
import {
  everyMsOf,
  type FactSample,
  type JudgedSample,
  NETWORK_PROBES,
  type Series,
  seriesKey,
  seriesOf,
} from './series.ts';

/** What the rules read beside what was measured. */
export interface Setting {
  now: number;
  /** School days (or minutes) of the window, oldest first. */
  periods: readonly Period[];
  /** Minutes east of UTC, by which days are counted. */
  utcOffsetMinutes: number;
  policy: Policy;
  rooms: readonly FactRoom[];
  /** Expected assets only; retired ones are never judged. */
  assets: readonly FactAsset[];
  /** When a series was first heard of at all, by `seriesKey`, perhaps long before the window. */
  firstHeard: ReadonlyMap<string, number>;
  /** Beginning of each camera's open incident as it was kept, by asset. */
  openSince: ReadonlyMap<string, number>;
  /** The register of licences; undefined in a sheet that was locked before there was one. */
  register?: Register | undefined;
}

/** What a rule judges: one school's inventory and what was measured in the window. Values only, no I/O. */
export interface Facts extends Setting {
  /** Number of each of `periods`, see `periodNumber`. */
  numbers: readonly number[];
  /** Of what was measured from the window's first moment until now. */
  rollup: Rollup;
}

/** The same with every sample, for pages that draw them; see `seriesOf` for what is left out. */
export interface SampleFacts extends Facts {
  series: ReadonlyMap<string, Series>;
}

export interface FactRoom {
  id: string;
  name: string;
  kind: RoomKind;
  /** When it was entered into the inventory: nothing is held against it before. */
  since: number;
  /** How many it should hold; null: nobody said. Sheets that were locked before this was asked lack it. */
  expectedPcs?: number | null;
  expectedPrinters?: number | null;
}

export interface FactAsset {
  id: string;
  name: string;
  kind: AssetKind;
  use: Use | null;
  roomId: string | null;
  target: string | null;
  /** The PC with an agent of its own that it is; sheets that were locked before there were such lack it. */
  machineId?: string | null;
  /** When it last came out that more than one PC speaks as that machine; missing: never. */
  contestedAt?: number;
  licence: string | null;
  /** When it was entered into the inventory. */
  since: number;
}

export const withRollup = (setting: Setting, rollup: Rollup): Facts => ({
  ...setting,
  rollup,
  numbers: setting.periods.map((period) => periodNumber(setting, setting.policy.periodUnit, period)),
});

/** Samples in any order. */
export function factsOf(setting: Setting, samples: readonly FactSample[]): SampleFacts {
  const series = seriesOf(samples, setting.utcOffsetMinutes, setting.policy.expectedEverySeconds);
  return { ...withRollup(setting, rollSeries(series, samples, setting)), series };
}

/** The target under which a probe measures this asset: a linked PC speaks for itself through the probes of its own host. */
export const targetOf = ({ target, machineId = null }: Pick<FactAsset, 'target' | 'machineId'>, probe: string) =>
  machineId !== null && OWN_HOST_PROBES.has(probe) ? machineId : target;

/** What was measured of a target through a probe; undefined for an asset that nobody watches. */
export const measuredOf = (facts: Facts, probe: string, target: string | null): SeriesRollup | undefined =>
  target === null ? undefined : facts.rollup.series.get(seriesKey(probe, target));

const NOTHING: readonly JudgedSample[] = [];

/** Samples of a target through a probe; empty for an asset that nobody watches. */
export const samplesOf = (facts: SampleFacts, probe: string, target: string | null): readonly JudgedSample[] =>
  target === null ? NOTHING : (facts.series.get(seriesKey(probe, target))?.samples ?? NOTHING);

/**
 * How an asset answers on the network: by lan-reach, a printer also by its own probe. Of two the one that suffices for a
 * verdict speaks, before one that never had an answer (it may ask an address that DHCP took away), or else the one that
 * measured more.
 */
export function presenceOf(
  facts: Facts,
  asset: FactAsset,
): { probe: string; measured: SeriesRollup | undefined; seen: Coverage } {
  const candidates = (asset.kind === 'printer' ? ['printer', 'lan-reach'] : ['lan-reach']).map((probe) => ({
    probe,
    measured: measuredOf(facts, probe, asset.target),
    seen: coverage(facts, probe, asset.target),
  }));
  const enough = candidates.filter(({ seen }) => seen.enough);
  const answering = enough.find(({ measured }) => measured?.presence && isAnswering(measured.presence));
  return answering ?? enough[0] ?? candidates.reduce((a, b) => (b.seen.got > a.seen.got ? b : a));
}

/** Whether it answered at least once. */
export const isAnswering = ({ misses, samples }: Presence): boolean => misses < samples;

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
 * expected rounds. Days on which the agent was silent are no data; they are not counted against the school. `tells`
 * names the periods and rounds in which there was a sample that tells; each sample does unless it says otherwise.
 */
export function coverage(
  facts: Facts,
  probe: string,
  target: string | null,
  tells: (measured: SeriesRollup) => { periods: Bits; rounds: number } = asked,
): Coverage {
  const { policy, now } = facts;
  const measured = measuredOf(facts, probe, target);
  if (!measured) return { enough: false, periods: 0, got: 0, expected: 0 };
  const everyMs = everyMsOf(policy, probe);
  const firstAt = facts.firstHeard.get(seriesKey(probe, measured.target)) ?? measured.firstAt;
  const { periods, rounds: got } = tells(measured);
  let count = 0;
  let expected = 0;
  const { numbers, periods: all } = facts;
  for (let index = 0; index < all.length; index++) {
    if (!has(periods, numbers[index]!)) continue;
    const { from, to } = all[index]!;
    const openMs = Math.min(to, now) - Math.max(from, firstAt);
    expected += Math.max(1, Math.floor(openMs / everyMs));
    count++;
  }
  const enough = count >= neededPeriods(policy) && got >= expected * policy.minExpectedShare;
  return { enough, periods: count, got, expected };
}

const asked = ({ askedIn, askedRounds }: SeriesRollup) => ({ periods: askedIn, rounds: askedRounds });

/** The periods of the window that are among these. */
export const periodsAmong = ({ periods, numbers }: Facts, among: Bits): Period[] =>
  periods.filter((_, index) => has(among, numbers[index]!));

/** Periods in which any agent measured something in the school, from `since` on. */
export const workedPeriods = (facts: Facts, since = Number.NEGATIVE_INFINITY): Period[] => {
  const atWork = [...facts.rollup.atWork.values()].reduce(union, NONE);
  return periodsAmong(facts, atWork).filter((period) => period.from >= since);
};

/** The newest sample of the school: evidence that the agent was at work where a device of the inventory is watched by nobody. */
export function newestSample(facts: Facts): SampleRef | undefined {
  const [newest] = [...facts.rollup.series]
    .filter(([, { probe }]) => NETWORK_PROBES.has(probe))
    .sort(([a, { last }], [b, other]) => other.last.at - last.at || (a < b ? -1 : 1));
  return newest?.[1].last;
}
