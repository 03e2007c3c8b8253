import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { type Calendar, dateOf, localDaysBetween } from '../../shared/calendar.ts';
import type { Edition } from '../../shared/rubric/edition.ts';
import type { ManualFinding, MeasuredFinding } from '../api/schemas/finding.ts';
import type { SheetAnswer } from '../api/schemas/scoresheet.ts';
import { type Setting, withRollup } from '../compliance/facts.ts';
import { type Register, readName } from '../compliance/licences.ts';
import { loadSamples, loadSettings } from '../compliance/load.ts';
import { merge, type Rollup, rollDay } from '../compliance/rollup/rollup.ts';
import { type FactSample, seriesKey } from '../compliance/series.ts';
import { schoolContext } from '../compliance/service.ts';
import type { Store } from '../store/sqlite.ts';
import { entriesOf } from './entries.ts';
import { type EvaluationRow, editionOf, judgeFacts, windowOfSchool } from './period.ts';
import { scoreSheet, sheetSchool } from './sheet.ts';

/**
 * A locked sheet with everything that it came from but the reports themselves, which stay in the store and of which it
 * keeps the digest: whoever has both computes the same points for ever, without today's code or policy.
 */
export interface FrozenSheet {
  version: 1;
  evaluation: { id: string; name: string; from: string; to: string };
  lockedAt: string;
  edition: Edition;
  school: SheetAnswer['school'];
  calendar: Calendar;
  /** What the rules read beside the samples. */
  facts: Pick<Setting, 'now' | 'periods' | 'policy' | 'rooms' | 'assets'> & {
    firstHeard: Record<string, number>;
    openSince: Record<string, number>;
    /** With what each product name was read as. Sheets that were locked before there was a register lack it. */
    register?: Register;
  };
  /** Public keys of the agents whose reports count. */
  agents: Record<string, JWK>;
  /** The reports with samples of the window: how many, and SHA-256 over their ids, digests and times of receipt in order of id. */
  reports: {
    count: number;
    digest: string;
    /** Newest sample of the store when the sheet was frozen: what came in later is not judged. Older sheets lack it. */
    newestSample?: number;
  };
  /** How many samples of each series were judged, and between which moments. */
  statistics: { probe: string; target: string; samples: number; from: string; to: string }[];
  measured: MeasuredFinding[];
  entries: ManualFinding[];
  sheet: SheetAnswer;
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Freezes one school's sheet as it stands at `now`. Answers the text that is kept and its digest. */
export async function freeze(
  store: Store,
  row: EvaluationRow,
  schoolId: string,
  now: number,
): Promise<{ body: string; digest: string }> {
  const context = await schoolContext(store, schoolId);
  if (!context) throw new Error(`school ${schoolId} is gone`);
  const window = windowOfSchool(row, context, now);
  const setting = (await loadSettings(store, [window])).get(schoolId)!;
  const { rollup, reportIds, agentIds, statistics, newestSample } = await readWindow(store, schoolId, setting);
  const findings = judgeFacts(row.id, withRollup(setting, rollup));
  const entries = (await entriesOf(store, [schoolId], row.id)).map(({ schoolId: _, ...entry }) => entry);
  const edition = editionOf(row);
  const register = withReadings(setting, rollup);
  const { firstHeard, openSince, now: at, periods, policy, rooms, assets } = setting;
  const agents = await store
    .selectFrom('agent')
    .select(['id', 'public_key'])
    .where('school_id', '=', schoolId)
    .execute();
  const school = sheetSchool(context);
  const frozen: FrozenSheet = {
    version: 1,
    evaluation: { id: row.id, name: row.name, from: dateOf(row.from_at), to: dateOf(row.to_at - 1) },
    lockedAt: new Date(now).toISOString(),
    edition,
    school,
    calendar: context.calendar,
    facts: {
      now: at,
      periods,
      policy,
      rooms,
      assets,
      firstHeard: Object.fromEntries(firstHeard),
      openSince: Object.fromEntries(openSince),
      ...(register ? { register } : {}),
    },
    agents: Object.fromEntries(
      agents.filter(({ id }) => agentIds.has(id)).map(({ id, public_key }) => [id, JSON.parse(public_key) as JWK]),
    ),
    reports: { ...(await digestOfReports(store, reportIds)), newestSample },
    statistics,
    measured: findings,
    entries,
    sheet: scoreSheet({ edition, school, measured: findings, manual: entries, asOf: now }),
  };
  const body = JSON.stringify(frozen);
  return { body, digest: digestOf(body) };
}

/** The register with the reading of every product name that was met or entered. */
function withReadings({ register }: Setting, { series }: Rollup): Register | undefined {
  if (!register) return undefined;
  const met = [...series.values()].flatMap(({ antivirus }) => antivirus?.read?.products ?? []).map(({ name }) => name);
  const names = new Set([...met, ...register.entries.map(({ product }) => product)]);
  return { ...register, read: Object.fromEntries([...names].sort().map((name) => [name, readName(register, name)])) };
}

const CHUNK = 500;

/** Count and digest of these reports as the store holds them. */
export async function digestOfReports(store: Store, ids: Iterable<string>): Promise<{ count: number; digest: string }> {
  const sorted = [...ids].sort();
  const hash = createHash('sha256');
  let count = 0;
  for (let index = 0; index < sorted.length; index += CHUNK) {
    const rows = await store
      .selectFrom('report')
      .select(['id', 'digest', 'received_at'])
      .where('id', 'in', sorted.slice(index, index + CHUNK))
      .orderBy('id')
      .execute();
    for (const { id, digest, received_at } of rows) hash.update(`${id} ${digest} ${received_at}\n`);
    count += rows.length;
  }
  return { count, digest: hash.digest('hex') };
}

/**
 * The window's samples as the store holds them now, day by day: rollups that were kept decide no locked sheet. Lets the
 * thread's messages in between two days; what comes in meanwhile is left out.
 */
async function readWindow(store: Store, schoolId: string, setting: Setting) {
  const { now, periods } = setting;
  const newest = await store.selectFrom('sample').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  const newestSample = newest?.id ?? 0;
  const rollups: Rollup[] = [];
  const reportIds = new Set<string>();
  const agentIds = new Set<string>();
  const series = new Map<string, { probe: string; target: string; samples: number; from: number; to: number }>();
  const count = ({ reportId, agentId, probe, target, at }: FactSample) => {
    reportIds.add(reportId);
    agentIds.add(agentId);
    const key = seriesKey(probe, target);
    const own = series.get(key) ?? { probe, target, samples: 0, from: at, to: at };
    own.samples++;
    own.from = Math.min(own.from, at);
    own.to = Math.max(own.to, at);
    series.set(key, own);
  };
  for (const day of localDaysBetween(setting, periods[0]?.from ?? now, now + 1)) {
    const stored = await loadSamples(store, schoolId, day.from, day.to);
    const samples = stored.filter(({ id }) => id <= newestSample);
    for (const sample of samples) count(sample);
    rollups.push(rollDay(samples, setting, day));
    await new Promise(setImmediate);
  }
  const iso = (at: number) => new Date(at).toISOString();
  const statistics = [...series.values()].map(({ from, to, ...rest }) => ({ ...rest, from: iso(from), to: iso(to) }));
  return { rollup: merge(rollups), reportIds, agentIds, statistics, newestSample };
}
