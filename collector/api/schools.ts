import Type from 'typebox';
import { findRule } from '../../shared/rubric/edition.ts';
import { currentFindings } from '../compliance/current.ts';
import { type FactAsset, type SampleFacts, samplesOf } from '../compliance/facts.ts';
import { hoursOfUse } from '../compliance/hours-of-use.ts';
import { describePolicy, POLICY, type PolicyName } from '../compliance/policy.ts';
import { loadFacts, schoolContext } from '../compliance/service.ts';
import { antivirusStatus, hostStatus } from '../evaluation/computers.ts';
import { lastSample, strip, watched } from '../evaluation/strip.ts';
import type { Store } from '../store/sqlite.ts';
import { agentViews } from './agent-view.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { speedOf } from './line-view.ts';
import { Id, type Level } from './schemas/common.ts';
import { type Incident, School, type WatchedAsset } from './schemas/school.ts';
import { sheetOf, standardOf } from './sheets.ts';

const STANDARD = 'III';
const MAX_INCIDENTS = 50;

export function schoolRoutes(app: App, context: Context): void {
  const { store, editions, now } = context;
  app.get(
    '/schools/:id',
    { schema: { params: Type.Object({ id: Id }), response: { 200: School } }, config: { needs: 'school', own: 'id' } },
    async (request): Promise<School> => {
      const found = await schoolContext(store, request.params.id);
      if (!found) throw new Problem('not-found', 'không có trường này');
      const { school, unit, practice, policy } = found;
      const at = now();
      const edition = editions.inForce();
      const facts = await loadFacts(store, found, at);
      const sheet = await sheetOf(context, found);
      const effects = new Map(
        sheet.standards
          .flatMap((standard) =>
            standard.criteria.flatMap((criterion) => criterion.items.flatMap((item) => item.rules)),
          )
          .map((rule) => [rule.id, rule]),
      );
      const findings = (await currentFindings(store, [school.id])).get(school.id)!;
      return {
        id: school.id,
        code: school.code,
        name: school.name,
        unit,
        levels: school.levels as Level[],
        practice,
        asOf: iso(at),
        policy: describePolicy(policy, Object.keys(POLICY) as PolicyName[]),
        window: { from: iso(facts.periods[0]?.from ?? at), to: iso(at), unit: policy.periodUnit },
        standard: standardOf(sheet, STANDARD),
        findings: findings.map((finding) => ({
          ...finding,
          text: findRule(edition, finding.rule)?.rule.text ?? finding.rule,
          costs: Math.max(0, -(effects.get(finding.rule)?.effect ?? 0)),
        })),
        rooms: facts.rooms.map(({ id, name, kind }) => ({ id, name, kind })),
        assets: facts.assets.map(
          (asset): WatchedAsset => ({
            ...shownAsset(asset),
            last: lastSample(watched(facts, asset).samples.at(-1)),
            antivirus:
              asset.kind === 'pc'
                ? antivirusStatus(samplesOf(facts, 'antivirus', asset.target).at(-1), asset, facts)
                : null,
            host: asset.kind === 'pc' ? hostStatus(samplesOf(facts, 'host', asset.target).at(-1)) : null,
            strip: strip(facts, asset),
          }),
        ),
        use: use(facts),
        unlisted: unlisted(facts),
        speed: speedOf(facts),
        incidents: await incidents(store, facts, school.id),
        agents: await agentViews(store, [school.id], () => policy.agentSilentSeconds, at),
      };
    },
  );
}

const shownAsset = ({ since: _, ...asset }: FactAsset) => ({ ...asset, status: 'expected' as const });
const iso = (at: number) => new Date(at).toISOString();

const HOUR_MS = 3600_000;
const use = (facts: SampleFacts): School['use'] =>
  facts.rooms.flatMap(({ id, name }) => {
    const own = hoursOfUse(
      facts,
      facts.assets.filter(({ roomId }) => roomId === id),
    );
    if (own === null) return [];
    const pcs = own.pcs.map(({ asset, onMs }) => ({ assetId: asset.id, name: asset.name, hours: onMs / HOUR_MS }));
    return [{ roomId: id, name, days: own.days, pcs }];
  });

/**
 * What is measured in the window under an id that no expected device bears: the likeliest mistake of an installation. A
 * host's own look at the Wi-Fi belongs to the school of its agent and needs no entry.
 */
function unlisted(facts: SampleFacts): School['unlisted'] {
  const known = new Set(facts.assets.map((asset) => asset.target));
  return [...facts.series.values()]
    .filter(({ probe, target, samples }) => samples.length > 0 && probe !== 'wifi' && !known.has(target))
    .map(({ probe, target, samples }) => ({ probe, target, lastAt: iso(samples.at(-1)!.at) }));
}

async function incidents(store: Store, facts: SampleFacts, schoolId: string): Promise<Incident[]> {
  const from = facts.periods[0]?.from ?? facts.now;
  const rows = await store
    .selectFrom('incident')
    .innerJoin('asset', 'asset.id', 'incident.asset_id')
    .select(['asset_id', 'name', 'from_at', 'to_at', 'state'])
    .where('incident.school_id', '=', schoolId)
    .where((eb) => eb.or([eb('to_at', 'is', null), eb('to_at', '>=', from)]))
    .orderBy('from_at', 'desc')
    .limit(MAX_INCIDENTS)
    .execute();
  return rows.map((row) => ({
    assetId: row.asset_id,
    name: row.name,
    from: iso(row.from_at),
    to: row.to_at === null ? null : iso(row.to_at),
    state: row.state,
  }));
}
