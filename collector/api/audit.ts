import Type from 'typebox';
import { checkAudit } from '../audit/audit.ts';
import type { App, Context } from './context.ts';
import { AuditCheck, AuditRow } from './schemas/audit.ts';

const PAGE = 200;

/** The audit log, newest first, and whether its chain holds. */
export function auditRoutes(app: App, { store }: Context): void {
  app.get(
    '/audit',
    {
      schema: {
        querystring: Type.Object({
          /** Rows before this number. */
          before: Type.Optional(Type.Integer({ minimum: 1 })),
          /** Beginning of the subject: `evaluation/…`. */
          subject: Type.Optional(Type.String({ maxLength: 256 })),
        }),
        response: { 200: Type.Array(AuditRow) },
      },
      config: { needs: 'admin' },
    },
    async (request) => {
      const { before, subject } = request.query;
      const rows = await store
        .selectFrom('audit')
        .leftJoin('person', 'person.id', 'audit.by')
        .select(['seq', 'at', 'person.name as name', 'action', 'subject', 'before', 'after', 'hash'])
        .$if(before !== undefined, (query) => query.where('seq', '<', before!))
        // A range instead of `like`: the text is data, not a pattern.
        .$if(subject !== undefined, (query) =>
          query.where('subject', '>=', subject!).where('subject', '<', `${subject}\uffff`),
        )
        .orderBy('seq', 'desc')
        .limit(PAGE)
        .execute();
      return rows.map((row) => ({
        seq: row.seq,
        at: new Date(row.at).toISOString(),
        by: row.name,
        action: row.action,
        subject: row.subject,
        before: JSON.parse(row.before) as unknown,
        after: JSON.parse(row.after) as unknown,
        hash: row.hash,
      }));
    },
  );

  app.get('/audit/check', { schema: { response: { 200: AuditCheck } }, config: { needs: 'admin' } }, () =>
    checkAudit(store),
  );
}
