import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { PolicyChanges } from '../compliance/policy.ts';
import type { Store } from '../store/sqlite.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id, Nullable } from './schemas/common.ts';
import { Asset, NewAsset, NewRoom, NewSchool, NewUnit, Room } from './schemas/school.ts';

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

  app.get('/units', { schema: { response: { 200: Type.Array(Unit) } }, config: { needs: 'viewer' } }, async () =>
    (await store.selectFrom('org_unit').selectAll().orderBy('name').execute()).map((unit) => ({
      id: unit.id,
      name: unit.name,
      parentId: unit.parent_id,
      practice: unit.practice === 1,
    })),
  );

  app.post('/units', { schema: { body: NewUnit, response: { 201: Made } }, config: admin }, async (request, reply) => {
    const { name, parentId } = request.body;
    const id = uuidv7();
    await refuseDuplicates('đơn vị cấp trên không tồn tại', () =>
      store.insertInto('org_unit').values({ id, name, parent_id: parentId, policy: '{}', practice: 0 }).execute(),
    );
    return reply.code(201).send({ id });
  });

  app.put(
    '/units/:id/policy',
    { schema: { params, body: PolicyChanges, response: { 200: PolicyChanges } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const unit = await store.selectFrom('org_unit').select('policy').where('id', '=', id).executeTakeFirst();
      if (!unit) throw new Problem('not-found', 'không có đơn vị này');
      const to = JSON.stringify(request.body);
      await store.updateTable('org_unit').set({ policy: to }).where('id', '=', id).execute();
      request.log.info({ unit: id, by: request.person!.username, from: unit.policy, to }, 'policy changed');
      for (const school of await store.selectFrom('school').select('id').execute()) context.touch(school.id);
      return request.body;
    },
  );

  app.post(
    '/schools',
    { schema: { body: NewSchool, response: { 201: Made } }, config: admin },
    async (request, reply) => {
      const { unitId, code, name, levels } = request.body;
      const id = uuidv7();
      await refuseDuplicates(`mã trường ${code} đã có, hoặc đơn vị không tồn tại`, () =>
        store
          .insertInto('school')
          .values({ id, unit_id: unitId, code, name, levels: JSON.stringify([...new Set(levels)]), calendar: null })
          .execute(),
      );
      context.touch(id);
      return reply.code(201).send({ id });
    },
  );

  app.post(
    '/schools/:id/rooms',
    { schema: { params, body: NewRoom, response: { 201: Room } }, config: admin },
    async (request, reply) => {
      await requireSchool(store, request.params.id);
      const room = { id: uuidv7(), ...request.body };
      await refuseDuplicates(`trường đã có phòng ${room.name}`, () =>
        store
          .insertInto('room')
          .values({ ...room, school_id: request.params.id, created_at: now() })
          .execute(),
      );
      context.touch(request.params.id);
      return reply.code(201).send(room);
    },
  );

  app.post(
    '/schools/:id/assets',
    { schema: { params, body: NewAsset, response: { 201: Asset } }, config: admin },
    async (request, reply) => {
      const schoolId = request.params.id;
      await requireSchool(store, schoolId);
      const { roomId, kind, use, name, target, licence = null } = request.body;
      if (roomId !== null) {
        const room = await store.selectFrom('room').select('school_id').where('id', '=', roomId).executeTakeFirst();
        if (room?.school_id !== schoolId) throw new Problem('input-invalid', 'phòng không thuộc trường này');
      }
      const asset = { id: uuidv7(), kind, use, name, target, status: 'expected' as const, licence };
      await refuseDuplicates(`mã theo dõi ${target} đã gán cho thiết bị khác của trường`, () =>
        store
          .insertInto('asset')
          .values({ ...asset, school_id: schoolId, room_id: roomId, created_at: now() })
          .execute(),
      );
      context.touch(schoolId);
      return reply.code(201).send({ ...asset, roomId });
    },
  );
}

/** Turns a broken constraint of the store into a Problem. */
async function refuseDuplicates(message: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (code.startsWith('SQLITE_CONSTRAINT')) throw new Problem('already-exists', message);
    throw error;
  }
}
