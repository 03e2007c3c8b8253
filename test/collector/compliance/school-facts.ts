import type { FactAsset, FactSample, Facts, Series } from '../../../collector/compliance/facts.ts';
import { seriesKey } from '../../../collector/compliance/facts.ts';
import { type Policy, resolvePolicy } from '../../../collector/compliance/policy.ts';
import { rules } from '../../../collector/compliance/rules.ts';
import type { Verdict } from '../../../collector/compliance/verdict.ts';
import { DEFAULT_CALENDAR, lastPeriods } from '../../../shared/calendar.ts';

/** Facts of one school as the rules see them, written by hand: the default policy, ten school days, Friday 17:00. */
export const NOW = Date.parse('2026-11-20T17:00:00+07:00');
export const DAYS = lastPeriods(DEFAULT_CALENDAR, 'school-day', NOW, 10);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface Written {
  rooms?: Facts['rooms'];
  assets?: FactAsset[];
  samples?: FactSample[];
  policy?: Partial<Policy>;
  now?: number;
}

export function facts({ rooms = [], assets = [], samples = [], policy = {}, now = NOW }: Written): Facts {
  const series = new Map<string, Series & { samples: FactSample[] }>();
  for (const sample of [...samples].sort((a, b) => a.at - b.at)) {
    const key = seriesKey(sample.probe, sample.target);
    const found = series.get(key);
    if (found) found.samples.push(sample);
    else series.set(key, { firstAt: sample.at, samples: [sample] });
  }
  return {
    now,
    periods: lastPeriods(DEFAULT_CALENDAR, 'school-day', now, 10),
    policy: resolvePolicy([policy]),
    rooms,
    assets,
    series,
  };
}

export const judge = (rule: string, written: Written): Verdict =>
  rules.find((entry) => entry.id === rule)!.judge(facts(written));

let nextId = 1;
export const sampleOf = (
  probe: string,
  target: string,
  at: number,
  values: Record<string, unknown> = {},
  ok = true,
): FactSample => ({
  id: nextId++,
  reportId: `report-${nextId}`,
  probe,
  target,
  at,
  ok,
  reason: ok ? null : 'timeout',
  values,
});

export const assetOf = (id: string, kind: FactAsset['kind'], rest: Partial<FactAsset> = {}): FactAsset => ({
  id,
  name: id.toUpperCase(),
  kind,
  use: null,
  roomId: null,
  target: id,
  licence: null,
  ...rest,
});

/** One moment every `everyMs` through the school hours of the last `days` days. */
export const moments = (everyMs: number, days = 10): number[] =>
  DAYS.slice(-days).flatMap(({ from, to }) => {
    const times = [];
    for (let at = from; at < to; at += everyMs) times.push(at);
    return times;
  });
