import Type from 'typebox';
import { entriesOf, makeEntry } from '../evaluation/entries.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import { ManualFinding, NewManualFinding } from './schemas/finding.ts';

const params = Type.Object({ id: Id });

/** Entries on the live sheet, outside of any evaluation. */
export function findingRoutes(app: App, context: Context): void {
  const { store, editions, now } = context;

  app.get(
    '/schools/:id/findings',
    { schema: { params, response: { 200: Type.Array(ManualFinding) } }, config: { needs: 'school', own: 'id' } },
    (request) => entriesOf(store, [request.params.id], null),
  );

  app.post(
    '/schools/:id/findings',
    { schema: { params, body: NewManualFinding, response: { 201: ManualFinding } }, config: { needs: 'assessor' } },
    async (request, reply) => {
      const schoolId = request.params.id;
      const school = await store.selectFrom('school').select('levels').where('id', '=', schoolId).executeTakeFirst();
      if (!school) throw new Problem('not-found', 'không có trường này');
      const place = {
        schoolId,
        levels: JSON.parse(school.levels) as string[],
        edition: editions.inForce(),
        evaluationId: null,
      };
      const at = now();
      const entry = await makeEntry(store, place, request.person!, request.body, at);
      context.live.publish({ schoolId, at: new Date(at).toISOString() });
      return reply.code(201).send(entry);
    },
  );
}
