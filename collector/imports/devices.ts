import { v7 as uuidv7 } from 'uuid';
import { Problem } from '../api/errors.ts';
import { record } from '../audit/audit.ts';
import { type AssetRow, addressOf, macOf, requireFreeMac, sayMacTaken } from '../inventory/assets.ts';
import { choice, DEVICE_COLUMNS, KINDS, ROOM_KINDS, STATUSES, USES, wordOf } from './device-columns.ts';
import { DeviceRooms, type RoomRow, roomChange } from './device-rooms.ts';
import { type Importer, type ImportKind, type ImportRow, type ImportWork, type RowChange, RowError } from './kind.ts';

/** Rooms and devices of one school; the template comes with those that there are, and says `same` of each where unchanged. */
export const devices: ImportKind = {
  id: 'devices',
  sheet: 'Thiết bị',
  about: [
    'Mỗi dòng một thiết bị; dòng có phòng mà không có thiết bị là dòng của phòng: loại phòng và số quy định.',
    'Thiết bị được nhận ra theo mã theo dõi, không có thì theo MAC, không có nữa thì theo phòng và tên. Không thiết bị nào bị xóa.',
    'Ô để trống xóa giá trị cũ; cột không có trong tệp thì giữ nguyên giá trị cũ. Trạng thái để trống là giữ nguyên.',
    'Phòng chưa có là lỗi, trừ khi cột “Tạo phòng” ghi “có” và có loại phòng.',
  ],
  columns: DEVICE_COLUMNS,
  needs: 'admin',
  ofEvaluation: false,
  ofSchool: true,
  open,
};

async function open({ context, person, at, schoolId }: ImportWork): Promise<Importer> {
  const { store, judging } = context;
  if (schoolId === null) throw new Problem('input-invalid', 'cần nêu trường');
  const school = await store.selectFrom('school').select('id').where('id', '=', schoolId).executeTakeFirst();
  if (!school) throw new Problem('not-found', 'không có trường này');
  const roomRows = await store
    .selectFrom('room')
    .selectAll()
    .where('school_id', '=', schoolId)
    .orderBy('name')
    .execute();
  const assets = await store
    .selectFrom('asset')
    .selectAll()
    .where('school_id', '=', schoolId)
    .orderBy('name')
    .execute();
  const rooms = new DeviceRooms(schoolId, roomRows, at);
  const known = new Known(assets);
  let isTouched = false;
  const wrote = () => {
    isTouched = true;
  };
  return {
    choices: {
      room: roomRows.map(({ name }) => name),
      roomKind: ROOM_KINDS.map(([, word]) => word),
      kind: KINDS.map(([, word]) => word),
      use: USES.map(([, word]) => word),
      status: STATUSES.map(([, word]) => word),
      make: ['có', 'không'],
    },
    rows: templateRows(roomRows, assets),
    check(row, _madeAt, given): RowChange {
      if (row.name === '') return roomChange(rooms, row, given, person.id, at, wrote);
      for (const key of ['expectedPcs', 'expectedPrinters'] as const)
        if (row[key] !== '')
          throw new RowError(key, 'ghi số quy định ở dòng riêng của phòng, không ghi ở dòng thiết bị');
      const room = rooms.ofRow(row);
      const mac = macOf(row.mac!);
      if (mac === undefined) throw new RowError('mac', 'địa chỉ MAC gồm sáu cặp 0–9, a–f, ví dụ 00:1a:2b:3c:4d:5e');
      const address = addressOf(row.address!);
      if (address === undefined) throw new RowError('address', 'địa chỉ IP không đúng dạng, ví dụ 192.168.1.20');
      const said = {
        room_id: room?.id ?? null,
        name: row.name!,
        kind: choice(row, 'kind', KINDS, 'thiếu loại thiết bị'),
        ...(given.has('use') ? { use: row.use === '' ? null : choice(row, 'use', USES) } : {}),
        ...(given.has('target') ? { target: row.target || null } : {}),
        ...(given.has('mac') ? { mac } : {}),
        ...(given.has('address') ? { address } : {}),
        ...(given.has('licence') ? { licence: row.licence || null } : {}),
        ...(row.status === '' ? {} : { status: choice(row, 'status', STATUSES) }),
      };
      const before = known.find(said);
      const after: AssetRow = {
        ...(before ?? {
          id: uuidv7(),
          school_id: schoolId,
          use: null,
          target: null,
          mac: null,
          address: null,
          licence: null,
          machine_id: null,
          status: 'expected',
          created_at: at,
        }),
        ...said,
      };
      // A device that comes back is held to the days from now on.
      if (before?.status === 'retired' && after.status === 'expected') after.created_at = at;
      // And may be another PC.
      if (after.status === 'retired') after.machine_id = null;
      known.take(before, after);
      if (before && SAID.every((key) => before[key] === after[key])) return { does: 'same' };
      return {
        does: before ? 'changed' : 'created',
        write: async (write) => {
          await rooms.make(write, room, person.id);
          await requireFreeMac(write, after);
          if (before) await write.updateTable('asset').set(after).where('id', '=', after.id).execute();
          else await write.insertInto('asset').values(after).execute();
          const action = before ? 'asset.changed' : 'asset.created';
          const subject = `school/${schoolId}/asset/${after.id}`;
          await record(write, { by: person.id, action, subject, before: before ?? null, after }, at);
          wrote();
        },
      };
    },
    done: () => {
      if (isTouched) judging.touch(schoolId);
    },
  };
}

const SAID = ['room_id', 'kind', 'use', 'name', 'target', 'mac', 'address', 'licence', 'status'] as const;

/** The school's devices as the rows so far leave them. */
class Known {
  readonly #byTarget = new Map<string, AssetRow>();
  /** Expected ones. */
  readonly #byMac = new Map<string, AssetRow>();
  readonly #byPlace = new Map<string, AssetRow[]>();
  readonly #retiredByMac = new Map<string, AssetRow[]>();
  readonly #taken = new Set<string>();

  constructor(assets: readonly AssetRow[]) {
    for (const asset of assets) {
      this.#add(asset);
      const place = placeOf(asset);
      this.#byPlace.set(place, [...(this.#byPlace.get(place) ?? []), asset]);
    }
  }

  /** The device that a row means. Throws RowError where it is an earlier row's, or nobody can tell. */
  find(said: Pick<AssetRow, 'room_id' | 'name'> & Partial<AssetRow>): AssetRow | undefined {
    const { target = null, mac = null } = said;
    const byTarget = target === null ? undefined : this.#byTarget.get(target);
    if (byTarget) return this.#once(byTarget, 'target', 'mã theo dõi lặp lại trong tệp');
    const isSame = (asset: AssetRow) => SAID.every((key) => said[key] === undefined || said[key] === asset[key]);
    const isFree = ({ id }: AssetRow) => !this.#taken.has(id);
    // A MAC may be one device's that is in use, and of any number that are not any more.
    const retired = mac === null ? [] : (this.#retiredByMac.get(mac) ?? []);
    const inUse = mac === null ? undefined : this.#byMac.get(mac);
    const sameRetired = retired.find((asset) => isFree(asset) && isSame(asset));
    if (sameRetired && !(inUse && isFree(inUse) && isSame(inUse))) return sameRetired;
    const byMac = inUse ?? retired.find(isFree) ?? retired[0];
    if (byMac) {
      if (this.#taken.has(byMac.id)) throw new RowError('mac', sayMacTaken(mac!, byMac.name));
      return byMac;
    }
    const place = this.#byPlace.get(placeOf(said)) ?? [];
    // Where the row names neither, a device that has them may be meant; where it does, only one that has none yet.
    const like = place.filter(
      (asset) => (target === null || asset.target === null) && (mac === null || asset.mac === null),
    );
    const free = like.filter(isFree);
    if (free.length === 0 && like.length > 0 && target === null && mac === null)
      throw new RowError('name', 'thiết bị lặp lại trong tệp: ghi mã theo dõi hoặc MAC để phân biệt');
    const same = free.find(isSame);
    if (same) return same;
    if (free.length > 1)
      throw new RowError('name', `phòng có ${free.length} thiết bị tên này: ghi mã theo dõi hoặc MAC để phân biệt`);
    return free[0];
  }

  /** What the row makes of it. Throws RowError where another device has its target or MAC. */
  take(before: AssetRow | undefined, after: AssetRow): void {
    const { target, mac, id } = after;
    const sameTarget = target === null ? undefined : this.#byTarget.get(target);
    if (sameTarget && sameTarget.id !== id)
      throw new RowError('target', `mã theo dõi này đang là của thiết bị “${sameTarget.name}”`);
    const sameMac = mac === null || after.status !== 'expected' ? undefined : this.#byMac.get(mac);
    if (sameMac && sameMac.id !== id) throw new RowError('mac', sayMacTaken(mac!, sameMac.name));
    if (before) {
      if (before.target !== null) this.#byTarget.delete(before.target);
      if (before.mac !== null) {
        if (this.#byMac.get(before.mac)?.id === id) this.#byMac.delete(before.mac);
        const others = (this.#retiredByMac.get(before.mac) ?? []).filter((other) => other.id !== id);
        this.#retiredByMac.set(before.mac, others);
      }
    } else {
      const place = placeOf(after);
      const there = this.#byPlace.get(place);
      if (there) there.push(after);
      else this.#byPlace.set(place, [after]);
    }
    this.#add(after);
    this.#taken.add(id);
  }

  #add(asset: AssetRow): void {
    if (asset.target !== null) this.#byTarget.set(asset.target, asset);
    if (asset.mac === null) return;
    if (asset.status === 'expected') this.#byMac.set(asset.mac, asset);
    else this.#retiredByMac.set(asset.mac, [...(this.#retiredByMac.get(asset.mac) ?? []), asset]);
  }

  #once(asset: AssetRow, column: string, message: string): AssetRow {
    if (this.#taken.has(asset.id)) throw new RowError(column, message);
    return asset;
  }
}

const placeOf = ({ room_id, name }: Pick<AssetRow, 'room_id' | 'name'>) =>
  `${room_id ?? ''}\n${name.toLocaleLowerCase('vi')}`;

/** Each room with what it should hold, its devices below it, and those without a room last. */
function templateRows(rooms: readonly RoomRow[], assets: readonly AssetRow[]): ImportRow[] {
  const inside = Map.groupBy(assets, ({ room_id }) => room_id);
  const device = (room: string) => (asset: AssetRow) => ({
    room,
    name: asset.name,
    kind: wordOf(KINDS, asset.kind),
    use: wordOf(USES, asset.use),
    target: asset.target ?? '',
    mac: asset.mac ?? '',
    address: asset.address ?? '',
    licence: asset.licence ?? '',
    status: wordOf(STATUSES, asset.status),
  });
  return [
    ...rooms.flatMap((room) => [
      {
        room: room.name,
        roomKind: wordOf(ROOM_KINDS, room.kind),
        expectedPcs: String(room.expected_pcs ?? ''),
        expectedPrinters: String(room.expected_printers ?? ''),
      },
      ...(inside.get(room.id) ?? []).map(device(room.name)),
    ]),
    ...(inside.get(null) ?? []).map(device('')),
  ];
}
