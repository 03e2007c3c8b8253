import type { LastSample, StripCell } from '../api/schemas/school.ts';
import { type FactAsset, presenceOf, type SampleFacts, samplesOf } from '../compliance/facts.ts';
import { everyMsOf, type FactSample } from '../compliance/series.ts';
import { type Look, looksOf } from '../incidents/detect.ts';

/** How an asset's time looks: stretches of up, down and not measured. Pure. */

/** The samples that say whether an asset does its work, and how often the policy expects them. */
export function watched(
  facts: SampleFacts,
  asset: FactAsset,
): { probe: string; samples: readonly FactSample[]; everyMs: number } {
  const own = { camera: 'camera', internet: 'internet-speed' }[asset.kind as 'camera'];
  const probe = own ?? presenceOf(facts, asset).probe;
  return { probe, samples: samplesOf(facts, probe, asset.target), everyMs: everyMsOf(facts.policy, probe) };
}

/**
 * Stretches from the window's start until now without overlap, equal neighbours merged. A sample speaks until the next
 * one, at most for two and a half rounds; the rest is `unknown`.
 */
export function strip(facts: SampleFacts, asset: FactAsset): StripCell[] {
  const { samples, everyMs } = watched(facts, asset);
  const start = facts.periods[0]?.from ?? facts.now;
  const cells: { from: number; to: number; state: StripCell['state']; detail: string }[] = [];
  const add = (from: number, to: number, state: StripCell['state'], detail: string) => {
    if (to <= from) return;
    const last = cells.at(-1);
    if (last && last.state === state && last.detail === detail) last.to = to;
    else cells.push({ from, to, state, detail });
  };
  const looks = asset.kind === 'camera' ? looksOf(samples, facts.periods) : undefined;
  let at = start;
  for (const [index, sample] of samples.entries()) {
    add(at, sample.at, 'unknown', '');
    const next = samples[index + 1]?.at ?? facts.now;
    at = Math.min(next, sample.at + 2.5 * everyMs);
    const { state, detail } = looks ? ofCamera(looks[index]!) : ofDevice(sample);
    add(sample.at, at, state, detail);
  }
  add(at, facts.now, 'unknown', '');
  const iso = (time: number) => new Date(time).toISOString();
  return cells.map((cell) => ({ ...cell, from: iso(cell.from), to: iso(cell.to) }));
}

type Shown = { state: StripCell['state']; detail: string };

function ofCamera({ sample, state }: Look): Shown {
  if (state === 'live') return { state: 'up', detail: '' };
  return { state: state === 'down' ? 'down' : 'unknown', detail: saidState(sample) ?? sample.reason ?? '' };
}

const ofDevice = ({ ok, reason }: FactSample): Shown =>
  ok ? { state: 'up', detail: '' } : { state: 'down', detail: reason ?? '' };

const saidState = ({ values }: FactSample) => (typeof values.state === 'string' ? values.state : null);

export function lastSample(sample: FactSample | undefined): LastSample | null {
  if (!sample) return null;
  const { probe, ok, reason, reportId } = sample;
  return { at: new Date(sample.at).toISOString(), probe, ok, reason, state: saidState(sample), reportId };
}
