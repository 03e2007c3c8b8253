import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Store } from '../store/sqlite.ts';
import type { RolloutTable } from '../store/tables.ts';

/** Which version an agent shall run: that of its unit, else of the unit above, else of the whole district. */

export type Rollout = Pick<Selectable<RolloutTable>, 'unit_id' | 'version' | 'share' | 'running'>;

/** The rollouts that count, the newest of each unit; units without a version of their own are left out. */
export async function rolloutsInForce(store: Store): Promise<Selectable<RolloutTable>[]> {
  const rows = await store.selectFrom('rollout').selectAll().orderBy('id', 'desc').execute();
  const seen = new Set<string | null>();
  return rows.filter(({ unit_id, version }) => {
    if (seen.has(unit_id)) return false;
    seen.add(unit_id);
    return version !== null;
  });
}

/** The version to name to this agent; null: none, or it runs it already. */
export async function releaseFor(
  store: Store,
  agent: { id: string; schoolId: string; runs: string },
): Promise<string | null> {
  const rollouts = await rolloutsInForce(store);
  if (!rollouts.some(({ running }) => running === 1)) return null;
  const [units, school] = await Promise.all([
    store.selectFrom('org_unit').select(['id', 'parent_id']).execute(),
    store.selectFrom('school').select('unit_id').where('id', '=', agent.schoolId).executeTakeFirst(),
  ]);
  const above = new Map(units.map(({ id, parent_id }) => [id, parent_id]));
  const version = namedFor(agent.id, rolloutOf(rollouts, above, school?.unit_id ?? null));
  return version === agent.runs ? null : version;
}

/** The rollout of the nearest unit. `above`: each unit's parent. */
export function rolloutOf(
  rollouts: readonly Rollout[],
  above: ReadonlyMap<string, string | null>,
  unit: string | null,
): Rollout | null {
  const visited = new Set<string>();
  for (let at = unit; at !== null && !visited.has(at); at = above.get(at) ?? null) {
    visited.add(at);
    const own = rollouts.find(({ unit_id }) => unit_id === at);
    if (own) return own;
  }
  return rollouts.find(({ unit_id }) => unit_id === null) ?? null;
}

/** Null when it is stopped, or when the agent's lot is not within the share. */
export function namedFor(agentId: string, rollout: Rollout | null): string | null {
  if (rollout?.running !== 1 || rollout.version === null) return null;
  return lotOf(agentId, rollout.version) < rollout.share ? rollout.version : null;
}

/**
 * A number of [0, 100) that is the same for the same agent and version: a larger share keeps those of a smaller one. By
 * version too, so that not the same schools are first each time.
 */
export function lotOf(agentId: string, version: string): number {
  const digest = createHash('sha256').update(`${version}\n${agentId}`).digest();
  return (digest.readUInt32BE(0) / 2 ** 32) * 100;
}
