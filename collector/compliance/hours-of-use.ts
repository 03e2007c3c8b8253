import { type FactAsset, type Facts, periodsAmong, presenceOf } from './facts.ts';
import { NONE, union } from './rollup/bits.ts';

/** How long the PCs of one room were on in school hours of the window, as far as they were asked. */
export interface RoomUse {
  /** Days on which at least one answered. */
  days: number;
  onMs: number;
  /** Longest first. */
  pcs: readonly { asset: FactAsset; onMs: number }[];
}

/** Null where no PC was asked, or where minutes are counted: a few of them are no hours of use. */
export function hoursOfUse(facts: Facts, assets: readonly FactAsset[]): RoomUse | null {
  const used = assets
    .filter(({ kind }) => kind === 'pc')
    .map((asset) => ({ asset, presence: presenceOf(facts, asset).measured?.presence ?? null }))
    .flatMap(({ asset, presence }) => (presence === null ? [] : [{ asset, presence }]));
  if (used.length === 0 || facts.policy.periodUnit === 'minute') return null;
  return {
    days: periodsAmong(facts, used.map(({ presence }) => presence.answered).reduce(union, NONE)).length,
    onMs: used.reduce((sum, { presence }) => sum + presence.onMs, 0),
    pcs: used.map(({ asset, presence: { onMs } }) => ({ asset, onMs })).sort((a, b) => b.onMs - a.onMs),
  };
}
