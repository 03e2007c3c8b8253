import type { Machine } from '../../shared/wire/machine.ts';
import { Problem } from '../api/errors.ts';
import type { LinkedBy } from '../api/schemas/machines.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';

/** Which device of the inventory a PC is. What a PC says of itself links it only where nothing else could be meant. */

/** A person said that it is none: nothing links it by itself any more. */
const UNDONE = 'undone';

/**
 * Links a PC that is linked to nothing: by MAC address where exactly one expected device bears one of its own, or, where
 * no address is known on one of the sides, by its name where exactly one bears it as name or target.
 */
export async function linkByItself(write: Store, machineId: string, at: number): Promise<void> {
  const linked = await write.selectFrom('asset').select('id').where('machine_id', '=', machineId).executeTakeFirst();
  if (linked) return;
  const machine = await write.selectFrom('machine').selectAll().where('id', '=', machineId).executeTakeFirstOrThrow();
  if (machine.linked_by === UNDONE) return;
  const assets = await write
    .selectFrom('asset')
    .select(['id', 'name', 'target', 'mac', 'kind', 'machine_id'])
    .where('school_id', '=', machine.school_id)
    .where('status', '=', 'expected')
    .execute();
  const { macs } = JSON.parse(machine.parts) as Machine;
  const byMac = assets.filter(({ mac }) => mac !== null && macs.includes(mac));
  const name = plain(machine.hostname);
  const byName = assets.filter(({ mac, name: own, target }) => {
    const isUnaddressed = mac === null || macs.length === 0;
    return isUnaddressed && (plain(own) === name || (target !== null && plain(target) === name));
  });
  const found = byMac.length > 0 ? byMac : byName;
  const [asset] = found;
  if (found.length !== 1 || asset!.kind !== 'pc' || asset!.machine_id !== null) return;
  await link(write, { machineId, assetId: asset!.id, how: byMac.length > 0 ? 'mac' : 'name', by: null, at });
}

const plain = (text: string) => text.normalize('NFC').trim().toLowerCase();

interface Link {
  machineId: string;
  assetId: string;
  how: LinkedBy;
  /** Person's id; null: the collector by itself. */
  by: string | null;
  at: number;
}

/** Writes a link and its row in the audit log. Both ends are free and of one school. */
export async function link(write: Store, { machineId, assetId, how, by, at }: Link): Promise<void> {
  const asset = await write
    .updateTable('asset')
    .set({ machine_id: machineId })
    .where('id', '=', assetId)
    .returning('school_id')
    .executeTakeFirstOrThrow();
  await write.updateTable('machine').set({ linked_by: how }).where('id', '=', machineId).execute();
  const subject = `school/${asset.school_id}/asset/${assetId}`;
  await record(
    write,
    { by, action: 'machine.linked', subject, before: null, after: { machine: machineId, by: how } },
    at,
  );
}

/** A person says which device a PC is, or (null) that it is none. Answers the school. Throws Problem. */
export function relink(
  store: Store,
  { machineId, assetId, by, at }: { machineId: string; assetId: string | null; by: string; at: number },
): Promise<string> {
  return store.transaction().execute(async (write) => {
    const machine = await write
      .selectFrom('machine')
      .select(['id', 'school_id'])
      .where('id', '=', machineId)
      .executeTakeFirst();
    if (!machine) throw new Problem('not-found', 'không có máy này');
    const schoolId = machine.school_id;
    const before = await write
      .updateTable('asset')
      .set({ machine_id: null })
      .where('machine_id', '=', machineId)
      .where('id', '!=', assetId ?? '')
      .returning('id')
      .executeTakeFirst();
    if (before) {
      const subject = `school/${schoolId}/asset/${before.id}`;
      await record(write, { by, action: 'machine.unlinked', subject, before: { machine: machineId }, after: null }, at);
    }
    if (assetId === null) {
      await write.updateTable('machine').set({ linked_by: UNDONE }).where('id', '=', machineId).execute();
      return schoolId;
    }
    const asset = await write
      .selectFrom('asset')
      .select(['school_id', 'kind', 'status', 'name', 'machine_id'])
      .where('id', '=', assetId)
      .executeTakeFirst();
    if (asset?.school_id !== schoolId) throw new Problem('input-invalid', 'thiết bị không thuộc trường này');
    if (asset.kind !== 'pc' || asset.status !== 'expected')
      throw new Problem('input-invalid', 'chỉ gắn được với máy tính đang dùng trong danh mục');
    if (asset.machine_id !== null && asset.machine_id !== machineId)
      throw new Problem('already-exists', `“${asset.name}” đang gắn với máy khác: gỡ máy kia trước`);
    if (asset.machine_id === null) await link(write, { machineId, assetId, how: 'person', by, at });
    return schoolId;
  });
}
