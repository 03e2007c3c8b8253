import type { Selectable } from 'kysely';
import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { type Calendar, DEFAULT_CALENDAR } from '../../shared/calendar.ts';
import { record } from '../audit/audit.ts';
import { PRODUCT_NAMES, readProductName } from '../compliance/antivirus-products.ts';
import { dayOf, validityOf } from '../compliance/licences.ts';
import type { Store } from '../store/sqlite.ts';
import type { LicenceTable } from '../store/tables.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import { LicenceEntry, Licences, NewLicence } from './schemas/licence.ts';

const params = Type.Object({ id: Id });
/** Entries of one school: more are no register that anybody reads. */
const MAX_ENTRIES = 200;

/**
 * The register of antivirus licences of a school: read by the school, written by the district's people, since an entry
 * decides a point.
 */
export function licenceRoutes(app: App, { store, judging, now }: Context): void {
  const write = { needs: 'assessor' } as const;

  app.get(
    '/schools/:id/licences',
    { schema: { params, response: { 200: Licences } }, config: { needs: 'school', own: 'id' } },
    async (request) => {
      const school = await schoolOf(store, request.params.id);
      const rows = await store
        .selectFrom('licence')
        .innerJoin('person', 'person.id', 'licence.by')
        .selectAll('licence')
        .select('person.name as person')
        .where('licence.school_id', '=', school.id)
        .orderBy('product')
        .orderBy('valid_from')
        .orderBy('licence.id')
        .execute();
      const today = dayOf(now(), school.utcOffsetMinutes);
      return {
        school: { id: school.id, name: school.name },
        entries: rows.map((row) => shown(row, row.person, today)),
        products: [...PRODUCT_NAMES],
      };
    },
  );

  app.post(
    '/schools/:id/licences',
    { schema: { params, body: NewLicence, response: { 201: LicenceEntry } }, config: write },
    async (request, reply) => {
      const school = await schoolOf(store, request.params.id);
      const person = request.person!;
      const row = { id: uuidv7(), school_id: school.id, ...fieldsOf(request.body), by: person.id, at: now() };
      await store.transaction().execute(async (write) => {
        await write.insertInto('licence').values(row).execute();
        const { n } = await write
          .selectFrom('licence')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('school_id', '=', school.id)
          .executeTakeFirstOrThrow();
        if (Number(n) > MAX_ENTRIES) throw new Problem('input-invalid', `sổ bản quyền đã đủ ${MAX_ENTRIES} dòng`);
        await record(write, { by: person.id, ...about('created', row), before: null, after: row }, row.at);
      });
      judging.touch(school.id);
      return reply.code(201).send(shown(row, person.name, dayOf(row.at, school.utcOffsetMinutes)));
    },
  );

  app.put(
    '/licences/:id',
    { schema: { params, body: NewLicence, response: { 200: LicenceEntry } }, config: write },
    async (request) => {
      const person = request.person!;
      const at = now();
      const row = await store.transaction().execute(async (write) => {
        const before = await entryOf(write, request.params.id);
        const row = { ...before, ...fieldsOf(request.body), by: person.id, at };
        await write.updateTable('licence').set(row).where('id', '=', row.id).execute();
        await record(write, { by: person.id, ...about('changed', row), before, after: row }, at);
        return row;
      });
      const school = await schoolOf(store, row.school_id);
      judging.touch(school.id);
      return shown(row, person.name, dayOf(at, school.utcOffsetMinutes));
    },
  );

  app.delete(
    '/licences/:id',
    { schema: { params, response: { 204: Type.Null() } }, config: write },
    async (request, reply) => {
      const by = request.person!.id;
      const gone = await store.transaction().execute(async (write) => {
        const before = await entryOf(write, request.params.id);
        await write.deleteFrom('licence').where('id', '=', before.id).execute();
        await record(write, { by, ...about('removed', before), before, after: null }, now());
        return before;
      });
      judging.touch(gone.school_id);
      return reply.code(204).send(null);
    },
  );
}

type LicenceRow = Selectable<LicenceTable>;

const about = (verb: string, { id, school_id }: LicenceRow) => ({
  action: `licence.${verb}`,
  subject: `school/${school_id}/licence/${id}`,
});

async function schoolOf(store: Store, id: string) {
  const row = await store
    .selectFrom('school')
    .select(['id', 'name', 'calendar'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new Problem('not-found', 'không có trường này');
  const calendar = row.calendar === null ? DEFAULT_CALENDAR : (JSON.parse(row.calendar) as Calendar);
  return { id: row.id, name: row.name, utcOffsetMinutes: calendar.utcOffsetMinutes };
}

async function entryOf(write: Store, id: string): Promise<LicenceRow> {
  const row = await write.selectFrom('licence').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new Problem('not-found', 'không có dòng này trong sổ bản quyền');
  return row;
}

function fieldsOf({ product, seats, validFrom, validUntil, document }: NewLicence) {
  if (validUntil !== null && validUntil < validFrom)
    throw new Problem('input-invalid', 'ngày hết hạn phải từ ngày bắt đầu trở đi');
  const neat = (text: string) => text.normalize('NFC').trim();
  return {
    product: neat(product),
    seats,
    valid_from: validFrom,
    valid_until: validUntil,
    document: neat(document),
  };
}

function shown(row: LicenceRow, by: string, today: string): LicenceEntry {
  const { id, product, seats, valid_from: validFrom, valid_until: validUntil, document } = row;
  const entry = { id, product, seats, validFrom, validUntil };
  return {
    ...entry,
    document,
    maker: readProductName(product).maker,
    state: validityOf(entry, today),
    by,
    at: new Date(row.at).toISOString(),
  };
}
