import { localDay } from '../../shared/calendar.ts';
import { DISCOVERY_PROBE } from '../../shared/wire/discovery.ts';

/**
 * From stored samples to series that may be judged. A miss is a fact about the school only when the agent could have
 * seen an answer: what the agent itself could not do, what another agent contradicts, and what an agent says that was
 * cut off from everything, is not measured. Pure.
 */

export interface FactSample {
  id: number;
  reportId: string;
  agentId: string;
  /** When its report reached the collector, by the collector's clock. */
  receivedAt: number;
  probe: string;
  target: string;
  at: number;
  ok: boolean;
  reason: string | null;
  values: Readonly<Record<string, unknown>>;
}

/** What was measured of one target through one probe, oldest first. */
export interface Series {
  probe: string;
  target: string;
  samples: readonly JudgedSample[];
}

export interface JudgedSample extends FactSample {
  /** The last of the looks that it stands for; `at` is the first. */
  until: number;
  /** How many looks it stands for, all of which went alike. */
  looks: number;
  /** Time between two of its looks, ms; null: it is no summary. */
  stepMs: number | null;
  /** False: a miss in a round in which the agent had no answer from anything else, so its own line may have failed. */
  confirmed: boolean;
}

/** How often the policy expects a probe to measure, ms. */
export const everyMsOf = (policy: { expectedEverySeconds: Readonly<Record<string, number>> }, probe: string): number =>
  (policy.expectedEverySeconds[probe] ?? 300) * 1000;

export const seriesKey = (probe: string, target: string): string => `${probe}\n${target}`;

/** Probes that measure something other than the agent's own host: who reports by them was at work on the network. */
export const NETWORK_PROBES: ReadonlySet<string> = new Set([
  'lan-reach',
  'printer',
  'camera',
  'internet-speed',
  'uplink',
]);
/** Probes whose misses say that a device of the school did not answer. */
const DEVICE_PROBES: ReadonlySet<string> = new Set(['lan-reach', 'printer', 'camera']);
/** Another device answers at the address of the one that was sought. */
export const OTHER_DEVICE = 'other-device';
/**
 * The agent could not measure: its own fault, its own missing program, a name that its resolver does not know, another
 * device at the address.
 */
const NOT_MEASURED: ReadonlySet<string> = new Set(['internal', 'tool-missing', 'unresolved', OTHER_DEVICE]);
/** A device that refuses or talks nonsense answers all the same. */
const ANSWERS: ReadonlySet<string> = new Set(['refused', 'auth', 'malformed', 'too-large', 'not-live']);
/** A report that comes this soon after a measurement shows that the agent's own line was up, ms. */
const PROMPT_MS = 3 * 60_000;
/** A clock that is wrong by more would put the school hours elsewhere; what comes later still was kept in the spool, ms. */
const MOST_SKEW_MS = 3600_000;

const answered = (sample: FactSample): boolean =>
  sample.ok || (sample.reason !== null && ANSWERS.has(sample.reason)) || isGatewaySeen(sample);

/**
 * What was found is a proposal, not a measurement. Names that nobody resolves are a way in which an internet line is
 * out, where its gateway answers.
 */
const isMeasured = (sample: FactSample): boolean =>
  sample.probe !== DISCOVERY_PROBE &&
  (sample.reason === null ||
    !NOT_MEASURED.has(sample.reason) ||
    (sample.reason === 'unresolved' && isGatewaySeen(sample)));

/** Whether a look at the internet line found the gateway, so that the agent's own network was in order. */
export function isGatewaySeen({ probe, values }: FactSample): boolean {
  const { gateway } = values;
  if (probe !== 'uplink' || typeof gateway !== 'object' || gateway === null) return false;
  const { answered: answers } = gateway as { answered?: unknown };
  return typeof answers === 'number' && answers > 0;
}

/**
 * Samples in any order into series by `seriesKey`, in the order of their keys. Each local day is looked at by
 * itself: nothing of another day confirms or contradicts a miss. `everySeconds` by probe.
 */
export function seriesOf(
  samples: readonly FactSample[],
  utcOffsetMinutes: number,
  expectedEverySeconds: Readonly<Record<string, number>>,
): Map<string, Series> {
  const days = Map.groupBy(samples, ({ at }) => localDay({ utcOffsetMinutes }, at));
  const series = new Map<string, Series & { samples: JudgedSample[] }>();
  for (const [, ofDay] of [...days].sort(([a], [b]) => a - b)) addDay(series, ofDay, expectedEverySeconds);
  return new Map([...series].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function addDay(
  series: Map<string, Series & { samples: JudgedSample[] }>,
  samples: readonly FactSample[],
  expectedEverySeconds: Readonly<Record<string, number>>,
): void {
  const sorted = samples
    .filter(isMeasured)
    .flatMap(runsOf)
    .sort((a, b) => a.at - b.at || (a.reportId < b.reportId ? -1 : a.reportId > b.reportId ? 1 : a.id - b.id));
  const byAgent = moments(sorted, (sample) => (NETWORK_PROBES.has(sample.probe) ? sample.agentId : undefined));
  const bySeries = moments(sorted, ({ probe, target }) => seriesKey(probe, target));
  const isPrompt = promptness(samples);
  for (const sample of sorted) {
    const { probe, target } = sample;
    const key = seriesKey(probe, target);
    const confirmed =
      answered(sample) ||
      !DEVICE_PROBES.has(probe) ||
      isConfirmed(
        sample,
        byAgent,
        bySeries.get(key)!,
        (sample.stepMs ?? everyMsOf({ expectedEverySeconds }, probe)) / 2,
        isPrompt,
      );
    if (confirmed === undefined) continue;
    const own = series.get(key) ?? { probe, target, samples: [] };
    own.samples.push({ ...sample, confirmed });
    series.set(key, own);
  }
}

/**
 * Whether a miss is confirmed; undefined: it is no measurement. One that is known to the minute is confirmed by an answer
 * during it, or by what answered both before and after it: what answered only before may have been the last that came
 * through the agent's own cable.
 */
function isConfirmed(
  miss: Looked,
  byAgent: ReadonlyMap<string, readonly Looked[]>,
  ofTarget: readonly Looked[],
  withinMs: number,
  isPrompt: (sample: FactSample) => boolean,
): boolean | undefined {
  for (const other of around(ofTarget, miss, withinMs))
    if (other.agentId !== miss.agentId && answered(other)) return undefined;
  let othersAsked = false;
  const sides = new Map<string, { before?: Looked; after?: Looked; missed?: boolean }>();
  // A whole look to each side and half of one more: what is asked once a look has been asked there.
  const sideMs = miss.stepMs === null ? withinMs : 1.5 * miss.stepMs;
  for (const other of around(byAgent.get(miss.agentId)!, miss, sideMs)) {
    if (other.target === miss.target) continue;
    const isBefore = other.until < miss.at;
    const isAfter = other.at > miss.until;
    const isSide = miss.stepMs !== null && (isBefore || isAfter);
    if (answered(other) && !isSide) return true;
    othersAsked ||= other.until >= miss.at - withinMs && other.at <= miss.until + withinMs;
    if (miss.stepMs === null) continue;
    const key = seriesKey(other.probe, other.target);
    const own = sides.get(key) ?? {};
    if (isBefore) own.before = other;
    else if (isAfter) own.after ??= other;
    else own.missed = true;
    sides.set(key, own);
  }
  for (const { before, after, missed } of sides.values())
    if (!missed && before && after && answered(before) && answered(after)) return true;
  return isPrompt(miss) ? !othersAsked : undefined;
}

/** Whether a sample's report came at once. An agent's clock may be wrong: its quickest report of the day shows by how much. */
function promptness(samples: readonly FactSample[]): (sample: FactSample) => boolean {
  const quickest = new Map<string, number>();
  for (const { agentId, receivedAt, at } of samples)
    quickest.set(agentId, Math.min(quickest.get(agentId) ?? Number.POSITIVE_INFINITY, receivedAt - at));
  const skewOf = ({ agentId }: FactSample) => {
    const least = quickest.get(agentId)!;
    return least > 0 && least <= MOST_SKEW_MS ? least : 0;
  };
  return (sample) => sample.receivedAt - sample.at - skewOf(sample) <= PROMPT_MS;
}

function moments(samples: readonly Looked[], keyOf: (sample: FactSample) => string | undefined): Map<string, Looked[]> {
  const found = new Map<string, Looked[]>();
  for (const sample of samples) {
    const key = keyOf(sample);
    if (key === undefined) continue;
    const own = found.get(key);
    if (own) own.push(sample);
    else found.set(key, [sample]);
  }
  return found;
}

/** Those of a list in order of time with a look within `ms` of a run of looks. */
function* around(samples: readonly Looked[], { at, until }: Looked, ms: number): Generator<Looked> {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.at < at - ms - MOST_SPAN_MS) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < samples.length && samples[index]!.at <= until + ms; index++)
    if (samples[index]!.until >= at - ms) yield samples[index]!;
}

type Looked = Omit<JudgedSample, 'confirmed'>;

/** No summary reaches over more. */
const MOST_SPAN_MS = 3600_000;
const MOST_LOOKS = 60;

/**
 * A summary of several looks (`values.looks`, `values.everySeconds`; see the agent's `lan-reach`) as one sample for each
 * run of looks that went alike; any other sample as it is.
 */
function runsOf(sample: FactSample): Looked[] {
  const { looks, everySeconds } = sample.values;
  const single = [{ ...sample, until: sample.at, looks: 1, stepMs: null }];
  if (sample.probe !== 'lan-reach' || typeof looks !== 'string' || typeof everySeconds !== 'number') return single;
  const stepMs = everySeconds * 1000;
  const isSummary = /^[01-]{2,}$/.test(looks) && looks.length <= MOST_LOOKS && stepMs > 0;
  // What contradicts itself is one sample that says what it says.
  if (!isSummary || stepMs * looks.length > MOST_SPAN_MS || looks.includes('1') !== sample.ok) return single;
  return [...looks.matchAll(/1+|0+/g)].map(({ 0: run, index }) => {
    const ok = run[0] === '1';
    return {
      ...sample,
      at: sample.at + index * stepMs,
      until: sample.at + (index + run.length - 1) * stepMs,
      looks: run.length,
      stepMs,
      ok,
      reason: ok ? null : (sample.reason ?? 'timeout'),
    };
  });
}
