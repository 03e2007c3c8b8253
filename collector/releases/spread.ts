import type { Health } from '../../shared/wire/report.ts';
import type { Store } from '../store/sqlite.ts';
import { namedFor, rolloutOf, rolloutsInForce } from './rollout.ts';

/** Which versions are out there, and how the upgrade to each goes. */

export interface VersionCount {
  version: string;
  /** Active agents whose last report says that they run it, and how many of them reached it by an upgrade. */
  agents: number;
  upgraded: number;
  /** Active agents to which it is named now and that do not run it. */
  waiting: number;
  wentBack: number;
  failed: number;
}
/** An agent whose upgrade did not go well. */
export interface Trouble {
  agentId: string;
  hostname: string;
  school: { id: string; name: string };
  runs: string;
  version: string;
  state: 'went-back' | 'failed';
  why: string;
  lastReportAt: number;
}

/** Most of them that are shown one by one. */
const MOST_TROUBLES = 500;

export async function versionsOutThere(store: Store): Promise<{ versions: VersionCount[]; troubles: Trouble[] }> {
  const [agents, units, rollouts] = await Promise.all([
    store
      .selectFrom('agent')
      .innerJoin('school', 'school.id', 'agent.school_id')
      .select(['agent.id', 'hostname', 'version', 'health', 'last_report_at', 'school_id', 'unit_id', 'school.name'])
      .where('agent.status', '=', 'active')
      .orderBy('last_report_at', 'desc')
      .execute(),
    store.selectFrom('org_unit').select(['id', 'parent_id']).execute(),
    rolloutsInForce(store),
  ]);
  const above = new Map(units.map(({ id, parent_id }) => [id, parent_id]));
  const counts = new Map<string, VersionCount>();
  const count = (version: string, change: keyof Omit<VersionCount, 'version'>) => {
    const known = counts.get(version) ?? { version, agents: 0, upgraded: 0, waiting: 0, wentBack: 0, failed: 0 };
    counts.set(version, { ...known, [change]: known[change] + 1 });
  };
  const troubles: Trouble[] = [];
  for (const agent of agents) {
    const upgrade = agent.health === null ? undefined : (JSON.parse(agent.health) as Health).upgrade;
    count(agent.version, 'agents');
    const named = namedFor(agent.id, rolloutOf(rollouts, above, agent.unit_id));
    const isTrouble = upgrade !== undefined && upgrade.state !== 'ok' && upgrade.version !== agent.version;
    if (named !== null && named !== agent.version && !(isTrouble && upgrade.version === named)) count(named, 'waiting');
    if (upgrade?.state === 'ok' && upgrade.version === agent.version) count(agent.version, 'upgraded');
    if (!isTrouble) continue;
    const state = upgrade.state as Trouble['state'];
    count(upgrade.version, state === 'went-back' ? 'wentBack' : 'failed');
    troubles.push({
      agentId: agent.id,
      hostname: agent.hostname,
      school: { id: agent.school_id, name: agent.name },
      runs: agent.version,
      version: upgrade.version,
      state,
      why: upgrade.why ?? '',
      lastReportAt: agent.last_report_at ?? 0,
    });
  }
  const versions = [...counts.values()].sort((a, b) => b.agents - a.agents || (a.version < b.version ? 1 : -1));
  return { versions, troubles: troubles.slice(0, MOST_TROUBLES) };
}
