import type { Machine } from '../../shared/wire/machine.ts';
import type { LinkedBy, MachineView } from '../api/schemas/machines.ts';
import type { Store } from '../store/sqlite.ts';

const DAY_MS = 24 * 3600 * 1000;
const iso = (at: number) => new Date(at).toISOString();

/** The PCs of a school that run an agent of their own, by name. */
export async function machineViews(store: Store, schoolId: string, now: number): Promise<MachineView[]> {
  const [machines, speakers, contests, assets] = await Promise.all([
    store
      .selectFrom('machine')
      .selectAll()
      .where('school_id', '=', schoolId)
      .orderBy('hostname')
      .orderBy('id')
      .execute(),
    // One that was revoked speaks for its machine until it is enrolled anew.
    store
      .selectFrom('agent')
      .select(['id', 'machine_id', 'version', 'status'])
      .where('school_id', '=', schoolId)
      .where('kind', '=', 'endpoint')
      .where('status', '!=', 'replaced')
      .orderBy('enrolled_at')
      .execute(),
    store
      .selectFrom('agent')
      .select(({ fn }) => ['machine_id', fn.countAll<number>().as('n')])
      .where('school_id', '=', schoolId)
      .where('kind', '=', 'endpoint')
      .where('contested_at', '>', now - DAY_MS)
      .groupBy('machine_id')
      .execute(),
    store
      .selectFrom('asset')
      .select(['id', 'name', 'machine_id'])
      .where('school_id', '=', schoolId)
      .where('machine_id', 'is not', null)
      .execute(),
  ]);
  const names = new Map(machines.map(({ id, hostname }) => [id, hostname]));
  const speaker = new Map(speakers.map((agent) => [agent.machine_id, agent]));
  const contested = new Map(contests.map(({ machine_id, n }) => [machine_id, n]));
  const linked = new Map(assets.map((asset) => [asset.machine_id, asset]));
  return machines.map((row): MachineView => {
    const asset = linked.get(row.id);
    // Each enrolment leaves an agent that is not replaced.
    const agent = speaker.get(row.id)!;
    return {
      id: row.id,
      hostname: row.hostname,
      macs: (JSON.parse(row.parts) as Machine).macs,
      asset: asset ? { id: asset.id, name: asset.name, by: row.linked_by as LinkedBy } : null,
      firstAt: iso(row.first_at),
      lastReportAt: row.last_report_at === null ? null : iso(row.last_report_at),
      version: agent.version,
      status: agent.status as MachineView['status'],
      agentId: agent.id,
      enrolments: row.enrolments,
      cloneOf: row.clone_of === null ? null : { id: row.clone_of, hostname: names.get(row.clone_of) ?? row.clone_of },
      contested: contested.get(row.id) ?? 0,
    };
  });
}
