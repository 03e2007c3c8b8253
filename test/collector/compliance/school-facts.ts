import { type FactAsset, type FactRoom, type Facts, factsOf } from '../../../collector/compliance/facts.ts';
import type { Licence } from '../../../collector/compliance/licences.ts';
import { type Policy, resolvePolicy } from '../../../collector/compliance/policy.ts';
import { rules } from '../../../collector/compliance/rules.ts';
import type { FactSample } from '../../../collector/compliance/series.ts';
import type { Verdict } from '../../../collector/compliance/verdict.ts';
import { DEFAULT_CALENDAR, lastPeriods } from '../../../shared/calendar.ts';

/** Facts of one school as the rules see them, written by hand: the default policy, ten school days, Friday 17:00. */
export const NOW = Date.parse('2026-11-20T17:00:00+07:00');
export const DAYS = lastPeriods(DEFAULT_CALENDAR, 'school-day', NOW, 10);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface Written {
  rooms?: (Omit<FactRoom, 'since'> & { since?: number })[];
  assets?: FactAsset[];
  samples?: FactSample[];
  policy?: Partial<Policy>;
  now?: number;
  /** Null: a sheet that was locked before there was a register. */
  licences?: Licence[] | null;
}

export function facts({
  rooms = [],
  assets = [],
  samples = [],
  policy = {},
  now = NOW,
  licences = [],
}: Written): Facts {
  const setting = {
    now,
    periods: lastPeriods(DEFAULT_CALENDAR, 'school-day', now, 10),
    utcOffsetMinutes: DEFAULT_CALENDAR.utcOffsetMinutes,
    policy: resolvePolicy([policy]),
    rooms: rooms.map((room) => ({ since: 0, ...room })),
    assets,
    firstHeard: new Map(),
    openSince: new Map(),
    ...(licences ? { register: { entries: licences } } : {}),
  };
  return factsOf(setting, samples);
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
  agentId: 'agent-1',
  receivedAt: at + MINUTE,
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
  since: 0,
  ...rest,
});

/** One moment every `everyMs` through the school hours of the last `days` days. */
export const moments = (everyMs: number, days = 10): number[] =>
  DAYS.slice(-days).flatMap(({ from, to }) => {
    const times = [];
    for (let at = from; at < to; at += everyMs) times.push(at);
    return times;
  });
