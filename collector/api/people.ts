import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { derivePassword, shown } from '../access/people.ts';
import { changePerson, createPerson, type GivenPerson, requireFits } from '../access/person-change.ts';
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
        await createPerson(write, { id, username, password: derived, ...about }, request.person!.id, now());
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
        const { username: _, hasPassword: __, id: ___, ...was } = before;
        await changePerson(write, id, { ...about, ...derived, active: active ? 1 : 0 }, was, request.person!.id, now());
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
async function checked({ store, editions }: Context, given: GivenPerson) {
  // Of any edition: periods are scored by other editions than live sheets.
  requireFits(given, [...editions.units().keys()]);
  const { name, role, units, schoolId } = given;
  if (
    schoolId !== null &&
    !(await store.selectFrom('school').select('id').where('id', '=', schoolId).executeTakeFirst())
  )
    throw new Problem('input-invalid', 'không có trường này');
  return { name: name.normalize('NFC').trim(), role, units: JSON.stringify(units), school_id: schoolId };
}
