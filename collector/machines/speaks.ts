import type { Selectable } from 'kysely';
import { compareMachines, type Machine, OWN_HOST_PROBES, renewed } from '../../shared/wire/machine.ts';
import { RefusedError, type Report } from '../../shared/wire/report.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import type { AgentTable } from '../store/tables.ts';
import { linkByItself } from './link.ts';

/**
 * What an endpoint may say: of its own host, of its own machine, as long as it is the one that speaks for it. Its code may
 * stand where pupils read it, so whatever else is in its report, all of the report is refused.
 */

type Speaker = Pick<
  Selectable<AgentTable>,
  'id' | 'school_id' | 'hostname' | 'machine_id' | 'replaced_at' | 'contested_at'
>;

/** Throws RefusedError. `report` is verified to come from the agent. */
export async function requireOwnMachine(store: Store, agent: Speaker, report: Report, now: number): Promise<void> {
  const target = agent.machine_id;
  for (const sample of report.samples)
    if (sample.target !== target || !OWN_HOST_PROBES.has(sample.probe))
      throw new RefusedError(
        'endpoint-scope',
        `tác tử của máy tính chỉ được báo về chính máy đó (${target}), không phải ${sample.probe} của ${sample.target.slice(0, 64)}`,
      );
  if (agent.replaced_at !== null && !isOf(report, agent.replaced_at)) {
    if (agent.contested_at === null) await keepContest(store, agent, now);
    throw new RefusedError('agent-replaced', 'máy này đã ghi danh lại dưới tác tử khác: ghi danh lại');
  }
  const told = report.health.machine;
  if (told === undefined || target === null) return;
  const machine = await store.selectFrom('machine').select('parts').where('id', '=', target).executeTakeFirstOrThrow();
  if (compareMachines(JSON.parse(machine.parts) as Machine, told) === 'other')
    throw new RefusedError('machine-mismatch', 'báo cáo đến từ máy khác với máy đã ghi danh: ghi danh lại');
}

/** What was measured and signed before the agent was replaced is still its machine's. */
const isOf = ({ createdAt, samples }: Report, until: number): boolean =>
  Date.parse(createdAt) <= until && samples.every(({ at }) => Date.parse(at) <= until);

/** Once for an agent: it was replaced and is still at work, so two PCs pass for one, or somebody took its machine's name. */
function keepContest(store: Store, { id, school_id, hostname, machine_id }: Speaker, at: number): Promise<void> {
  return store.transaction().execute(async (write) => {
    const { numUpdatedRows } = await write
      .updateTable('agent')
      .set({ contested_at: at })
      .where('id', '=', id)
      .where('contested_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    const now = await write
      .selectFrom('agent')
      .select(['id', 'hostname'])
      .where('machine_id', '=', machine_id)
      .where('status', '=', 'active')
      .executeTakeFirst();
    const change = { before: { agent: id, hostname }, after: now ? { agent: now.id, hostname: now.hostname } : null };
    const subject = `school/${school_id}/machine/${machine_id}`;
    await record(write, { by: null, action: 'machine.contested', subject, ...change }, at);
  });
}

/** Keeps what a stored report tells of its machine, in the transaction that stored it. */
export async function heardOf(write: Store, machineId: string, report: Report, receivedAt: number): Promise<void> {
  const machine = await write
    .selectFrom('machine')
    .select('parts')
    .where('id', '=', machineId)
    .executeTakeFirstOrThrow();
  const told = report.health.machine;
  const parts = told ? JSON.stringify(renewed(JSON.parse(machine.parts) as Machine, told)) : machine.parts;
  await write
    .updateTable('machine')
    .set({ last_report_at: receivedAt, ...(parts === machine.parts ? {} : { parts }) })
    .where('id', '=', machineId)
    .execute();
  // The inventory may have been entered after the PC was enrolled.
  await linkByItself(write, machineId, receivedAt);
}
