import type { Period } from '../../shared/calendar.ts';
import type { Store } from '../store/sqlite.ts';
import { type Facts, type Setting, withRollup } from './facts.ts';
import { loadSamples, loadSettings } from './load.ts';
import { rollUp } from './rollup/rollup.ts';
import { loadRollups, type Made, type Wanted } from './rollup-cache.ts';
import type { SchoolContext } from './service.ts';

/** What one school is judged by, over which window. */
export interface Window {
  context: SchoolContext;
  periods: readonly Period[];
  /** [from, to): `to` may lie ahead of `now`. */
  from: number;
  to: number;
  now: number;
  /** Whether the window keeps its beginning, as an evaluation's does. */
  isFixed: boolean;
}

export interface Judgeable {
  schoolId: string;
  facts: Facts;
  made: Made[];
}

/**
 * Facts of these schools out of rollups, one after the other. `made`: what was not kept yet, for `keepRollups`. A window
 * that counts minutes holds so few samples that they are rolled up each time.
 */
export async function* loadJudgeable(store: Store, windows: readonly Window[]): AsyncGenerator<Judgeable> {
  const settings = await loadSettings(store, windows);
  const inDays: Wanted[] = [];
  for (const { context, from, to, now, isFixed } of windows) {
    const schoolId = context.school.id;
    const basis: Setting = settings.get(schoolId)!;
    if (context.policy.periodUnit === 'minute') {
      const rollup = rollUp(await loadSamples(store, schoolId, from, now + 1), basis);
      yield { schoolId, facts: withRollup(basis, rollup), made: [] };
    } else inDays.push({ schoolId, version: context.samplesVersion, basis, from, to, now, isFixed });
  }
  for await (const { schoolId, rollup, made } of loadRollups(store, inDays))
    yield { schoolId, facts: withRollup(settings.get(schoolId)!, rollup), made: [made] };
}
