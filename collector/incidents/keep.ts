import { type Facts, samplesOf } from '../compliance/facts.ts';
import type { Store } from '../store/sqlite.ts';
import { cameraIncidents } from './detect.ts';

/**
 * Writes the incidents of a school's cameras. The window moves over a long incident, so its first sample in view is
 * not its beginning: an incident that is already known keeps the beginning that was seen.
 */
export async function keepIncidents(store: Store, schoolId: string, facts: Facts): Promise<void> {
  const { policy, periods } = facts;
  const from = periods[0]?.from ?? facts.now;
  const everyMs = (policy.expectedEverySeconds.camera ?? 300) * 1000;
  const known = await store
    .selectFrom('incident')
    .selectAll()
    .where('school_id', '=', schoolId)
    .where((eb) => eb.or([eb('to_at', 'is', null), eb('to_at', '>=', from)]))
    .execute();
  for (const asset of facts.assets.filter((candidate) => candidate.kind === 'camera')) {
    const samples = samplesOf(facts, 'camera', asset.target);
    for (const incident of cameraIncidents(samples, periods, everyMs, policy.incidentMinSeconds * 1000)) {
      const before = known.find(
        (row) =>
          row.asset_id === asset.id && row.from_at <= incident.from && (row.to_at ?? incident.from) >= incident.from,
      );
      const { to, state } = incident;
      if (before && before.to_at === to && before.state === state) continue;
      await store
        .insertInto('incident')
        .values({
          school_id: schoolId,
          asset_id: asset.id,
          from_at: before?.from_at ?? incident.from,
          to_at: to,
          state,
        })
        .onConflict((conflict) => conflict.columns(['asset_id', 'from_at']).doUpdateSet({ to_at: to, state }))
        .execute();
    }
    // Repaired before it counted as an incident again in this window: a live last sample closes what is still open.
    const last = samples.at(-1);
    if (last?.values.state === 'live')
      await store
        .updateTable('incident')
        .set({ to_at: last.at })
        .where('asset_id', '=', asset.id)
        .where('to_at', 'is', null)
        .where('from_at', '<', last.at)
        .execute();
  }
}
