import { localDay, type Period, periodAt } from '../../../shared/calendar.ts';
import type { Policy } from '../policy.ts';
import { everyMsOf, type FactSample, type Series } from '../series.ts';
import { refOf, type SampleRef } from './sample-ref.ts';
import { addTallies, addWords, type Tally, tallyOf, type Words, wordsOf } from './tally.ts';

/** What one host told of the Wi-Fi that it was on, in school hours. */
export interface Wifi {
  /** Oldest first; a day on which the gateway never answered is left out: it may be one that answers nobody. */
  days: readonly WifiDay[];
  /** Signal without its sign: 58 is −58 dBm. */
  signal: Tally;
  channels: Words;
  /** Times at which the host was found at another access point than before. */
  roams: number;
  /** Rounds left out because the gateway was silent by cable too. */
  gatewayOut: number;
  /** Newest sample that tells. */
  last: SampleRef | null;
}

export interface WifiDay {
  /** Number of the period. */
  period: number;
  /** Questions to the gateway, and those without an answer. */
  sent: number;
  lost: number;
  /** The same without as many of the worst rounds as the policy leaves out. */
  steadySent: number;
  steadyLost: number;
  /** Of these the round that lost the largest share; null where together they lost no more than the policy's share. */
  worst: WifiRound | null;
}

export interface WifiRound {
  sample: SampleRef;
  sent: number;
  lost: number;
}

/** No probe asks more in one round; what is above would outweigh the other rounds. */
const MOST_QUESTIONS = 100;

interface Told extends Pick<WifiRound, 'sent' | 'lost'> {
  sample: FactSample;
}

/** `samples` in order of time, of any hour. `isGatewayOut`: see `silentGateways`. */
export function rollWifi(
  samples: readonly FactSample[],
  periods: readonly Period[],
  everyMs: number,
  policy: Pick<Policy, 'wifiLossShareMax' | 'wifiWorstRoundsLeftOut'>,
  numberOf: (period: Period) => number,
  isGatewayOut: (sample: FactSample) => boolean,
): Wifi {
  const rounds = onePerRound(samples.flatMap(toldBy), periods, everyMs);
  const kept = rounds.filter(({ sample, lost }) => lost === 0 || !isGatewayOut(sample));
  const days = Map.groupBy(kept, ({ sample }) => periodAt(periods, sample.at)!);
  const values = kept.map(({ sample }) => sample.values);
  const last = kept.at(-1);
  return {
    days: [...days]
      .map(([period, own]) => dayOf(numberOf(period), own, policy))
      .filter(({ sent, lost }) => lost < sent),
    signal: tallyOf(values.flatMap(({ signalDbm }) => (isWithin(signalDbm, -120, -1) ? -signalDbm : []))),
    channels: wordsOf(values.flatMap(({ channel }) => (isWithin(channel, 1, 233) ? String(channel) : []))),
    roams: values.filter(({ roamed }) => roamed === true).length,
    gatewayOut: rounds.length - kept.length,
    last: last ? refOf(last.sample) : null,
  };
}

export const mergeWifi = (a: Wifi, b: Wifi): Wifi => ({
  days: [...a.days, ...b.days],
  signal: addTallies(a.signal, b.signal),
  channels: addWords(a.channels, b.channels),
  roams: a.roams + b.roams,
  gatewayOut: a.gatewayOut + b.gatewayOut,
  last: b.last ?? a.last,
});

function dayOf(
  period: number,
  rounds: readonly Told[],
  policy: Pick<Policy, 'wifiLossShareMax' | 'wifiWorstRoundsLeftOut'>,
): WifiDay {
  const sum = (of: readonly Told[], figure: 'sent' | 'lost') => of.reduce((total, round) => total + round[figure], 0);
  const steady = rounds.toSorted((a, b) => b.lost / b.sent - a.lost / a.sent).slice(policy.wifiWorstRoundsLeftOut);
  const [steadySent, steadyLost] = [sum(steady, 'sent'), sum(steady, 'lost')];
  const worst = steady[0];
  return {
    period,
    sent: sum(rounds, 'sent'),
    lost: sum(rounds, 'lost'),
    steadySent,
    steadyLost,
    worst:
      worst && steadyLost / steadySent > policy.wifiLossShareMax
        ? { sample: refOf(worst.sample), sent: worst.sent, lost: worst.lost }
        : null,
  };
}

/** The first of each round in school hours: measuring more often in one hour does not stand for a day. */
function onePerRound(told: readonly Told[], periods: readonly Period[], everyMs: number): Told[] {
  const rounds = new Map<number, Told>();
  for (const one of told) {
    const { at } = one.sample;
    const period = periodAt(periods, at);
    if (!period) continue;
    const round = period.from + Math.floor((at - period.from) / everyMs) * everyMs;
    if (!rounds.has(round)) rounds.set(round, one);
  }
  return [...rounds.values()];
}

/** A host on a cable, and one whose gateway answers by ARP alone, asked nothing: that tells nothing of the Wi-Fi. */
function toldBy(sample: FactSample): Told[] {
  const { sent, answered } = sample.values;
  if (sample.reason === 'skipped' || !isWithin(sent, 1, MOST_QUESTIONS) || !isWithin(answered, 0, sent)) return [];
  return [{ sample, sent, lost: sent - answered }];
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/**
 * Whether the gateway that a Wi-Fi sample asked was silent by cable too: an agent that was not on Wi-Fi that day found
 * it silent within one round of `uplink`, which asks by every means. Then what was lost was not lost on the air.
 */
export function silentGateways(
  measured: ReadonlyMap<string, Series>,
  policy: Pick<Policy, 'expectedEverySeconds'>,
  utcOffsetMinutes: number,
): (sample: FactSample) => boolean {
  const dayOf = (at: number) => localDay({ utcOffsetMinutes }, at);
  const samplesOf = (probe: string) =>
    [...measured.values()].flatMap((own) => (own.probe === probe ? own.samples : []));
  const onWifi = samplesOf('wifi')
    .filter((sample) => toldBy(sample).length > 0)
    .map(({ agentId, at }) => `${dayOf(at)} ${agentId}`);
  if (onWifi.length === 0) return () => false;
  const notWired = new Set(onWifi);
  const silent = samplesOf('uplink').filter(
    (sample) => isSilent(sample) && !notWired.has(`${dayOf(sample.at)} ${sample.agentId}`),
  );
  const byAddress = Map.groupBy(silent, ({ values }) => (values.gateway as { address: unknown }).address);
  const withinMs = everyMsOf(policy, 'uplink');
  return ({ at, values }) =>
    byAddress.get(values.gateway)?.some((look) => Math.abs(look.at - at) <= withinMs && dayOf(look.at) === dayOf(at)) ??
    false;
}

function isSilent({ values: { gateway } }: FactSample): boolean {
  if (typeof gateway !== 'object' || gateway === null) return false;
  const { address, sent, answered } = gateway as Record<string, unknown>;
  return typeof address === 'string' && isWithin(sent, 1, MOST_QUESTIONS) && answered === 0;
}
