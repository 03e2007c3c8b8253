import { createHash, randomInt } from 'node:crypto';
import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import {
  Acknowledgement,
  EnrolAnswer,
  EnrolRequest,
  MAX_REPORT_BYTES,
  REPORT_CONTENT_TYPE,
  RefusedError,
} from '../../shared/wire/report.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { requireSchool } from './inventory.ts';
import { Id } from './schemas/common.ts';
import { Enrolment } from './schemas/school.ts';

const CODE_MS = 24 * 3600 * 1000;
/** No 0/O, 1/I/L: a code is read from a screen and typed. 31^12 codes. */
const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const normalCode = (code: string) => code.toUpperCase().replaceAll(/[\s-]/g, '');
const hashCode = (code: string) => createHash('sha256').update(normalCode(code)).digest('hex');

/** Makes a one-time code that enrols one agent at a school. Only its hash is kept. */
export async function newEnrolmentCode(store: Store, schoolId: string, now: number) {
  const letters = Array.from({ length: 12 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const code = letters.match(/.{4}/g)!.join('-');
  const expires_at = now + CODE_MS;
  await store
    .insertInto('enrolment_code')
    .values({ code_hash: hashCode(code), school_id: schoolId, expires_at, used_at: null })
    .execute();
  return { code, expiresAt: new Date(expires_at).toISOString() };
}

const schoolOf = (store: Store, id: string) =>
  store.selectFrom('school').select(['id', 'name']).where('id', '=', id).executeTakeFirstOrThrow();

/**
 * The answer to an agent whose first answer was lost on the way: the same code with the same key, while the code is
 * valid, is the same agent. Any other key is refused.
 */
async function enrolledBefore(store: Store, code: string, publicKey: string, now: number) {
  const agent = await store
    .selectFrom('enrolment_code as code')
    .innerJoin('agent', (join) =>
      join.onRef('agent.school_id', '=', 'code.school_id').onRef('agent.enrolled_at', '=', 'code.used_at'),
    )
    .select(['agent.id', 'agent.school_id'])
    .where('code.code_hash', '=', hashCode(code))
    .where('code.expires_at', '>', now)
    .where('agent.public_key', '=', publicKey)
    .where('agent.status', '=', 'active')
    .executeTakeFirst();
  if (!agent) throw new Problem('code-refused', 'mã cài đặt sai, đã dùng hoặc quá hạn: xin mã mới ở trang Quản trị');
  return { agentId: agent.id, school: await schoolOf(store, agent.school_id) };
}

export function agentRoutes(app: App, context: Context): void {
  const { store, now } = context;

  app.post(
    '/schools/:id/enrolments',
    { schema: { params: Type.Object({ id: Id }), response: { 201: Enrolment } }, config: { needs: 'admin' } },
    async (request, reply) => {
      await requireSchool(store, request.params.id);
      return reply.code(201).send(await newEnrolmentCode(store, request.params.id, now()));
    },
  );

  app.post(
    '/enrol',
    {
      schema: { body: EnrolRequest, response: { 201: EnrolAnswer } },
      config: { needs: 'nobody', rateLimit: { max: 30, timeWindow: '1 minute' } },
    },
    async (request, reply) => {
      const { code, hostname, version } = request.body;
      const { kty, crv, x } = request.body.publicKey;
      const publicKey = JSON.stringify({ kty, crv, x });
      const at = now();
      const { agentId, school } = await store.transaction().execute(async (write) => {
        const agentId = uuidv7();
        const used = await write
          .updateTable('enrolment_code')
          .set({ used_at: at })
          .where('code_hash', '=', hashCode(code))
          .where('used_at', 'is', null)
          .where('expires_at', '>', at)
          .returning('school_id')
          .executeTakeFirst();
        if (!used) return enrolledBefore(write, code, publicKey, at);
        await write
          .insertInto('agent')
          .values({
            id: agentId,
            school_id: used.school_id,
            public_key: publicKey,
            hostname,
            version,
            status: 'active',
            enrolled_at: at,
            last_report_at: null,
            clock_offset_ms: null,
            health: null,
          })
          .execute();
        return { agentId, school: await schoolOf(write, used.school_id) };
      });
      return reply.code(201).send({ agentId, school, serverTime: new Date(at).toISOString() });
    },
  );

  app.post(
    '/agents/:id/revoke',
    { schema: { params: Type.Object({ id: Id }), response: { 204: Type.Null() } }, config: { needs: 'admin' } },
    async (request, reply) => {
      const { id } = request.params;
      await store.transaction().execute(async (write) => {
        const agent = await write
          .updateTable('agent')
          .set({ status: 'revoked' })
          .where('id', '=', id)
          .returning(['school_id', 'hostname'])
          .executeTakeFirst();
        if (!agent) throw new Problem('not-found', 'không có tác tử này');
        const subject = `school/${agent.school_id}/agent/${id}`;
        await record(
          write,
          { by: request.person!.id, action: 'agent.revoked', subject, before: agent.hostname, after: 'revoked' },
          now(),
        );
      });
      return reply.code(204).send(null);
    },
  );

  app.addContentTypeParser(REPORT_CONTENT_TYPE, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post(
    '/reports',
    {
      bodyLimit: MAX_REPORT_BYTES,
      schema: { response: { 200: Acknowledgement, 201: Acknowledgement } },
      // A hundred schools may stand behind one address of the network's provider.
      config: { needs: 'nobody', rateLimit: { max: 30_000, timeWindow: '1 minute' } },
    },
    async (request, reply) => {
      if (typeof request.body !== 'string')
        throw new RefusedError('report-malformed', `báo cáo phải có content-type ${REPORT_CONTENT_TYPE}`);
      const acknowledged = await context.ingest.take(request.body);
      return reply.code(acknowledged.stored === 'new' ? 201 : 200).send(acknowledged);
    },
  );
}
