import { sql } from 'kysely';
import { DISCOVERY_PROBE } from '../../shared/wire/discovery.ts';
import type { Store } from '../store/sqlite.ts';

/**
 * Ids of the school's expected devices that answered since then (epoch ms): a good sample under their target, or their
 * MAC met on the network. Samples that say "no answer" do not count, however new.
 */
export async function foundAssets(store: Store, schoolId: string, since: number): Promise<Set<string>> {
  const rows = await store
    .selectFrom('asset')
    .select('asset.id')
    .where('asset.school_id', '=', schoolId)
    .where('asset.status', '=', 'expected')
    .where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom('series')
            .select('series.target')
            .where((inner) =>
              inner.or([
                inner('series.target', '=', inner.ref('asset.target')),
                inner('series.target', '=', inner.ref('asset.machine_id')),
              ]),
            )
            .where('series.school_id', '=', schoolId)
            .where('series.last_at', '>=', since)
            .where('series.probe', '!=', DISCOVERY_PROBE)
            .where((inner) =>
              inner.exists(
                inner
                  .selectFrom('sample')
                  .select('sample.id')
                  .where('sample.school_id', '=', schoolId)
                  .whereRef('sample.probe', '=', 'series.probe')
                  .whereRef('sample.target', '=', 'series.target')
                  .where('sample.at', '>=', since)
                  .where('sample.ok', '=', 1),
              ),
            ),
        ),
        eb.exists(
          eb
            .selectFrom('proposal')
            .select('proposal.key')
            .where('proposal.school_id', '=', schoolId)
            .where('proposal.last_at', '>=', since)
            .where('proposal.key', '=', sql<string>`'mac-' || replace(asset.mac, ':', '')`),
        ),
      ]),
    )
    .execute();
  return new Set(rows.map(({ id }) => id));
}
