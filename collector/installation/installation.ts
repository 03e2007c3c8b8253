import type { Health } from '../../shared/wire/report.ts';
import type { Arrival, FirstMeasured, InstallationCode } from '../api/schemas/installation.ts';
import type { Store } from '../store/sqlite.ts';

/** How the installation of a school's agents goes: codes of the last days, and who came by them. */

const SHOWN_MS = 7 * 24 * 3600 * 1000;
const MAX_ARRIVALS = 200;
const MAX_CODES = 50;
const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

export interface Progress {
  codes: InstallationCode[];
  arrivals: Arrival[];
  relay: { hostname: string; port: number } | null;
  since: string;
}

export async function installationOf(store: Store, schoolId: string, now: number): Promise<Progress> {
  const since = now - SHOWN_MS;
  const [codes, arrivals, relay] = await Promise.all([
    codesOf(store, schoolId, since, now),
    arrivalsOf(store, schoolId, since),
    relayOf(store, schoolId),
  ]);
  return { codes, arrivals, relay, since: iso(since) };
}

async function codesOf(store: Store, schoolId: string, since: number, now: number): Promise<InstallationCode[]> {
  const rows = await store
    .selectFrom('enrolment_code as code')
    .leftJoin('person', 'person.id', 'code.made_by')
    .selectAll('code')
    .select((eb) => [
      'person.name as by',
      eb
        .selectFrom('agent')
        .select(({ fn }) => fn.count<number>('machine_id').distinct().as('machines'))
        .whereRef('agent.code_id', '=', 'code.id')
        .as('machines'),
    ])
    .where('code.school_id', '=', schoolId)
    .where('code.id', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('code.made_at', '>', since),
        eb.and([eb('code.kind', '=', 'endpoint'), eb('code.expires_at', '>', now), eb('code.revoked_at', 'is', null)]),
      ]),
    )
    .orderBy('code.made_at', 'desc')
    .limit(MAX_CODES)
    .execute();
  return rows.map((row) => ({
    id: row.id!,
    kind: row.kind as InstallationCode['kind'],
    by: row.by,
    madeAt: iso(row.made_at!),
    expiresAt: iso(row.expires_at),
    revokedAt: isoOrNull(row.revoked_at),
    maxMachines: row.max_machines ?? 1,
    machines: row.kind === 'site' ? Number(row.used_at !== null) : (row.machines ?? 0),
    refused: row.refused,
    refusedAt: isoOrNull(row.refused_at),
  }));
}

async function arrivalsOf(store: Store, schoolId: string, since: number): Promise<Arrival[]> {
  const rows = await store
    .selectFrom('agent')
    .leftJoin('machine', 'machine.id', 'agent.machine_id')
    .leftJoin('machine as original', 'original.id', 'machine.clone_of')
    .selectAll('agent')
    .select('original.hostname as clone_of')
    .where('agent.school_id', '=', schoolId)
    .where('agent.status', '=', 'active')
    .where('agent.enrolled_at', '>', since)
    .orderBy('agent.enrolled_at', 'desc')
    .limit(MAX_ARRIVALS)
    .execute();
  return rows.map((row) => ({
    agentId: row.id,
    kind: row.kind as Arrival['kind'],
    codeId: row.code_id,
    hostname: row.hostname,
    version: row.version,
    enrolledAt: iso(row.enrolled_at),
    firstReportAt: isoOrNull(row.first_report_at ?? row.last_report_at),
    firstMeasured: row.first_measured === null ? [] : (JSON.parse(row.first_measured) as FirstMeasured),
    cloneOf: row.clone_of,
  }));
}

/** Of several the one that was heard last. */
async function relayOf(store: Store, schoolId: string): Promise<Progress['relay']> {
  const rows = await store
    .selectFrom('agent')
    .select(['hostname', 'health'])
    .where('school_id', '=', schoolId)
    .where('kind', '=', 'site')
    .where('status', '=', 'active')
    .where('health', 'is not', null)
    .orderBy('last_report_at', 'desc')
    .execute();
  for (const { hostname, health } of rows) {
    const { relayPort } = JSON.parse(health!) as Health;
    if (relayPort !== undefined) return { hostname, port: relayPort };
  }
  return null;
}
