import type { JWK } from 'jose';
import { decodeJwt } from 'jose';
import Type from 'typebox';
import { verifyReport } from '../../shared/wire/signature.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import { StoredReport } from './schemas/school.ts';

/** The end of every chain: the signed report as it came, its signature checked again now. */
export function reportRoutes(app: App, context: Context): void {
  const { store } = context;
  app.get(
    '/reports/:id',
    {
      schema: { params: Type.Object({ id: Id }), response: { 200: StoredReport } },
      config: { needs: 'school', own: 'handler' },
    },
    async (request): Promise<StoredReport> => {
      const row = await store
        .selectFrom('report')
        .innerJoin('agent', 'agent.id', 'report.agent_id')
        .innerJoin('school', 'school.id', 'report.school_id')
        .selectAll('report')
        .select(['hostname', 'public_key', 'school.name as school_name'])
        .where('report.id', '=', request.params.id)
        .executeTakeFirst();
      const { role, schoolId } = request.person!;
      if (!row || (role === 'school' && row.school_id !== schoolId))
        throw new Problem('not-found', 'không có báo cáo này');
      const named = await store
        .selectFrom('asset')
        .select(['target', 'machine_id', 'name'])
        .where('school_id', '=', row.school_id)
        .where((eb) => eb.or([eb('target', 'is not', null), eb('machine_id', 'is not', null)]))
        .execute();
      const publicKey = JSON.parse(row.public_key) as StoredReport['publicKey'];
      const verified = await verifyReport(row.jws, row.agent_id, publicKey as JWK).then(
        () => true,
        () => false,
      );
      return {
        id: row.id,
        school: { id: row.school_id, name: row.school_name },
        agentId: row.agent_id,
        hostname: row.hostname,
        createdAt: new Date(row.created_at).toISOString(),
        receivedAt: new Date(row.received_at).toISOString(),
        verified,
        digest: row.digest,
        publicKey,
        jws: row.jws,
        payload: payloadOf(row.jws),
        names: Object.fromEntries(
          named.flatMap(({ target, machine_id, name }) =>
            [target, machine_id].flatMap((id) => (id === null ? [] : [[id, name]])),
          ),
        ),
      };
    },
  );
}

/** What the bytes say; null when they were tampered with until they say nothing. */
function payloadOf(jws: string): unknown {
  try {
    return decodeJwt(jws);
  } catch {
    return null;
  }
}
