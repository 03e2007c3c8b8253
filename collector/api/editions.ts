import Type from 'typebox';
import { compareEditions } from '../../shared/rubric/compare.ts';
import { itemsOf } from '../../shared/rubric/edition.ts';
import { readingsOf } from '../../shared/rubric/readings.ts';
import { chooseInPeriod } from '../editions/period.ts';
import { schoolsOf } from '../evaluation/jobs.ts';
import { editionOf, requireEvaluation } from '../evaluation/period.ts';
import type { App, Context } from './context.ts';
import { Id } from './schemas/common.ts';
import {
  Comparison,
  EditionDetail,
  EditionEntry,
  NewEdition,
  NewInForce,
  ReadingChoice,
  ReadingViews,
} from './schemas/edition.ts';

const Key = Type.String({ minLength: 1, maxLength: 128 });
/** The text of an edition as a JSON string: every quote and line break of it is escaped. */
const EDITION_BODY_BYTES = 5_000_000;

/** Editions of the rubric, how they are read, and which one is in force. */
export function editionRoutes(app: App, context: Context): void {
  const { store, editions, now } = context;
  const viewer = { needs: 'viewer' } as const;
  const admin = { needs: 'admin' } as const;
  const tell = (schoolIds: readonly string[]) => {
    const at = new Date(now()).toISOString();
    for (const schoolId of schoolIds) context.live.publish({ schoolId, at });
  };
  const allSchools = async () => (await store.selectFrom('school').select('id').execute()).map((school) => school.id);

  app.get('/editions', { schema: { response: { 200: Type.Array(EditionEntry) } }, config: viewer }, () =>
    entriesOf(context),
  );

  app.post(
    '/editions',
    { bodyLimit: EDITION_BODY_BYTES, schema: { body: NewEdition, response: { 201: EditionEntry } }, config: admin },
    async (request, reply) => {
      const { key } = await editions.add(request.body.text, { by: request.person!.id, at: now() });
      return reply.code(201).send((await entriesOf(context)).find((entry) => entry.key === key)!);
    },
  );

  app.put(
    '/editions/in-force',
    { schema: { body: NewInForce, response: { 200: Type.Array(EditionEntry) } }, config: admin },
    async (request) => {
      const { key, reason } = request.body;
      await editions.putInForce(key, { by: request.person!.id, reason, at: now() });
      tell(await allSchools());
      return entriesOf(context);
    },
  );

  app.get(
    '/editions/:edition',
    { schema: { params: Type.Object({ edition: Key }), response: { 200: EditionDetail } }, config: viewer },
    async (request) => {
      const { edition } = editions.require(request.params.edition);
      return { edition, readings: readingsOf(edition) };
    },
  );

  app.get(
    '/editions/:edition/compare/:other',
    { schema: { params: Type.Object({ edition: Key, other: Key }), response: { 200: Comparison } }, config: viewer },
    async (request) => {
      const { edition, other } = request.params;
      return compareEditions(editions.require(edition).edition, editions.require(other).edition);
    },
  );

  app.put(
    '/editions/:edition/readings/:reading',
    {
      schema: {
        params: Type.Object({ edition: Key, reading: Id }),
        body: ReadingChoice,
        response: { 200: ReadingViews },
      },
      config: admin,
    },
    async (request) => {
      const { edition: key, reading } = request.params;
      const { choice, reason } = request.body;
      const act = { by: request.person!.id, reason, at: now() };
      const known = await editions.choose(key, reading, choice, act);
      if (known.edition === editions.inForce()) tell(await allSchools());
      return readingsOf(known.edition);
    },
  );

  app.get(
    '/evaluations/:id/readings',
    { schema: { params: Type.Object({ id: Id }), response: { 200: ReadingViews } }, config: viewer },
    async (request) => readingsOf(editionOf(await requireEvaluation(store, request.params.id))),
  );

  app.put(
    '/evaluations/:id/readings/:reading',
    {
      schema: { params: Type.Object({ id: Id, reading: Id }), body: ReadingChoice, response: { 200: ReadingViews } },
      config: admin,
    },
    async (request) => {
      const { id, reading } = request.params;
      const { choice, reason } = request.body;
      const act = { by: request.person!.id, reason, at: now() };
      const row = await chooseInPeriod(store, id, reading, choice, act);
      tell(await schoolsOf(store, id));
      return readingsOf(editionOf(row));
    },
  );
}

async function entriesOf({ store, editions }: Context): Promise<EditionEntry[]> {
  const [periods, people] = await Promise.all([
    store.selectFrom('evaluation').select(['id', 'name', 'edition']).orderBy('created_at', 'desc').execute(),
    store.selectFrom('person').select(['id', 'name']).execute(),
  ]);
  const uses = periods.map(({ id, name, edition }) => {
    const own = JSON.parse(edition) as { id: string; date: string };
    return { id, name, edition: own.id, date: own.date };
  });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const inForce = editions.known().key;
  return editions.list().map(({ key, edition, uploaded }): EditionEntry => {
    const items = itemsOf(edition);
    const { id, date, title, issuer, max } = edition;
    return {
      key,
      id,
      date,
      title,
      issuer,
      max,
      source: uploaded === null ? 'shipped' : 'uploaded',
      inForce: key === inForce,
      items: items.length,
      rules: items.reduce((sum, item) => sum + item.rules.length, 0),
      evaluations: uses
        .filter((use) => use.edition === id && use.date === date)
        .map(({ id: of, name }) => ({ id: of, name })),
      uploadedBy: uploaded === null ? null : (names.get(uploaded.by) ?? ''),
      uploadedAt: uploaded === null ? null : new Date(uploaded.at).toISOString(),
    };
  });
}
