import { v7 as uuidv7 } from 'uuid';
import type { Machine } from '../../shared/wire/machine.ts';
import type { MachineAdoption } from '../api/schemas/machines.ts';
import type { ProposalsDone } from '../api/schemas/proposals.ts';
import { record } from '../audit/audit.ts';
import type { AssetRow } from '../inventory/assets.ts';
import type { Store } from '../store/sqlite.ts';
import { link } from './link.ts';

/** Makes a device of the inventory of each PC, linked to it: all of what is asked, or nothing and an error for each that cannot be. */
export function adoptMachines(
  store: Store,
  { schoolId, by, at }: { schoolId: string; by: string; at: number },
  items: readonly MachineAdoption[],
): Promise<ProposalsDone> {
  return store.transaction().execute(async (write) => {
    const machines = await write.selectFrom('machine').selectAll().where('school_id', '=', schoolId).execute();
    const assets = await write.selectFrom('asset').selectAll().where('school_id', '=', schoolId).execute();
    const rooms = await write.selectFrom('room').select('id').where('school_id', '=', schoolId).execute();
    const found = await write.selectFrom('proposal').select('key').where('school_id', '=', schoolId).execute();
    const met = new Set(found.map(({ key }) => key));
    const taken = new Set(assets.map(({ mac }) => mac));
    const seen = new Set<string>();
    const errors: ProposalsDone['errors'] = [];
    const made: { row: AssetRow; machineId: string }[] = [];
    for (const { machineId, use, roomId, name } of items) {
      const machine = machines.find(({ id }) => id === machineId);
      const linked = assets.find(({ machine_id }) => machine_id === machineId);
      const refuse = (why: string) => errors.push({ key: machineId, why });
      if (!machine) refuse('không có máy này: tải lại danh sách');
      else if (seen.has(machineId)) refuse('chọn hai lần trong cùng một yêu cầu');
      else if (linked) refuse(`đang gắn với thiết bị “${linked.name}”`);
      else if (roomId !== null && !rooms.some(({ id }) => id === roomId))
        refuse('phòng không thuộc trường này: chọn lại phòng');
      else {
        const free = (JSON.parse(machine.parts) as Machine).macs.filter((mac) => !taken.has(mac));
        // Of two interfaces the one that was met on the school's network.
        const mac = free.find((one) => met.has(`mac-${one.replaceAll(':', '')}`)) ?? free[0] ?? null;
        if (mac !== null) taken.add(mac);
        const own = { id: uuidv7(), school_id: schoolId, room_id: roomId, kind: 'pc', use, mac, address: null };
        const rest = { name: name.normalize('NFC').trim(), target: null, status: 'expected', licence: null };
        made.push({ machineId, row: { ...own, ...rest, machine_id: null, created_at: at } });
      }
      seen.add(machineId);
    }
    if (errors.length > 0) return { done: 0, errors };
    for (const { row, machineId } of made) {
      await write.insertInto('asset').values(row).execute();
      const subject = `school/${schoolId}/asset/${row.id}`;
      await record(write, { by, action: 'asset.created', subject, before: null, after: row }, at);
      await link(write, { machineId, assetId: row.id, how: 'person', by, at });
    }
    return { done: made.length, errors };
  });
}
