import type { Period } from '../../shared/calendar.ts';
import type { Store } from '../store/sqlite.ts';
import { type Facts, type Setting, withRollup } from './facts.ts';
import { loadSamples, loadSettings } from './load.ts';
import { rollUp } from './rollup/rollup.ts';
import { loadRollups, type Made } from './rollup-cache.ts';
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

/**
 * Facts of these schools by id, out of rollups. `made`: those that were not kept yet, for `keepRollups`. A window that
 * counts minutes holds so few samples that they are rolled up each time.
 */
export async function loadJudgeable(
  store: Store,
  windows: readonly Window[],
): Promise<{ judgeable: Map<string, Facts>; made: Made[] }> {
  const settings = await loadSettings(store, windows);
  const settingOf = ({ context }: Window): Setting => settings.get(context.school.id)!;
  const wanted = windows
    .filter(({ context }) => context.policy.periodUnit === 'school-day')
    .map((window) => ({
      schoolId: window.context.school.id,
      version: window.context.samplesVersion,
      basis: settingOf(window),
      from: window.from,
      to: window.to,
      now: window.now,
      isFixed: window.isFixed,
    }));
  const { rollups, made } = await loadRollups(store, wanted);
  const judgeable = new Map<string, Facts>();
  for (const window of windows) {
    const { id } = window.context.school;
    const setting = settingOf(window);
    const rollup = rollups.get(id) ?? rollUp(await loadSamples(store, id, window.from, window.now + 1), setting);
    judgeable.set(id, withRollup(setting, rollup));
  }
  return { judgeable, made };
}
