import { joinOutages, type Look, type Outage, outagesOf } from '../../incidents/detect.ts';
import { type FactSample, isGatewaySeen } from '../series.ts';
import { type Identities, joinIdentities, rollIdentities } from './line-identity.ts';

/** What the looks at one internet line told: when it was out, and whether it was always the same line. */
export interface Uplink {
  /** Looks that tell whether the line was up, and those with no way out. */
  known: number;
  down: number;
  /** Looks of an agent that was cut off itself: they say nothing of the line. */
  blind: number;
  firstKnown: { at: number; isDown: boolean } | null;
  /** Shortest outage that counts, ms. */
  leastMs: number;
  /** In order of time: the longest of those that count, and those at an edge, of which another day may make more. */
  outages: readonly Outage[];
  /** The others that count. */
  rest: { outages: number; ms: number };
  identities: Identities;
}

/** Outages of one line that are kept one by one. */
const MOST_OUTAGES = 20;

/** `samples` in order of time, at least one, of any hour. */
export function rollUplink(samples: readonly FactSample[], everyMs: number, leastMs: number): Uplink {
  const looks = lineLooks(samples);
  const known = looks.filter(({ state }) => state !== undefined);
  const first = known[0];
  return bounded({
    known: known.length,
    down: known.filter(({ state }) => state === 'down').length,
    blind: looks.length - known.length,
    firstKnown: first ? { at: first.sample.at, isDown: first.state === 'down' } : null,
    leastMs,
    outages: outagesOf(known, everyMs),
    rest: { outages: 0, ms: 0 },
    identities: rollIdentities(samples),
  });
}

export const mergeUplink = (a: Uplink, b: Uplink): Uplink =>
  bounded({
    known: a.known + b.known,
    down: a.down + b.down,
    blind: a.blind + b.blind,
    firstKnown: a.firstKnown ?? b.firstKnown,
    leastMs: a.leastMs,
    outages: joinOutages(a.outages, b.outages, b.firstKnown),
    rest: { outages: a.rest.outages + b.rest.outages, ms: a.rest.ms + b.rest.ms },
    identities: joinIdentities(a.identities, b.identities),
  });

/**
 * What each sample says of the line. With no way out, an answer of the gateway tells that the agent's own cable was in
 * order and the line was not; without one the agent itself was cut off.
 */
export const lineLooks = (samples: readonly FactSample[]): Look[] =>
  samples.map((sample) => ({
    sample,
    state: sample.ok ? ('live' as const) : isGatewaySeen(sample) ? ('down' as const) : undefined,
  }));

/** Time that an outage was known to last, ms. */
export const outageMs = ({ known }: Outage): number => known.reduce((sum, [from, to]) => sum + to - from, 0);

/** One lost look is none: the hosts asked may have been what was out. */
export const isOutage = (outage: Outage, leastMs: number): boolean => outage.rounds > 1 && outageMs(outage) >= leastMs;

/** Those that count, out of what is kept and what was. */
export function allOutages({ outages, leastMs, rest }: Uplink): { list: Outage[]; count: number; ms: number } {
  const list = outages.filter((outage) => isOutage(outage, leastMs));
  return { list, count: list.length + rest.outages, ms: list.reduce((sum, own) => sum + outageMs(own), rest.ms) };
}

/** Drops what is over and too short, and of the others but the longest all that is not their number and time. */
function bounded(uplink: Uplink): Uplink {
  const { firstKnown, leastMs, outages, rest } = uplink;
  const isEdge = ({ first, until }: Outage) =>
    until === null || (firstKnown?.isDown === true && first.at === firstKnown.at);
  const over = outages.filter((outage) => !isEdge(outage) && isOutage(outage, leastMs));
  const longest = new Set(over.toSorted((a, b) => outageMs(b) - outageMs(a)).slice(0, MOST_OUTAGES));
  const dropped = over.filter((outage) => !longest.has(outage));
  return {
    ...uplink,
    outages: outages.filter((outage) => isEdge(outage) || longest.has(outage)),
    rest: {
      outages: rest.outages + dropped.length,
      ms: dropped.reduce((sum, outage) => sum + outageMs(outage), rest.ms),
    },
  };
}
