import type { Outage } from '../incidents/detect.ts';
import { type FactAsset, type Facts, measuredOf } from './facts.ts';
import type { Switch } from './rollup/line-identity.ts';
import type { SampleRef } from './rollup/sample-ref.ts';
import { type Disagreement, NO_SPEED } from './rollup/speed.ts';
import { countOf, medianOf, type Words } from './rollup/tally.ts';
import { allOutages, outageMs, type Uplink } from './rollup/uplink.ts';

/** What is known of an internet line beside its verdict. Medians are null where nothing was measured. */
export interface LineFacts {
  /** Unmarked tests outside school hours. */
  offHours: { tests: number; medianMbps: number; bestMbps: number } | null;
  upload: { tests: number; medianMbps: number } | null;
  latency: { idleMs: number | null; downMs: number | null; upMs: number | null };
  crossChecks: { tests: number; differing: number; worst: Disagreement | null };
  /** Tests that are a lower bound by mark, and those that say nothing by reason; most first. */
  marked: Words;
  spoilt: Words;
  /** Null where nobody looked. */
  outages: { count: number; ms: number; longest: readonly ShownOutage[] } | null;
  /** Times at which another line was seen; newest first. */
  switches: { count: number; newest: readonly ShownSwitch[] };
}

export interface ShownOutage {
  outage: Outage;
  /** Time that it was known to last. */
  ms: number;
}

/** What changed at one moment. */
export interface ShownSwitch {
  sample: SampleRef;
  changes: readonly Pick<Switch, 'trait' | 'before' | 'after'>[];
}

/** Outages and switches that are told one by one. */
const TOLD = 10;

export function lineFacts(facts: Facts, line: FactAsset): LineFacts {
  const speed = measuredOf(facts, 'internet-speed', line.target)?.speed ?? NO_SPEED;
  const uplink = measuredOf(facts, 'uplink', line.target)?.uplink ?? null;
  const { offHours, upload } = speed;
  const outages = uplink && allOutages(uplink);
  return {
    offHours:
      offHours.length === 0
        ? null
        : { tests: countOf(offHours), medianMbps: medianOf(offHours)!, bestMbps: offHours.at(-1)![0] },
    upload: upload.length === 0 ? null : { tests: countOf(upload), medianMbps: medianOf(upload)! },
    latency: { idleMs: medianOf(speed.idleMs), downMs: medianOf(speed.downMs), upMs: medianOf(speed.upMs) },
    crossChecks: { tests: speed.crossChecks, differing: speed.differing, worst: speed.worst },
    marked: mostFirst(speed.marked),
    spoilt: mostFirst(speed.spoilt),
    outages: outages && {
      count: outages.count,
      ms: outages.ms,
      longest: outages.list
        .map((outage) => ({ outage, ms: outageMs(outage) }))
        .sort((a, b) => b.ms - a.ms)
        .slice(0, TOLD),
    },
    switches: switchesOf(uplink),
  };
}

const mostFirst = (words: Words): Words => words.toSorted(([, a], [, b]) => b - a);

function switchesOf(uplink: Uplink | null): LineFacts['switches'] {
  if (uplink === null) return { count: 0, newest: [] };
  const { switches, counts } = uplink.identities;
  const moments = [...Map.groupBy(switches, ({ sample: { reportId, at } }) => `${reportId} ${at}`).values()];
  // A line that changes shows in up to three traits at once; what one trait alone shows is the least there was.
  const count = counts.reduce((most, [, own]) => Math.max(most, own), moments.length);
  const newest = moments.map((changes) => ({ sample: changes[0]!.sample, changes }));
  return { count, newest: newest.slice(-TOLD).toReversed() };
}
