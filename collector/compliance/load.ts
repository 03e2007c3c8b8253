import type { Period } from '../../shared/calendar.ts';
import type { AssetKind, RoomKind, Use } from '../api/schemas/school.ts';
import type { Store } from '../store/sqlite.ts';
import type { LicenceTable } from '../store/tables.ts';
import type { Setting } from './facts.ts';
import type { Licence } from './licences.ts';
import { type FactSample, seriesKey } from './series.ts';
import type { SchoolContext } from './service.ts';

/** From the store to what is judged. */

/** Inventories of these schools with all else that their rules read beside measurements, by school. */
export async function loadSettings(
  store: Store,
  schools: readonly { context: SchoolContext; now: number; periods: readonly Period[]; isFixed?: boolean }[],
): Promise<Map<string, Setting>> {
  const ids = schools.map(({ context }) => context.school.id);
  const [rooms, assets, heard, open, licences, contests] = await Promise.all([
    store.selectFrom('room').selectAll().where('school_id', 'in', ids).orderBy('name').execute(),
    store
      .selectFrom('asset')
      .selectAll()
      .where('school_id', 'in', ids)
      .where('status', '=', 'expected')
      .orderBy('name')
      .execute(),
    store
      .selectFrom('series')
      .select(['school_id', 'probe', 'target', 'first_at'])
      .where('school_id', 'in', ids)
      .execute(),
    store
      .selectFrom('incident')
      .select(['school_id', 'asset_id', 'from_at'])
      .where('school_id', 'in', ids)
      .where('to_at', 'is', null)
      .execute(),
    store.selectFrom('licence').selectAll().where('school_id', 'in', ids).orderBy('id').execute(),
    store
      .selectFrom('agent')
      .select(['school_id', 'machine_id', 'contested_at'])
      .where('school_id', 'in', ids)
      .where('kind', '=', 'endpoint')
      .where('contested_at', 'is not', null)
      .execute(),
  ]);
  const of = {
    rooms: Map.groupBy(rooms, (row) => row.school_id),
    assets: Map.groupBy(assets, (row) => row.school_id),
    heard: Map.groupBy(heard, (row) => row.school_id),
    open: Map.groupBy(open, (row) => row.school_id),
    licences: Map.groupBy(licences, (row) => row.school_id),
    contests: Map.groupBy(contests, (row) => row.school_id),
  };
  return new Map(
    schools.map(({ context, now, periods, isFixed = false }) => {
      const { id } = context.school;
      const contestedAt = new Map<string | null, number>();
      for (const { machine_id, contested_at } of of.contests.get(id) ?? [])
        if (contested_at! <= now)
          contestedAt.set(machine_id, Math.max(contested_at!, contestedAt.get(machine_id) ?? 0));
      const setting: Setting = {
        now,
        periods,
        utcOffsetMinutes: context.calendar.utcOffsetMinutes,
        policy: context.policy,
        rooms: (of.rooms.get(id) ?? []).map((room) => ({
          id: room.id,
          name: room.name,
          kind: room.kind as RoomKind,
          since: room.created_at,
          expectedPcs: room.expected_pcs,
          expectedPrinters: room.expected_printers,
        })),
        // What was entered after the window ended was not there to be measured.
        assets: (of.assets.get(id) ?? [])
          .filter((asset) => !isFixed || asset.created_at <= now)
          .map((asset) => ({
            id: asset.id,
            name: asset.name,
            kind: asset.kind as AssetKind,
            use: asset.use as Use | null,
            roomId: asset.room_id,
            target: asset.target,
            machineId: asset.machine_id,
            ...(contestedAt.has(asset.machine_id) ? { contestedAt: contestedAt.get(asset.machine_id)! } : {}),
            licence: asset.licence,
            since: asset.created_at,
          })),
        firstHeard: new Map((of.heard.get(id) ?? []).map((row) => [seriesKey(row.probe, row.target), row.first_at])),
        openSince: new Map((of.open.get(id) ?? []).map((row) => [row.asset_id, row.from_at])),
        // A contract of the time may be entered later: its days decide, not the day of its entry.
        register: { entries: (of.licences.get(id) ?? []).map(licenceOf) },
      };
      return [id, setting];
    }),
  );
}

const licenceOf = (row: LicenceTable): Licence => ({
  id: row.id,
  product: row.product,
  seats: row.seats,
  validFrom: row.valid_from,
  validUntil: row.valid_until,
});

/** Samples of one school with `from` <= at < `to`. */
export async function loadSamples(store: Store, schoolId: string, from: number, to: number): Promise<FactSample[]> {
  const rows = await store
    .selectFrom('sample')
    .innerJoin('report', 'report.id', 'sample.report_id')
    .selectAll('sample')
    .select(['agent_id', 'received_at'])
    .where('sample.school_id', '=', schoolId)
    .where('at', '>=', from)
    .where('at', '<', to)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    reportId: row.report_id,
    agentId: row.agent_id,
    receivedAt: row.received_at,
    probe: row.probe,
    target: row.target,
    at: row.at,
    ok: row.ok === 1,
    reason: row.reason,
    values: JSON.parse(row.values) as Record<string, unknown>,
  }));
}
