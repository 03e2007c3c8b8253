import Type from 'typebox';
import { findRule } from '../../shared/rubric/edition.ts';
import { dropDraft, keepDraft } from '../evaluation/drafts.ts';
import { unitsOf } from '../evaluation/entries.ts';
import { editionOf } from '../evaluation/period.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { openPlace } from './evaluations.ts';
import { Id } from './schemas/common.ts';
import { NewDraft } from './schemas/evaluation.ts';

const params = Type.Object({ id: Id, school: Id, rule: Type.String({ minLength: 1, maxLength: 32 }) });

/** Unfinished entries of a period's sheet, kept as they are typed. */
export function draftRoutes(app: App, context: Context): void {
  const { store, now } = context;
  const tell = (schoolId: string) => context.live.publish({ schoolId, at: new Date(now()).toISOString() });

  app.put(
    '/evaluations/:id/schools/:school/drafts/:rule',
    { schema: { params, body: NewDraft, response: { 204: Type.Null() } }, config: { needs: 'assessor' } },
    async (request, reply) => {
      const person = request.person!;
      const { row, schoolId } = await openPlace(context, request.params, person);
      const edition = editionOf(row);
      const found = findRule(edition, request.params.rule);
      if (!found) throw new Problem('input-invalid', `${edition.id} không có mục ${request.params.rule}`);
      if (!unitsOf(person, edition).includes(found.item.unit))
        throw new Problem('no-rights', `mục ${found.item.id} do ${found.item.unit} chấm`);
      const place = { evaluationId: row.id, schoolId, rule: found.rule.id };
      if (await keepDraft(store, place, person, request.body.fields, now())) tell(schoolId);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/evaluations/:id/schools/:school/drafts/:rule',
    { schema: { params, response: { 204: Type.Null() } }, config: { needs: 'assessor' } },
    async (request, reply) => {
      const { row, schoolId } = await openPlace(context, request.params, request.person!);
      const place = { evaluationId: row.id, schoolId, rule: request.params.rule };
      if (await dropDraft(store, place, request.person!)) tell(schoolId);
      return reply.code(204).send(null);
    },
  );
}
