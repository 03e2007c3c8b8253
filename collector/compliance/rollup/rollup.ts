import { type Period, periodAt, periodNumber } from '../../../shared/calendar.ts';
import type { Policy } from '../policy.ts';
import {
  everyMsOf,
  type FactSample,
  type JudgedSample,
  NETWORK_PROBES,
  OTHER_DEVICE,
  type Series,
  seriesKey,
  seriesOf,
} from '../series.ts';
import { type Antivirus, mergeAntivirus, rollAntivirus } from './antivirus.ts';
import { type Bits, bitsOf, union } from './bits.ts';
import { type Camera, mergeCamera, rollCamera } from './camera.ts';
import { mergePresence, type Presence, rollPresence } from './presence.ts';
import { refOf, type SampleRef } from './sample-ref.ts';
import { mergeSpeed, rollSpeed, type Speed } from './speed.ts';
import { type Answering, type DropStart, droppedTogether } from './together.ts';
import { mergeUplink, rollUplink, type Uplink } from './uplink.ts';
import { mergeWifi, rollWifi, silentGateways, type Wifi } from './wifi.ts';

/**
 * What the rules need of the samples of one school over some time. A rollup of a day is made of samples; those of longer
 * times are merged of days: `rollUp(a and b)` equals `merge(rollUp(a), rollUp(b))` where the cut is a local midnight.
 * It knows targets and not the inventory, so that what people enter changes no rollup. Pure.
 */
export interface Rollup {
  /** By `seriesKey`. */
  series: ReadonlyMap<string, SeriesRollup>;
  /** Agents that measured something other than their own host, each with the periods. */
  atWork: ReadonlyMap<string, Bits>;
  /** Drops that did not begin alone, oldest first. */
  together: readonly DropStart[];
  /** When another device was last found at a target's address, by `seriesKey`: that measures nothing of the target. */
  strangers: ReadonlyMap<string, number>;
}

export interface SeriesRollup {
  probe: string;
  target: string;
  samples: number;
  firstAt: number;
  last: SampleRef;
  agents: readonly string[];
  /** Periods and rounds in which it was asked. */
  askedIn: Bits;
  askedRounds: number;
  /** By probe; presence is null also where nothing was measured in school hours. */
  presence: Presence | null;
  camera: Camera | null;
  speed: Speed | null;
  uplink: Uplink | null;
  antivirus: Antivirus | null;
  wifi: Wifi | null;
}

/** Policy values that the step from samples to a rollup reads. */
export const ROLLUP_POLICY = [
  'periodUnit',
  'expectedEverySeconds',
  'dropMinSeconds',
  'dropMaxSeconds',
  'incidentMinSeconds',
  'internetOutageMinSeconds',
  'wifiLossShareMax',
  'wifiWorstRoundsLeftOut',
] as const satisfies (keyof Policy)[];

export interface Basis {
  /** The school days (or minutes) among which the samples lie, in order; others may stand among them. */
  periods: readonly Period[];
  policy: Pick<Policy, (typeof ROLLUP_POLICY)[number]>;
  utcOffsetMinutes: number;
}

export const EMPTY: Rollup = { series: new Map(), atWork: new Map(), together: [], strangers: new Map() };

/** Samples in any order into a rollup. */
export const rollUp = (samples: readonly FactSample[], basis: Basis): Rollup =>
  rollSeries(seriesOf(samples, basis.utcOffsetMinutes, basis.policy.expectedEverySeconds), samples, basis);

/** The same of one day: `samples` are its own; `basis.periods` may be a whole window's. */
export const rollDay = (samples: readonly FactSample[], basis: Basis, day: Period): Rollup =>
  rollUp(samples, { ...basis, periods: periodsIn(basis.periods, day) });

/** The periods that begin in a stretch of time. */
export const periodsIn = (periods: readonly Period[], { from, to }: Period): Period[] =>
  periods.filter((period) => period.from >= from && period.from < to);

/** Series as `seriesOf` makes them of these samples into a rollup. */
export function rollSeries(
  measured: ReadonlyMap<string, Series>,
  samples: readonly FactSample[],
  basis: Basis,
): Rollup {
  const { periods, policy, utcOffsetMinutes } = basis;
  const numberOf = (period: Period) => periodNumber({ utcOffsetMinutes }, policy.periodUnit, period);
  const series = new Map<string, SeriesRollup>();
  const workedIn = new Map<string, Set<Period>>();
  const answering: Answering[] = [];
  const isGatewayOut = silentGateways(measured, policy, utcOffsetMinutes);
  for (const [key, { probe, target, samples }] of measured) {
    const everyMs = everyMsOf(policy, probe);
    const inHours = samples.filter(({ at }) => periodAt(periods, at));
    // What an agent left out on purpose is a gap, told with its reason.
    const asked = roundsOf(
      inHours.filter(({ reason }) => reason !== 'skipped'),
      periods,
      everyMs,
      numberOf,
    );
    if (NETWORK_PROBES.has(probe))
      for (const { agentId, at } of inHours) {
        const own = workedIn.get(agentId) ?? new Set();
        workedIn.set(agentId, own.add(periodAt(periods, at)!));
      }
    const isPresence = (probe === 'lan-reach' || probe === 'printer') && inHours.length > 0;
    const reached = isPresence ? rollPresence(inHours, periods, everyMs, policy, numberOf) : null;
    if (reached) answering.push({ key, everyMs, drops: reached.drops, answers: answersOf(inHours) });
    series.set(key, {
      probe,
      target,
      // A summary of several looks is one sample.
      samples: samples.filter(({ id }, index) => id !== samples[index - 1]?.id).length,
      firstAt: samples[0]!.at,
      last: refOf(samples.at(-1)!),
      agents: [...new Set(samples.map(({ agentId }) => agentId))],
      askedIn: asked.periods,
      askedRounds: asked.rounds,
      presence: reached?.presence ?? null,
      camera:
        probe === 'camera'
          ? rollCamera(samples, periods, everyMs, policy.incidentMinSeconds * 1000, (looks) =>
              roundsOf(looks, periods, everyMs, numberOf),
            )
          : null,
      speed: probe === 'internet-speed' ? rollSpeed(samples, periods, everyMs) : null,
      uplink: probe === 'uplink' ? rollUplink(samples, everyMs, policy.internetOutageMinSeconds * 1000) : null,
      antivirus: probe === 'antivirus' ? rollAntivirus(samples) : null,
      wifi: probe === 'wifi' ? rollWifi(samples, periods, everyMs, policy, numberOf, isGatewayOut) : null,
    });
  }
  return {
    series,
    atWork: new Map([...workedIn].map(([agent, own]) => [agent, bitsOf([...own].map(numberOf))])),
    together: droppedTogether(answering, everyMsOf(policy, 'lan-reach'), utcOffsetMinutes),
    strangers: strangersOf(samples),
  };
}

/** In the order of their keys. */
function strangersOf(samples: readonly FactSample[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { probe, target, at, reason } of samples) {
    if (reason !== OTHER_DEVICE) continue;
    const key = seriesKey(probe, target);
    found.set(key, Math.max(at, found.get(key) ?? at));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const answersOf = (samples: readonly JudgedSample[]) => samples.filter(({ ok }) => ok).map(({ at }) => at);

/**
 * Periods and rounds with a sample. A round is a stretch of the expected interval, so that measuring more often in one
 * hour does not stand for the hours without.
 */
function roundsOf(
  samples: readonly FactSample[],
  periods: readonly Period[],
  everyMs: number,
  numberOf: (period: Period) => number,
): { periods: Bits; rounds: number } {
  const rounds = new Map<Period, Set<number>>();
  for (const { at } of samples) {
    const period = periodAt(periods, at);
    if (!period) continue;
    const own = rounds.get(period) ?? new Set();
    rounds.set(period, own.add(Math.floor((at - period.from) / everyMs)));
  }
  let count = 0;
  for (const own of rounds.values()) count += own.size;
  return { periods: bitsOf([...rounds.keys()].map(numberOf)), rounds: count };
}

/** One rollup of several that follow each other in time, none of the same day as another. */
export function merge(parts: readonly Rollup[]): Rollup {
  if (parts.length === 1) return parts[0]!;
  const series = new Map<string, SeriesRollup>();
  const atWork = new Map<string, Bits>();
  for (const part of parts) {
    for (const [key, own] of part.series) {
      const before = series.get(key);
      series.set(key, before ? mergeSeries(before, own) : own);
    }
    for (const [agent, own] of part.atWork) atWork.set(agent, union(atWork.get(agent) ?? [], own));
  }
  const strangers = new Map(parts.flatMap((part) => [...part.strangers]));
  return { series, atWork, together: parts.flatMap(({ together }) => together), strangers };
}

const mergeSeries = (a: SeriesRollup, b: SeriesRollup): SeriesRollup => ({
  probe: a.probe,
  target: a.target,
  samples: a.samples + b.samples,
  firstAt: a.firstAt,
  last: b.last,
  agents: b.agents.every((agent) => a.agents.includes(agent)) ? a.agents : [...new Set([...a.agents, ...b.agents])],
  askedIn: union(a.askedIn, b.askedIn),
  askedRounds: a.askedRounds + b.askedRounds,
  presence: both(a.presence, b.presence, mergePresence),
  camera: both(a.camera, b.camera, mergeCamera),
  speed: both(a.speed, b.speed, mergeSpeed),
  uplink: both(a.uplink, b.uplink, mergeUplink),
  antivirus: both(a.antivirus, b.antivirus, mergeAntivirus),
  wifi: both(a.wifi, b.wifi, mergeWifi),
});

const both = <T>(a: T | null, b: T | null, merged: (a: T, b: T) => T): T | null =>
  a !== null && b !== null ? merged(a, b) : (a ?? b);
