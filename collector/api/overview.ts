import { findRule } from '../../shared/rubric/edition.ts';
import { currentFindings } from '../compliance/current.ts';
import { measurable } from '../compliance/rules.ts';
import { schoolContexts } from '../compliance/service.ts';
import { entriesOf } from '../evaluation/entries.ts';
import { scoreSheet, sheetSchool } from '../evaluation/sheet.ts';
import { agentViews } from './agent-view.ts';
import type { App, Context } from './context.ts';
import type { Level } from './schemas/common.ts';
import { Overview, type OverviewSchool } from './schemas/overview.ts';
import { standardOf } from './sheets.ts';

const STANDARD = 'III';

export function overviewRoutes(app: App, context: Context): void {
  app.get('/overview', { schema: { response: { 200: Overview } }, config: { needs: 'viewer' } }, () =>
    overview(context),
  );
}

/** The district page: every school with its cells, in order of name. */
async function overview(context: Context): Promise<Overview> {
  const { store, now } = context;
  const edition = context.editions.inForce();
  const at = now();
  const rows = await store.selectFrom('school').select('id').orderBy('name').execute();
  const ids = rows.map((row) => row.id);
  const contexts = await schoolContexts(store, ids);
  const silentAfter = new Map(contexts.map((found) => [found.school.id, found.policy.agentSilentSeconds]));
  const [findings, manual, agents, incidents] = await Promise.all([
    currentFindings(store, ids),
    entriesOf(store, ids, null),
    agentViews(store, ids, (id) => silentAfter.get(id)!, at),
    store.selectFrom('incident').select('school_id').where('to_at', 'is', null).execute(),
  ]);
  const entries = Map.groupBy(manual, (entry) => entry.schoolId);
  const agentsOf = Map.groupBy(agents, (agent) => agent.schoolId);
  const incidentsOf = Map.groupBy(incidents, (incident) => incident.school_id);
  const schools = contexts.map((found): OverviewSchool => {
    const { school, unit, practice } = found;
    const measured = findings.get(school.id)!;
    const sheet = scoreSheet({
      edition,
      school: sheetSchool(found),
      measured,
      manual: entries.get(school.id) ?? [],
      asOf: at,
    });
    const own = agentsOf.get(school.id) ?? [];
    return {
      id: school.id,
      code: school.code,
      name: school.name,
      unit,
      levels: school.levels as Level[],
      practice,
      agents: {
        active: own.filter((agent) => agent.status === 'active').length,
        silent: own.filter((agent) => agent.silent).length,
        lastReportAt: own.reduce<string | null>((last, agent) => later(last, agent.lastReportAt), null),
      },
      openIncidents: incidentsOf.get(school.id)?.length ?? 0,
      standard: standardOf(sheet, STANDARD),
      cells: measurable.map((rule) => {
        const finding = measured.find((candidate) => candidate.rule === rule.id);
        const {
          state = 'insufficient',
          figure = '',
          verdict = 'Chưa đủ dữ liệu: chưa đánh giá lần nào',
        } = finding ?? {};
        return { rule: rule.id, state, figure, verdict };
      }),
    };
  });
  const failing = (school: OverviewSchool, ...rules: string[]) =>
    school.cells.some((cell) => rules.includes(cell.rule) && cell.state === 'fail');
  const count = (holds: (school: OverviewSchool) => boolean) => schools.filter(holds).length;
  return {
    asOf: new Date(at).toISOString(),
    rubric: edition.id,
    rules: measurable.map((rule) => ({
      id: rule.id,
      short: rule.short,
      text: findRule(edition, rule.id)?.rule.text ?? rule.short,
    })),
    schools,
    figures: {
      meetingAll: count((school) => school.cells.every((cell) => cell.state === 'pass')),
      openIncidents: schools.reduce((total, school) => total + school.openIncidents, 0),
      silentAgents: schools.reduce((total, school) => total + school.agents.silent, 0),
      slowInternet: count((school) => failing(school, 'III.2.2.a')),
      withoutAntivirus: count((school) => failing(school, 'III.3.1.a', 'III.3.1.b')),
    },
  };
}

const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a);
