import type { Health } from '../../shared/wire/report.ts';
import type { Store } from '../store/sqlite.ts';
import type { AgentView } from './schemas/school.ts';

/** The agents of these schools with their health; `silentSeconds` answers a school's limit for silence. */
export async function agentViews(
  store: Store,
  schoolIds: readonly string[],
  silentSeconds: (schoolId: string) => number,
  now: number,
): Promise<(AgentView & { schoolId: string })[]> {
  if (schoolIds.length === 0) return [];
  const rows = await store
    .selectFrom('agent')
    .selectAll()
    .where('school_id', 'in', schoolIds)
    // A PC that is off is no agent that is silent; PCs are shown as machines.
    .where('kind', '=', 'site')
    .orderBy('enrolled_at')
    .execute();
  return rows.map((row) => {
    const health = row.health === null ? null : (JSON.parse(row.health) as Health);
    const heard = row.last_report_at ?? row.enrolled_at;
    return {
      schoolId: row.school_id,
      id: row.id,
      hostname: row.hostname,
      version: row.version,
      status: row.status as AgentView['status'],
      enrolledAt: new Date(row.enrolled_at).toISOString(),
      lastReportAt: row.last_report_at === null ? null : new Date(row.last_report_at).toISOString(),
      silent: row.status === 'active' && now - heard > silentSeconds(row.school_id) * 1000,
      queued: health?.queued ?? 0,
      setAside: health?.setAside ?? 0,
      clockOffsetS: row.clock_offset_ms === null ? null : row.clock_offset_ms / 1000,
    };
  });
}
