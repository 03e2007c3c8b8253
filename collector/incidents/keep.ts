import { type Facts, measuredOf } from '../compliance/facts.ts';
import type { Store } from '../store/sqlite.ts';
import { cameraIncidents } from './detect.ts';

/**
 * Writes the incidents of a school's cameras. The window moves over a long incident, so its first sample in view is
 * not its beginning: an incident that is already known keeps the beginning that was seen. Reports may come late and
 * out of order, so what overlaps is one incident. A camera that is no longer expected has no open incident.
 */
export async function keepIncidents(store: Store, schoolId: string, facts: Facts): Promise<void> {
  const { policy, periods } = facts;
  const from = periods[0]?.from ?? facts.now;
  const known = await store
    .selectFrom('incident')
    .selectAll()
    .where('school_id', '=', schoolId)
    .where((eb) => eb.or([eb('to_at', 'is', null), eb('to_at', '>=', from)]))
    .execute();
  const cameras = facts.assets.filter((asset) => asset.kind === 'camera');
  await store.transaction().execute(async (write) => {
    for (const row of known)
      if (row.to_at === null && !cameras.some((asset) => asset.id === row.asset_id))
        await write
          .updateTable('incident')
          .set({ to_at: facts.now })
          .where('asset_id', '=', row.asset_id)
          .where('from_at', '=', row.from_at)
          .execute();
    for (const asset of cameras) {
      const camera = measuredOf(facts, 'camera', asset.target)?.camera;
      const own = known.filter((row) => row.asset_id === asset.id);
      const found = cameraIncidents(camera?.outages ?? [], periods, policy.incidentMinSeconds * 1000);
      const taken = new Set<number>();
      for (const { from: begun, to, state } of found) {
        const same = own.filter((row) => row.from_at <= (to ?? facts.now) && (row.to_at ?? facts.now) >= begun);
        const from_at = Math.min(begun, ...same.map((row) => row.from_at));
        for (const row of same) taken.add(row.from_at);
        if (same.length === 1 && same[0]!.from_at === from_at && same[0]!.to_at === to && same[0]!.state === state)
          continue;
        for (const row of same)
          await write
            .deleteFrom('incident')
            .where('asset_id', '=', asset.id)
            .where('from_at', '=', row.from_at)
            .execute();
        await write
          .insertInto('incident')
          .values({ school_id: schoolId, asset_id: asset.id, from_at, to_at: to, state })
          .onConflict((conflict) => conflict.columns(['asset_id', 'from_at']).doUpdateSet({ to_at: to, state }))
          .execute();
      }
      // Repaired before it counted as an incident again in this window: a live last look closes what is still open.
      const last = camera?.lastKnown;
      for (const row of own)
        if (row.to_at === null && !taken.has(row.from_at) && last && !last.isDown && last.sample.at > row.from_at)
          await write
            .updateTable('incident')
            .set({ to_at: last.sample.at })
            .where('asset_id', '=', asset.id)
            .where('from_at', '=', row.from_at)
            .execute();
    }
  });
}
