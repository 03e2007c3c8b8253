import { v7 as uuidv7 } from 'uuid';
import type { Found } from '../../shared/wire/discovery.ts';
import {
  type Adoption,
  MAX_PROPOSALS,
  type Proposal,
  type Proposals,
  type ProposalsDone,
} from '../api/schemas/proposals.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import { type AssetRow, sayMacTaken } from './assets.ts';

/** What a person makes of the devices that were found: all of what is asked, or nothing and an error for each that cannot be. */

/** Those of the school that are no devices of its inventory. */
export async function proposalsOf(store: Store, schoolId: string): Promise<Proposals> {
  const rows = await store
    .selectFrom('proposal')
    .selectAll()
    .where('school_id', '=', schoolId)
    .where('state', '!=', 'adopted')
    .orderBy('last_at', 'desc')
    .orderBy('key')
    .execute();
  const listed = await store
    .selectFrom('asset')
    .select('mac')
    .where('school_id', '=', schoolId)
    .where('mac', 'is not', null)
    .execute();
  const macs = new Set(listed.map(({ mac }) => mac));
  const open = rows
    .map((row) => ({ row, found: JSON.parse(row.body) as Found }))
    // Entered by hand since it was met last.
    .filter(({ found }) => found.mac === null || !macs.has(found.mac));
  return {
    proposals: open.slice(0, MAX_PROPOSALS).map(({ row, found }) => ({
      ...found,
      key: row.key,
      state: row.state as Proposal['state'],
      firstAt: new Date(row.first_at).toISOString(),
      lastAt: new Date(row.last_at).toISOString(),
      reportId: row.report_id,
    })),
    more: Math.max(0, open.length - MAX_PROPOSALS),
  };
}

interface By {
  schoolId: string;
  /** Person's id. */
  by: string;
  /** Epoch ms. */
  at: number;
}

/** Makes a device of each, with the MAC and address that it was met at. */
export function adopt(store: Store, { schoolId, by, at }: By, items: readonly Adoption[]): Promise<ProposalsDone> {
  return store.transaction().execute(async (write) => {
    const found = await rowsOf(write, schoolId);
    const rooms = new Set(
      (await write.selectFrom('room').select('id').where('school_id', '=', schoolId).execute()).map(({ id }) => id),
    );
    const assets = await write.selectFrom('asset').selectAll().where('school_id', '=', schoolId).execute();
    const targets = new Map(assets.flatMap(({ target, name }) => (target === null ? [] : [[target, name] as const])));
    const macs = new Map(assets.flatMap(({ mac, name }) => (mac === null ? [] : [[mac, name] as const])));
    const seen = new Set<string>();
    const errors: ProposalsDone['errors'] = [];
    const made: { row: AssetRow; key: string }[] = [];
    for (const { key, kind, use, roomId, name, target: given } of items) {
      const refuse = (why: string) => errors.push({ key, why });
      const proposal = found.get(key);
      if (!proposal) refuse('không có đề xuất này: tải lại danh sách');
      else if (seen.has(key)) refuse('chọn hai lần trong cùng một yêu cầu');
      else if (proposal.state === 'adopted') refuse('đã có trong danh mục');
      else if (proposal.state === 'ignored') refuse('đang bị bỏ qua: khôi phục trước');
      else if (roomId !== null && !rooms.has(roomId)) refuse('phòng không thuộc trường này: chọn lại phòng');
      else {
        const { mac, address, proposedId } = JSON.parse(proposal.body) as Found;
        const target = given === null ? null : (given ?? proposedId).normalize('NFC').trim();
        if (mac !== null && macs.has(mac)) refuse(sayMacTaken(mac, macs.get(mac)!));
        else if (target !== null && targets.has(target))
          refuse(`mã theo dõi ${target} đã gán cho thiết bị “${targets.get(target)}”`);
        else {
          const neat = name.normalize('NFC').trim();
          const own = {
            id: uuidv7(),
            school_id: schoolId,
            room_id: roomId,
            kind,
            use,
            name: neat,
            target,
            mac,
            address,
          };
          made.push({ key, row: { ...own, status: 'expected', licence: null, machine_id: null, created_at: at } });
          if (target !== null) targets.set(target, neat);
          if (mac !== null) macs.set(mac, neat);
        }
      }
      seen.add(key);
    }
    if (errors.length > 0) return { done: 0, errors };
    for (const { key, row } of made) {
      await write.insertInto('asset').values(row).execute();
      await setState(write, schoolId, [key], 'adopted');
      const subject = `school/${schoolId}/asset/${row.id}`;
      await record(write, { by, action: 'asset.created', subject, before: null, after: { ...row, proposal: key } }, at);
    }
    return { done: made.length, errors };
  });
}

/** From `new` to `ignored`, or back. */
export function move(
  store: Store,
  { schoolId, by, at }: By,
  keys: readonly string[],
  to: Proposal['state'],
): Promise<ProposalsDone> {
  return store.transaction().execute(async (write) => {
    const found = await rowsOf(write, schoolId);
    const errors = keys.flatMap((key) => {
      const state = found.get(key)?.state;
      if (state === undefined) return [{ key, why: 'không có đề xuất này: tải lại danh sách' }];
      return state === 'adopted' ? [{ key, why: 'đã có trong danh mục' }] : [];
    });
    const moved = [...new Set(keys)].filter((key) => found.get(key)?.state !== to);
    if (errors.length > 0 || moved.length === 0) return { done: 0, errors };
    await setState(write, schoolId, moved, to);
    const action = to === 'ignored' ? 'proposal.ignored' : 'proposal.restored';
    const after = { keys: moved };
    await record(write, { by, action, subject: `school/${schoolId}/proposals`, before: null, after }, at);
    return { done: moved.length, errors };
  });
}

async function rowsOf(write: Store, schoolId: string) {
  const rows = await write
    .selectFrom('proposal')
    .select(['key', 'state', 'body'])
    .where('school_id', '=', schoolId)
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}

const setState = (write: Store, schoolId: string, keys: readonly string[], state: string) =>
  write
    .updateTable('proposal')
    .set({ state })
    .where('school_id', '=', schoolId)
    .where('key', 'in', [...keys])
    .execute();
