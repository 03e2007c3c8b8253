import { DISCOVERY_PROBE, type Found, foundIn, foundKey } from '../../shared/wire/discovery.ts';
import type { Report } from '../../shared/wire/report.ts';
import type { Store } from '../store/sqlite.ts';

/**
 * Keeps what a stored report's discovery found, in the transaction that stored it. The newest sample of a device counts,
 * whatever the order of their coming; one with a MAC stays the same device at its next address. A device of the
 * inventory is not proposed: its address follows. What is no `Found`, or names another device than its target, proposes
 * nothing.
 */
export async function keepProposals(write: Store, report: Report, schoolId: string): Promise<void> {
  const newest = new Map<string, Met>();
  for (const { probe, target, at, values } of report.samples) {
    if (probe !== DISCOVERY_PROBE) continue;
    const found = foundIn(values);
    if (!found || foundKey(found) !== target) continue;
    const met = { key: target, at: Date.parse(at), found };
    if (met.at >= (newest.get(target)?.at ?? Number.NEGATIVE_INFINITY)) newest.set(target, met);
  }
  for (const met of newest.values()) await keep(write, met, report.id, schoolId);
}

interface Met {
  key: string;
  at: number;
  found: Found;
}

async function keep(write: Store, { key, at, found }: Met, reportId: string, schoolId: string): Promise<void> {
  const before = await write
    .selectFrom('proposal')
    .select(['first_at', 'last_at', 'state'])
    .where('school_id', '=', schoolId)
    .where('key', '=', key)
    .executeTakeFirst();
  const first_at = Math.min(at, before?.first_at ?? at);
  if (before && at < before.last_at) {
    await write
      .updateTable('proposal')
      .set({ first_at })
      .where('school_id', '=', schoolId)
      .where('key', '=', key)
      .execute();
    return;
  }
  const isListed = found.mac !== null && (await follow(write, schoolId, found.mac, found.address));
  const sample = await write
    .selectFrom('sample')
    .select('id')
    .where('school_id', '=', schoolId)
    .where('probe', '=', DISCOVERY_PROBE)
    .where('target', '=', key)
    .where('at', '=', at)
    .where('report_id', '=', reportId)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  const row = {
    first_at,
    last_at: at,
    report_id: reportId,
    sample_id: sample.id,
    state: stateOf(before?.state, found.mac, isListed),
    body: JSON.stringify(found),
  };
  await write
    .insertInto('proposal')
    .values({ school_id: schoolId, key, ...row })
    .onConflict((conflict) => conflict.columns(['school_id', 'key']).doUpdateSet(row))
    .execute();
}

/** A device whose MAC was taken off the inventory is new again; one without a MAC stays what a person made of it. */
function stateOf(before: string | undefined, mac: string | null, isListed: boolean): string {
  if (isListed) return 'adopted';
  return before === undefined || (before === 'adopted' && mac !== null) ? 'new' : before;
}

/** Gives the devices with this MAC the address; answers whether there is one. */
async function follow(write: Store, schoolId: string, mac: string, address: string): Promise<boolean> {
  const { numUpdatedRows } = await write
    .updateTable('asset')
    .set({ address })
    .where('school_id', '=', schoolId)
    .where('mac', '=', mac)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
