import type { Selectable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { plain } from '../../shared/vietnamese.ts';
import type { RoomKind } from '../api/schemas/school.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import type { RoomTable } from '../store/tables.ts';
import { ROOM_KINDS } from './device-columns.ts';
import { type ImportRow, type RowChange, RowError } from './kind.ts';

export type RoomRow = Selectable<RoomTable>;

/** Rooms of a school by name, those that earlier rows make among them. */
export class DeviceRooms {
  readonly #schoolId: string;
  readonly #at: number;
  readonly #byName = new Map<string, RoomRow>();
  /** Rooms that this file makes. */
  readonly made = new Set<string>();
  /** Rooms that had a row of their own. */
  readonly told = new Set<string>();

  constructor(schoolId: string, rooms: readonly RoomRow[], at: number) {
    this.#schoolId = schoolId;
    this.#at = at;
    for (const room of rooms) this.#byName.set(keyOf(room.name), room);
  }

  /** The row's room, made if the row says so; null where it names none. */
  ofRow({ room: name, roomKind, make }: ImportRow): RoomRow | null {
    const wants = ['co', 'x', '1'].includes(plain(make!));
    if (!wants && !['', 'khong', '0'].includes(plain(make!))) throw new RowError('make', 'chỉ ghi “có” hoặc để trống');
    if (name === '') return null;
    const kind = roomKind === '' ? null : kindOf(roomKind!);
    const found = this.#find(name!);
    if (found) {
      if (kind !== null && kind !== found.kind)
        throw new RowError('roomKind', 'khác loại của phòng này: đổi loại ở dòng riêng của phòng');
      return found;
    }
    if (!wants) throw new RowError('room', 'không có phòng này: sửa tên, hoặc ghi “có” ở cột Tạo phòng');
    if (kind === null) throw new RowError('roomKind', 'phòng được tạo cần có loại phòng');
    const room = {
      id: uuidv7(),
      school_id: this.#schoolId,
      name: name!,
      kind,
      created_at: this.#at,
      expected_pcs: null,
      expected_printers: null,
    };
    this.#byName.set(keyOf(room.name), room);
    this.made.add(room.id);
    return room;
  }

  /** Keeps what a room's own row says, for the rows below it. */
  change(room: RoomRow): void {
    this.#byName.set(keyOf(room.name), room);
  }

  /** Whoever of its rows is written first makes it in the store. */
  async make(write: Store, room: RoomRow | null, by: string): Promise<void> {
    if (!room || !this.made.has(room.id)) return;
    const inserted = await write
      .insertInto('room')
      .values(room)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    if (!inserted.numInsertedOrUpdatedRows) return;
    const subject = `school/${this.#schoolId}/room/${room.id}`;
    await record(write, { by, action: 'room.created', subject, before: null, after: room }, this.#at);
  }

  /** By the very name; one typed without diacritics also finds the one that reads like it. */
  #find(name: string): RoomRow | undefined {
    const exact = this.#byName.get(keyOf(name));
    if (exact || plain(name) !== keyOf(name)) return exact;
    const like = [...this.#byName.values()].filter((room) => plain(room.name) === keyOf(name));
    if (like.length > 1) throw new RowError('room', `có ${like.length} phòng tên như vậy: ghi đủ dấu`);
    return like[0];
  }
}

/** What a row of a room, without a device, would do: its kind and how many devices it should hold. */
export function roomChange(
  rooms: DeviceRooms,
  row: ImportRow,
  given: ReadonlySet<string>,
  by: string,
  at: number,
  wrote: () => void,
): RowChange {
  for (const key of ['kind', 'use', 'target', 'mac', 'address', 'licence', 'status'])
    if (row[key] !== '') throw new RowError('name', 'thiếu tên thiết bị');
  if (row.room === '') throw new RowError('room', 'thiếu tên phòng hoặc tên thiết bị');
  const kind = row.roomKind === '' ? null : kindOf(row.roomKind!);
  // Its kind may differ here: this row is the one that changes it.
  const known = rooms.ofRow({ ...row, roomKind: row.make === '' ? '' : row.roomKind! })!;
  if (rooms.told.has(known.id)) throw new RowError('room', 'dòng của phòng này lặp lại trong tệp');
  const after: RoomRow = {
    ...known,
    kind: kind ?? known.kind,
    ...(given.has('expectedPcs') ? { expected_pcs: countOf(row, 'expectedPcs') } : {}),
    ...(given.has('expectedPrinters') ? { expected_printers: countOf(row, 'expectedPrinters') } : {}),
  };
  rooms.told.add(known.id);
  rooms.change(after);
  const isMade = rooms.made.has(known.id);
  const isSame =
    known.kind === after.kind &&
    known.expected_pcs === after.expected_pcs &&
    known.expected_printers === after.expected_printers;
  if (isSame && !isMade) return { does: 'same' };
  return {
    does: isMade ? 'created' : 'changed',
    write: async (write) => {
      await rooms.make(write, known, by);
      const { id, school_id } = after;
      const { kind: newKind, expected_pcs, expected_printers } = after;
      await write
        .updateTable('room')
        .set({ kind: newKind, expected_pcs, expected_printers })
        .where('id', '=', id)
        .execute();
      const subject = `school/${school_id}/room/${id}`;
      await record(write, { by, action: 'room.changed', subject, before: known, after }, at);
      wrote();
    },
  };
}

const keyOf = (name: string) => name.toLocaleLowerCase('vi');

function kindOf(text: string): RoomKind {
  const found = ROOM_KINDS.find(([, ...words]) => words.some((word) => plain(word) === plain(text)));
  if (!found)
    throw new RowError('roomKind', `loại phòng là một trong: ${ROOM_KINDS.map(([, word]) => word).join(', ')}`);
  return found[0];
}

const MOST = 10_000;

function countOf(row: ImportRow, key: 'expectedPcs' | 'expectedPrinters'): number | null {
  const text = row[key]!;
  if (text === '') return null;
  if (!/^\d+$/.test(text) || Number(text) > MOST) throw new RowError(key, `phải là số nguyên từ 0 đến ${MOST}`);
  return Number(text);
}
