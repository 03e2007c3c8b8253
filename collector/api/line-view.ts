import { periodAt } from '../../shared/calendar.ts';
import { readSpeedTest, tellsOf } from '../../shared/speed-test.ts';
import { type FactAsset, type SampleFacts, samplesOf } from '../compliance/facts.ts';
import { lineFacts } from '../compliance/line-facts.ts';
import type { Disagreement } from '../compliance/rollup/speed.ts';
import { lineLooks } from '../compliance/rollup/uplink.ts';
import { everyMsOf, type FactSample } from '../compliance/series.ts';
import type { Look } from '../incidents/detect.ts';
import type { SpeedPoint } from './schemas/line.ts';
import type { LineView, School, StripCell } from './schemas/school.ts';

/** Tests that a page draws: more would lie on each other. */
const MOST_POINTS = 1000;

/** The school's internet lines as its page shows them. */
export function speedOf(facts: SampleFacts): School['speed'] {
  const { policy } = facts;
  const lines = facts.assets.filter((asset) => asset.kind === 'internet');
  const points = lines
    .flatMap((line) => samplesOf(facts, 'internet-speed', line.target))
    .sort((a, b) => a.at - b.at)
    .map((sample) => pointOf(sample, facts));
  return {
    thresholdMbps: policy.internetMbps,
    uncertainty: policy.internetUncertainty,
    points: points.slice(-MOST_POINTS),
    older: Math.max(0, points.length - MOST_POINTS),
    lines: lines.map((line) => lineView(facts, line)),
  };
}

function pointOf(sample: FactSample, { periods }: SampleFacts): SpeedPoint {
  const test = readSpeedTest(sample.values);
  const tells = sample.ok ? tellsOf(test) : null;
  const { lineMbps, lowMbps, highMbps, payloadMbps, marks, worthless, crossCheck, provider } = test;
  return {
    at: iso(sample.at),
    target: sample.target,
    kind: tells === null ? 'nothing' : tells.isLeast ? 'least' : 'rate',
    mbps: tells?.mbps ?? null,
    lineMbps: sample.ok ? lineMbps : null,
    lowMbps,
    highMbps,
    payloadMbps: sample.ok ? payloadMbps : null,
    marks,
    reason: sample.ok ? (tells === null ? (worthless ?? 'failed') : null) : sample.reason,
    crossCheck: sample.ok ? crossCheck : null,
    provider,
    inHours: periodAt(periods, sample.at) !== undefined,
    reportId: sample.reportId,
  };
}

function lineView(facts: SampleFacts, line: FactAsset): LineView {
  const { offHours, upload, latency, crossChecks, marked, spoilt, outages, switches } = lineFacts(facts, line);
  return {
    assetId: line.id,
    name: line.name,
    offHours,
    upload,
    latency,
    crossChecks: { ...crossChecks, worst: crossChecks.worst && disagreementView(crossChecks.worst) },
    marked: marked.map(([mark, tests]) => ({ mark, tests })),
    spoilt: spoilt.map(([reason, tests]) => ({ reason, tests })),
    outages: outages && {
      count: outages.count,
      seconds: Math.round(outages.ms / 1000),
      longest: outages.longest.map(({ outage: { first, until }, ms }) => ({
        from: iso(first.at),
        to: until === null ? null : iso(until),
        seconds: Math.round(ms / 1000),
        reportId: first.reportId,
      })),
    },
    switches: {
      count: switches.count,
      newest: switches.newest.map(({ sample, changes }) => ({
        at: iso(sample.at),
        changes: changes.map(({ trait, before, after }) => ({ trait, before, after })),
        reportId: sample.reportId,
      })),
    },
    strip: lineStrip(facts, line),
  };
}

const disagreementView = ({ sample, provider, mbps, otherProvider, otherMbps }: Disagreement) => ({
  at: iso(sample.at),
  reportId: sample.reportId,
  provider,
  mbps,
  otherProvider,
  otherMbps,
});

interface Cell {
  from: number;
  to: number;
  state: StripCell['state'];
  detail: string;
}

/** When the line was up, out, or nobody knew. The last look speaks for two and a half rounds. */
function lineStrip(facts: SampleFacts, line: FactAsset): StripCell[] {
  const everyMs = everyMsOf(facts.policy, 'uplink');
  const known = lineLooks(samplesOf(facts, 'uplink', line.target)).filter(({ state }) => state !== undefined);
  const cells: Cell[] = [];
  const add = (from: number, to: number, state: StripCell['state'], detail: string) => {
    const last = cells.at(-1);
    if (to <= from) return;
    if (last && last.state === state && last.to === from) last.to = to;
    else cells.push({ from, to, state, detail });
  };
  const start = facts.periods[0]?.from ?? facts.now;
  let at = start;
  for (const [index, { sample, state }] of known.entries()) {
    if (sample.at > at) add(at, sample.at, 'unknown', '');
    at = Math.min(known[index + 1]?.sample.at ?? facts.now, sample.at + 2.5 * everyMs);
    add(sample.at, at, stateOf(state), state === 'down' ? (sample.reason ?? '') : '');
  }
  add(at, facts.now, 'unknown', '');
  return coarser(cells).map((cell) => ({ ...cell, from: iso(cell.from), to: iso(cell.to) }));
}

/** More cells than these are thinner than a pixel each. */
const MOST_CELLS = 1000;

/** A line that flaps for days in equal pieces, each out if it was out in it at all. */
function coarser(cells: Cell[]): Cell[] {
  if (cells.length <= MOST_CELLS) return cells;
  const { from } = cells[0]!;
  const pieceMs = (cells.at(-1)!.to - from) / MOST_CELLS;
  const pieces = Map.groupBy(cells, (cell) => Math.floor((cell.from - from) / pieceMs));
  return [...pieces.values()].map((own) => ({
    ...(own.find(({ state }) => state === 'down') ?? own.find(({ state }) => state === 'up') ?? own[0]!),
    from: own[0]!.from,
    to: own.at(-1)!.to,
  }));
}

const stateOf = (state: Look['state']): StripCell['state'] => (state === 'live' ? 'up' : 'down');
const iso = (at: number) => new Date(at).toISOString();
