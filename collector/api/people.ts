import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { derivePassword, shown } from '../access/people.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import { ChangedPerson, NewPerson, PersonView } from './schemas/session.ts';

/** Who may sign in, and for which units or school. Nobody is deleted: entries bear their names. */
export function peopleRoutes(app: App, context: Context): void {
  const { store, now } = context;
  const admin = { needs: 'admin' } as const;

  app.get('/people', { schema: { response: { 200: Type.Array(PersonView) } }, config: admin }, async () =>
    (await store.selectFrom('person').selectAll().orderBy('username').execute()).map((row) => ({
      ...shown(row),
      active: row.active === 1,
    })),
  );

  app.post(
    '/people',
    { schema: { body: NewPerson, response: { 201: PersonView } }, config: admin },
    async (request, reply) => {
      const { username, password, ...given } = request.body;
      const about = await checked(context, given);
      const id = uuidv7();
      const derived = await derivePassword(password);
      await store.transaction().execute(async (write) => {
        const made = await write
          .insertInto('person')
          .values({ id, username, password: derived, ...about })
          .onConflict((conflict) => conflict.column('username').doNothing())
          .executeTakeFirst();
        if (!made.numInsertedOrUpdatedRows) throw new Problem('already-exists', `đã có người dùng ${username}`);
        await record(
          write,
          {
            by: request.person!.id,
            action: 'person.created',
            subject: `person/${id}`,
            before: null,
            after: { username, ...given },
          },
          now(),
        );
      });
      return reply.code(201).send(await viewOf(store, id));
    },
  );

  app.put(
    '/people/:id',
    { schema: { params: Type.Object({ id: Id }), body: ChangedPerson, response: { 200: PersonView } }, config: admin },
    async (request) => {
      const { id } = request.params;
      const { password, active, ...given } = request.body;
      const before = await viewOf(store, id);
      if (id === request.person!.id && (!active || given.role !== 'admin'))
        throw new Problem('input-invalid', 'không tự khóa hay tự hạ quyền của mình: nhờ quản trị viên khác');
      const about = await checked(context, given);
      const derived = password === undefined ? {} : { password: await derivePassword(password) };
      await store.transaction().execute(async (write) => {
        await write
          .updateTable('person')
          .set({ ...about, ...derived, active: active ? 1 : 0 })
          .where('id', '=', id)
          .execute();
        if (!active || password !== undefined) await write.deleteFrom('session').where('person_id', '=', id).execute();
        const { username: _, hasPassword: __, id: ___, ...was } = before;
        await record(
          write,
          {
            by: request.person!.id,
            action: 'person.changed',
            subject: `person/${id}`,
            before: was,
            after: { ...given, active, ...(password === undefined ? {} : { password: 'đặt lại' }) },
          },
          now(),
        );
      });
      return viewOf(store, id);
    },
  );
}

async function viewOf(store: Store, id: string): Promise<PersonView> {
  const row = await store.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new Problem('not-found', 'không có người dùng này');
  return { ...shown(row), active: row.active === 1 };
}

/** A role with what belongs to it: an assessor with units of the rubric, a school's person with a school. */
async function checked({ store, editions }: Context, given: Pick<NewPerson, 'name' | 'role' | 'units' | 'schoolId'>) {
  const { role, units, schoolId } = given;
  // Of any edition: periods are scored by other editions than live sheets.
  const known = [...editions.units().keys()];
  const unknown = units.find((unit) => !known.includes(unit));
  if (unknown !== undefined)
    throw new Problem('input-invalid', `không có đơn vị đánh giá ${unknown}; có: ${known.join(', ')}`);
  if (role === 'assessor' && units.length === 0)
    throw new Problem('input-invalid', `người chấm cần ít nhất một đơn vị đánh giá: ${known.join(', ')}`);
  if (role !== 'assessor' && units.length > 0)
    throw new Problem('input-invalid', 'chỉ người chấm mới thuộc đơn vị đánh giá');
  if ((role === 'school') !== (schoolId !== null))
    throw new Problem('input-invalid', 'người của trường cần đúng một trường, người khác không thuộc trường nào');
  if (
    schoolId !== null &&
    !(await store.selectFrom('school').select('id').where('id', '=', schoolId).executeTakeFirst())
  )
    throw new Problem('input-invalid', 'không có trường này');
  return { name: given.name.normalize('NFC').trim(), role, units: JSON.stringify(units), school_id: schoolId };
}
