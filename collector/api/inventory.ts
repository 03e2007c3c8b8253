import type { FastifyRequest } from 'fastify';
import type { Selectable } from 'kysely';
import Type, { type Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods } from '../../shared/calendar.ts';
import { type Change, record } from '../audit/audit.ts';
import { PolicyChanges } from '../compliance/policy.ts';
import { type AssetRow, addressOf, macOf, requireFreeMac, shownAsset } from '../inventory/assets.ts';
import { foundAssets } from '../inventory/found.ts';
import type { Store } from '../store/sqlite.ts';
import type { RoomTable } from '../store/tables.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id, type Level, Nullable } from './schemas/common.ts';
import {
  type AssetKind,
  CalendarShape,
  ChangedAsset,
  ExpectingRoom,
  Inventory,
  ListedAsset,
  NewAsset,
  NewRoom,
  NewSchool,
  NewUnit,
  type RoomKind,
} from './schemas/school.ts';

/** School days in which a device must have been met to count as found. */
const FOUND_DAYS = 10;

const Unit = Type.Object({ id: Id, name: Type.String(), parentId: Nullable(Id), practice: Type.Boolean() });
const Made = Type.Object({ id: Id });
const params = Type.Object({ id: Id });

/** Throws Problem `not-found` unless the school exists. */
export async function requireSchool(store: Store, id: string): Promise<void> {
  const school = await store.selectFrom('school').select('id').where('id', '=', id).executeTakeFirst();
  if (!school) throw new Problem('not-found', 'không có trường này');
}

/** Organisation tree, schools, rooms, assets. */
export function inventoryRoutes(app: App, context: Context): void {
  const { store, now } = context;
  const admin = { needs: 'admin' } as const;
  /** A change and its row in the audit log, or neither. `taken` is said when a constraint of the store refuses it. */
  const change = (
    request: FastifyRequest,
    about: Omit<Change, 'by'>,
    work: (write: Store) => Promise<unknown>,
    taken = 'dữ liệu vừa thay đổi: tải lại rồi thử tiếp',
  ) =>
    refuseBroken(taken, () =>
      store.transaction().execute(async (write) => {
        await work(write);
        await record(write, { by: request.person!.id, ...about }, now());
      }),
    );

  app.get('/units', { schema: { response: { 200: Type.Array(Unit) } }, config: { needs: 'viewer' } }, async () =>
    (await store.selectFrom('org_unit').selectAll().orderBy('name').execute()).map((unit) => ({
      id: unit.id,
      name: unit.name,
      parentId: unit.parent_id,
      practice: unit.practice === 1,
    })),
  );

  app.post('/units', { schema: { body: NewUnit, response: { 201: Made } }, config: admin }, async (request, reply) => {
    const id = uuidv7();
    const { name, parentId } = await checkedUnit(store, id, request.body);
    const about = { action: 'unit.created', subject: `unit/${id}`, before: null, after: { name, parentId } };
    await change(request, about, (write) =>
      write.insertInto('org_unit').values({ id, name, parent_id: parentId, policy: '{}', practice: 0 }).execute(),
    );
    return reply.code(201).send({ id });
  });

  app.put(
    '/units/:id',
    { schema: { params, body: NewUnit, response: { 200: Made } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const { name, parentId } = await checkedUnit(store, id, request.body);
      const before = await store
        .selectFrom('org_unit')
        .select(['name', 'parent_id as parentId'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có đơn vị này');
      const about = { action: 'unit.changed', subject: `unit/${id}`, before, after: { name, parentId } };
      await change(request, about, (write) =>
        write.updateTable('org_unit').set({ name, parent_id: parentId }).where('id', '=', id).execute(),
      );
      await touchAll(context);
      return { id };
    },
  );

  app.delete(
    '/units/:id',
    { schema: { params, response: { 204: Type.Null() } }, config: admin },
    async (request, reply) => {
      const { id } = request.params;
      const before = await store.selectFrom('org_unit').selectAll().where('id', '=', id).executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có đơn vị này');
      await change(
        request,
        { action: 'unit.removed', subject: `unit/${id}`, before, after: null },
        (write) => write.deleteFrom('org_unit').where('id', '=', id).execute(),
        'đơn vị còn trường hoặc đơn vị con: chuyển chúng sang đơn vị khác trước',
      );
      return reply.code(204).send(null);
    },
  );

  app.put(
    '/units/:id/policy',
    { schema: { params, body: PolicyChanges, response: { 200: PolicyChanges } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const unit = await store.selectFrom('org_unit').select('policy').where('id', '=', id).executeTakeFirst();
      if (!unit) throw new Problem('not-found', 'không có đơn vị này');
      const about = {
        action: 'policy.changed',
        subject: `unit/${id}`,
        before: JSON.parse(unit.policy) as unknown,
        after: request.body,
      };
      await change(request, about, (write) =>
        write
          .updateTable('org_unit')
          .set({ policy: JSON.stringify(request.body) })
          .where('id', '=', id)
          .execute(),
      );
      await touchAll(context);
      return request.body;
    },
  );

  app.post(
    '/schools',
    { schema: { body: NewSchool, response: { 201: Made } }, config: admin },
    async (request, reply) => {
      const id = uuidv7();
      const row = await checkedSchool(store, id, request.body);
      const about = { action: 'school.created', subject: `school/${id}`, before: null, after: row };
      await change(request, about, (write) =>
        write
          .insertInto('school')
          .values({ id, ...row, calendar: null })
          .execute(),
      );
      context.judging.touch(id);
      return reply.code(201).send({ id });
    },
  );

  app.put(
    '/schools/:id',
    { schema: { params, body: NewSchool, response: { 200: Made } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const before = await store
        .selectFrom('school')
        .select(['unit_id', 'code', 'name', 'levels'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có trường này');
      const row = await checkedSchool(store, id, request.body);
      const about = { action: 'school.changed', subject: `school/${id}`, before, after: row };
      await change(request, about, (write) => write.updateTable('school').set(row).where('id', '=', id).execute());
      context.judging.touch(id);
      return { id };
    },
  );

  app.put(
    '/schools/:id/calendar',
    { schema: { params, body: CalendarShape, response: { 200: CalendarShape } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const before = await store.selectFrom('school').select('calendar').where('id', '=', id).executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có trường này');
      const { week, closed } = request.body;
      if (week.some((hours) => hours !== null && hours[0] >= hours[1]))
        throw new Problem('input-invalid', 'giờ mở cửa phải trước giờ đóng cửa');
      if (closed.some(({ from, to }) => from > to))
        throw new Problem('input-invalid', 'ngày đầu của kỳ nghỉ phải trước ngày cuối');
      const calendar = JSON.stringify({ ...DEFAULT_CALENDAR, week, closed } satisfies Calendar);
      const was = before.calendar === null ? null : (JSON.parse(before.calendar) as unknown);
      const about = { action: 'calendar.changed', subject: `school/${id}`, before: was, after: { week, closed } };
      await change(request, about, (write) =>
        write.updateTable('school').set({ calendar }).where('id', '=', id).execute(),
      );
      context.judging.touch(id);
      return request.body;
    },
  );

  app.get(
    '/schools/:id/inventory',
    { schema: { params, response: { 200: Inventory } }, config: { needs: 'school', own: 'id' } },
    async (request): Promise<Inventory> => {
      const { id } = request.params;
      const school = await store.selectFrom('school').selectAll().where('id', '=', id).executeTakeFirst();
      if (!school) throw new Problem('not-found', 'không có trường này');
      const calendar = school.calendar === null ? DEFAULT_CALENDAR : (JSON.parse(school.calendar) as Calendar);
      const { week, closed } = calendar;
      const since = lastPeriods(calendar, 'school-day', now(), FOUND_DAYS)[0]?.from ?? now();
      const found = await foundAssets(store, id, since);
      const rooms = await store.selectFrom('room').selectAll().where('school_id', '=', id).orderBy('name').execute();
      const assets = await store.selectFrom('asset').selectAll().where('school_id', '=', id).orderBy('name').execute();
      return {
        school: {
          id,
          unitId: school.unit_id,
          code: school.code,
          name: school.name,
          levels: JSON.parse(school.levels) as Level[],
        },
        calendar: { week: week.map((hours) => (hours ? [hours[0], hours[1]] : null)), closed: [...closed] },
        foundSince: new Date(since).toISOString(),
        rooms: rooms.map((room) => {
          const inside = assets.filter((asset) => asset.room_id === room.id && asset.status === 'expected');
          const of = (kind: AssetKind) => inside.filter((asset) => asset.kind === kind);
          const seen = (kind: AssetKind) => of(kind).filter((asset) => found.has(asset.id)).length;
          return {
            ...shownRoom(room),
            pcs: of('pc').length,
            printers: of('printer').length,
            foundPcs: seen('pc'),
            foundPrinters: seen('printer'),
          };
        }),
        assets: assets.map(shownAsset),
      };
    },
  );

  app.post(
    '/schools/:id/rooms',
    { schema: { params, body: NewRoom, response: { 201: ExpectingRoom } }, config: admin },
    async (request, reply) => {
      const schoolId = request.params.id;
      await requireSchool(store, schoolId);
      const row = {
        id: uuidv7(),
        school_id: schoolId,
        created_at: now(),
        ...roomFields(request.body, { expected_pcs: null, expected_printers: null }),
      };
      const room = shownRoom(row);
      await change(
        request,
        { action: 'room.created', subject: `school/${schoolId}/room/${room.id}`, before: null, after: room },
        (write) => write.insertInto('room').values(row).execute(),
        `trường đã có phòng ${room.name}`,
      );
      context.judging.touch(schoolId);
      return reply.code(201).send(room);
    },
  );

  app.put(
    '/rooms/:id',
    { schema: { params, body: NewRoom, response: { 200: ExpectingRoom } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const before = await store.selectFrom('room').selectAll().where('id', '=', id).executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có phòng này');
      const room = roomFields(request.body, before);
      await change(
        request,
        { action: 'room.changed', subject: `school/${before.school_id}/room/${id}`, before, after: room },
        (write) => write.updateTable('room').set(room).where('id', '=', id).execute(),
        `trường đã có phòng ${room.name}`,
      );
      context.judging.touch(before.school_id);
      return shownRoom({ ...before, ...room });
    },
  );

  app.delete(
    '/rooms/:id',
    { schema: { params, response: { 204: Type.Null() } }, config: admin },
    async (request, reply) => {
      const { id } = request.params;
      const before = await store.selectFrom('room').selectAll().where('id', '=', id).executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có phòng này');
      await change(
        request,
        { action: 'room.removed', subject: `school/${before.school_id}/room/${id}`, before, after: null },
        (write) => write.deleteFrom('room').where('id', '=', id).execute(),
        'phòng còn thiết bị: chuyển thiết bị sang phòng khác trước',
      );
      context.judging.touch(before.school_id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/schools/:id/assets',
    { schema: { params, body: NewAsset, response: { 201: ListedAsset } }, config: admin },
    async (request, reply) => {
      const schoolId = request.params.id;
      await requireSchool(store, schoolId);
      const row = {
        id: uuidv7(),
        school_id: schoolId,
        status: 'expected',
        machine_id: null,
        created_at: now(),
        ...(await checkedAsset(store, schoolId, request.body, { mac: null, address: null })),
      };
      await change(
        request,
        { action: 'asset.created', subject: `school/${schoolId}/asset/${row.id}`, before: null, after: row },
        async (write) => {
          await requireFreeMac(write, row);
          await write.insertInto('asset').values(row).execute();
        },
        `mã theo dõi ${row.target} đã gán cho thiết bị khác của trường`,
      );
      context.judging.touch(schoolId);
      return reply.code(201).send(shownAsset(row));
    },
  );

  app.put(
    '/assets/:id',
    { schema: { params, body: ChangedAsset, response: { 200: ListedAsset } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const { status } = request.body;
      const before = await store.selectFrom('asset').selectAll().where('id', '=', id).executeTakeFirst();
      if (!before) throw new Problem('not-found', 'không có thiết bị này');
      // A device that comes back is held to the days from now on.
      const created_at = before.status === 'retired' && status === 'expected' ? now() : before.created_at;
      const row = {
        ...before,
        status,
        created_at,
        // A PC that is retired may come back as another device.
        machine_id: status === 'retired' ? null : before.machine_id,
        ...(await checkedAsset(store, before.school_id, request.body, before)),
      };
      await change(
        request,
        { action: 'asset.changed', subject: `school/${before.school_id}/asset/${id}`, before, after: row },
        async (write) => {
          await requireFreeMac(write, row);
          await write.updateTable('asset').set(row).where('id', '=', id).execute();
        },
        `mã theo dõi ${row.target} đã gán cho thiết bị khác của trường`,
      );
      context.judging.touch(before.school_id);
      return shownAsset(row);
    },
  );
}

/** Names and codes in one spelling: composed letters (NFC), no spaces around. An agent's ids are read the same way. */
const neat = (text: string): string => text.normalize('NFC').trim();

async function touchAll({ store, judging }: Context): Promise<void> {
  for (const { id } of await store.selectFrom('school').select('id').execute()) judging.touch(id);
}

async function checkedUnit(store: Store, id: string, given: { name: string; parentId: string | null }) {
  const name = neat(given.name);
  const units = await store.selectFrom('org_unit').select(['id', 'name', 'parent_id']).execute();
  const { parentId } = given;
  if (parentId !== null && !units.some((unit) => unit.id === parentId))
    throw new Problem('input-invalid', 'đơn vị cấp trên không tồn tại');
  if (units.some((unit) => unit.id !== id && unit.parent_id === parentId && unit.name === name))
    throw new Problem('already-exists', `đã có đơn vị ${name}`);
  const above = new Set<string>();
  for (let at = parentId; at !== null && !above.has(at); at = units.find((unit) => unit.id === at)?.parent_id ?? null)
    above.add(at);
  if (above.has(id)) throw new Problem('input-invalid', 'đơn vị không thể thuộc chính nó hay đơn vị con của nó');
  return { name, parentId };
}

async function checkedSchool(store: Store, id: string, given: Static<typeof NewSchool>) {
  const code = neat(given.code);
  const unit = await store.selectFrom('org_unit').select('id').where('id', '=', given.unitId).executeTakeFirst();
  if (!unit) throw new Problem('input-invalid', 'đơn vị không tồn tại: chọn lại đơn vị');
  const same = await store.selectFrom('school').select('id').where('code', '=', code).executeTakeFirst();
  if (same && same.id !== id) throw new Problem('already-exists', `mã trường ${code} đã có`);
  return { unit_id: given.unitId, code, name: neat(given.name), levels: JSON.stringify([...new Set(given.levels)]) };
}

async function checkedAsset(
  store: Store,
  schoolId: string,
  given: Static<typeof NewAsset>,
  before: Pick<AssetRow, 'mac' | 'address'>,
) {
  const { roomId, kind, use, licence = null } = given;
  if (roomId !== null) {
    const room = await store.selectFrom('room').select('school_id').where('id', '=', roomId).executeTakeFirst();
    if (room?.school_id !== schoolId) throw new Problem('input-invalid', 'phòng không thuộc trường này');
  }
  const target = given.target === null ? null : neat(given.target);
  const mac = given.mac === undefined ? before.mac : macOf(given.mac ?? '');
  if (mac === undefined)
    throw new Problem('input-invalid', 'địa chỉ MAC gồm sáu cặp 0–9, a–f, ví dụ 00:1a:2b:3c:4d:5e');
  const address = given.address === undefined ? before.address : addressOf(given.address ?? '');
  if (address === undefined) throw new Problem('input-invalid', 'địa chỉ IP không đúng dạng, ví dụ 192.168.1.20');
  return { room_id: roomId, kind, use, name: neat(given.name), target, licence: licence?.trim() || null, mac, address };
}

type RoomCounts = Pick<Selectable<RoomTable>, 'expected_pcs' | 'expected_printers'>;

const roomFields = (given: Static<typeof NewRoom>, before: RoomCounts) => ({
  name: neat(given.name),
  kind: given.kind,
  expected_pcs: given.expectedPcs === undefined ? before.expected_pcs : given.expectedPcs,
  expected_printers: given.expectedPrinters === undefined ? before.expected_printers : given.expectedPrinters,
});

const shownRoom = (row: Pick<RoomTable, 'id' | 'name' | 'kind'> & RoomCounts): ExpectingRoom => ({
  id: row.id,
  name: row.name,
  kind: row.kind as RoomKind,
  expectedPcs: row.expected_pcs,
  expectedPrinters: row.expected_printers,
});

/** Turns a broken constraint of the store into a Problem. */
async function refuseBroken(message: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (code.startsWith('SQLITE_CONSTRAINT')) throw new Problem('already-exists', message);
    throw error;
  }
}
