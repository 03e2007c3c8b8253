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
import { countRefused, hashCode, newSiteCode } from '../machines/codes.ts';
import { enrolEndpoint } from '../machines/enrol.ts';
import type { Store } from '../store/sqlite.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { requireSchool } from './inventory.ts';
import { Id } from './schemas/common.ts';
import { Enrolment } from './schemas/school.ts';

const schoolOf = (store: Store, id: string) =>
  store.selectFrom('school').select(['id', 'name']).where('id', '=', id).executeTakeFirstOrThrow();

type Enrolling = Omit<EnrolRequest, 'publicKey'> & { publicKey: string; at: number };
type Enrolled = { agentId: string; schoolId: string; target?: string };

const REFUSED = 'mã cài đặt sai, đã dùng hoặc quá hạn: xin mã mới ở trang Quản trị';

/** By the kind of its code: one that is shown by the wrong kind of agent is not used up by it. */
async function enrol(write: Store, given: Enrolling): Promise<Enrolled> {
  const { code, machine, at } = given;
  const row = await write
    .selectFrom('enrolment_code')
    .selectAll()
    .where('code_hash', '=', hashCode(code))
    .where('expires_at', '>', at)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw new Problem('code-refused', REFUSED);
  const schoolId = row.school_id;
  if (row.kind === 'endpoint') {
    if (machine === undefined)
      throw new Problem(
        'code-refused',
        'mã này dành cho máy tính của trường: ghi "role": "endpoint" trong tệp cấu hình',
      );
    const own = { ...given, machine, schoolId, codeId: row.id!, maxMachines: row.max_machines! };
    const { agentId, machineId } = await enrolEndpoint(write, own);
    return { agentId, schoolId, target: machineId };
  }
  if (machine !== undefined)
    throw new Problem('code-refused', 'mã này dành cho máy đo của trường: xin mã cho máy tính ở trang Thiết bị');
  return { schoolId, agentId: await enrolSite(write, schoolId, row.id, given) };
}

/**
 * With the code used up, the same code with the same key is the same agent, whose first answer was lost on the way. Any
 * other key is refused.
 */
async function enrolSite(
  write: Store,
  schoolId: string,
  codeId: string | null,
  { code, publicKey, hostname, version, at }: Enrolling,
) {
  const used = await write
    .updateTable('enrolment_code')
    .set({ used_at: at })
    .where('code_hash', '=', hashCode(code))
    .where('used_at', 'is', null)
    .executeTakeFirst();
  if (used.numUpdatedRows === 0n) return enrolledBefore(write, code, publicKey);
  const agentId = uuidv7();
  await write
    .insertInto('agent')
    .values({
      id: agentId,
      school_id: schoolId,
      public_key: publicKey,
      hostname,
      version,
      status: 'active',
      enrolled_at: at,
      last_report_at: null,
      clock_offset_ms: null,
      health: null,
      code_id: codeId,
    })
    .execute();
  return agentId;
}

async function enrolledBefore(write: Store, code: string, publicKey: string): Promise<string> {
  const agent = await write
    .selectFrom('enrolment_code as code')
    .innerJoin('agent', (join) =>
      join.onRef('agent.school_id', '=', 'code.school_id').onRef('agent.enrolled_at', '=', 'code.used_at'),
    )
    .select('agent.id')
    .where('code.code_hash', '=', hashCode(code))
    .where('agent.public_key', '=', publicKey)
    .where('agent.status', '=', 'active')
    .executeTakeFirst();
  if (!agent) throw new Problem('code-refused', REFUSED);
  return agent.id;
}

export function agentRoutes(app: App, context: Context): void {
  const { store, now } = context;
  /** Somebody who installs it is watching. */
  const tell = (schoolId: string | undefined, at: number) => {
    if (schoolId !== undefined) context.live.publish({ schoolId, at: new Date(at).toISOString() });
  };

  app.post(
    '/schools/:id/enrolments',
    { schema: { params: Type.Object({ id: Id }), response: { 201: Enrolment } }, config: { needs: 'admin' } },
    async (request, reply) => {
      await requireSchool(store, request.params.id);
      return reply.code(201).send(await newSiteCode(store, request.params.id, { by: request.person!.id, at: now() }));
    },
  );

  app.post(
    '/enrol',
    {
      schema: { body: EnrolRequest, response: { 201: EnrolAnswer } },
      // The sixty PCs of a school are switched on together and may stand behind one address, beside other schools.
      config: { needs: 'nobody', rateLimit: { max: 600, timeWindow: '1 minute' } },
    },
    async (request, reply) => {
      const { kty, crv, x } = request.body.publicKey;
      const at = now();
      const publicKey = JSON.stringify({ kty, crv, x });
      const { target, schoolId, agentId } = await store
        .transaction()
        .execute((write) => enrol(write, { ...request.body, publicKey, at }))
        .catch(async (error: unknown) => {
          if (error instanceof Problem) tell(await countRefused(store, request.body.code, at), at);
          throw error;
        });
      tell(schoolId, at);
      const school = await schoolOf(store, schoolId);
      const named = target === undefined ? {} : { target };
      return reply.code(201).send({ agentId, school, serverTime: new Date(at).toISOString(), ...named });
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
