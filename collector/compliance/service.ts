import { v7 as uuidv7 } from 'uuid';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods } from '../../shared/calendar.ts';
import type { MeasuredFinding } from '../api/schemas/finding.ts';
import { keepIncidents } from '../incidents/keep.ts';
import type { Store } from '../store/sqlite.ts';
import { factsOf, type SampleFacts } from './facts.ts';
import { findingOf, judged } from './finding.ts';
import { type Judgeable, loadJudgeable } from './judgeable.ts';
import { loadSamples, loadSettings } from './load.ts';
import { type Policy, resolvePolicy } from './policy.ts';
import { keepRollups } from './rollup-cache.ts';
import { rules } from './rules.ts';
import { keepMonth } from './so-far.ts';

export interface SchoolContext {
  school: { id: string; unitId: string; code: string; name: string; levels: string[] };
  unit: { id: string; name: string };
  practice: boolean;
  policy: Policy;
  calendar: Calendar;
  /** Grows with every report of the school. */
  samplesVersion: number;
}

/** A school with the policy in force there: the changes of every unit from the root of the tree down to its own. */
export async function schoolContext(store: Store, schoolId: string): Promise<SchoolContext | undefined> {
  return (await schoolContexts(store, [schoolId]))[0];
}

/** The same for those of several schools that there are, in the order of `schoolIds`. */
export async function schoolContexts(store: Store, schoolIds: readonly string[]): Promise<SchoolContext[]> {
  const rows = await store.selectFrom('school').selectAll().where('id', 'in', schoolIds).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const schools = schoolIds.flatMap((id) => byId.get(id) ?? []);
  const units = new Map((await store.selectFrom('org_unit').selectAll().execute()).map((unit) => [unit.id, unit]));
  const inUnit = new Map<string, Pick<SchoolContext, 'unit' | 'practice' | 'policy'>>();
  const placed = (unitId: string) => {
    const known = inUnit.get(unitId);
    if (known) return known;
    const path = [];
    const seen = new Set<string>();
    for (let id: string | null = unitId; id !== null && !seen.has(id); ) {
      seen.add(id);
      const unit = units.get(id);
      if (!unit) break;
      path.unshift(unit);
      id = unit.parent_id;
    }
    const own = path.at(-1)!;
    const place = {
      unit: { id: own.id, name: own.name },
      practice: path.some((unit) => unit.practice === 1),
      policy: resolvePolicy(path.map((unit) => JSON.parse(unit.policy) as unknown)),
    };
    inUnit.set(unitId, place);
    return place;
  };
  return schools.map((school) => ({
    school: {
      id: school.id,
      unitId: school.unit_id,
      code: school.code,
      name: school.name,
      levels: JSON.parse(school.levels) as string[],
    },
    ...placed(school.unit_id),
    calendar: school.calendar === null ? DEFAULT_CALENDAR : (JSON.parse(school.calendar) as Calendar),
    samplesVersion: school.samples_version,
  }));
}

/** Everything that a school's page shows at `now`: the live window with each of its samples. */
export async function loadFacts(store: Store, context: SchoolContext, now: number): Promise<SampleFacts> {
  const { school } = context;
  const periods = livePeriods(context, now);
  const setting = (await loadSettings(store, [{ context, now, periods }])).get(school.id)!;
  return factsOf(setting, await loadSamples(store, school.id, periods[0]?.from ?? now, now + 1));
}

const livePeriods = ({ calendar, policy }: SchoolContext, now: number) =>
  lastPeriods(calendar, policy.periodUnit, now, policy.windowPeriods);

export interface Judged {
  /** In the decision's order. */
  findings: MeasuredFinding[];
  /** Whether any of them says something else than before. */
  changed: boolean;
}

/**
 * Judges every rule at one school and keeps what changed. A rule that breaks is told to `broken` and knows nothing: its
 * last verdict must not stand for ever, nor hold up the others.
 */
export async function judgeSchool(
  store: Store,
  schoolId: string,
  now: number,
  broken?: (rule: string, error: unknown) => void,
): Promise<Judged> {
  const context = await schoolContext(store, schoolId);
  if (!context) return { findings: [], changed: false };
  const periods = livePeriods(context, now);
  const live = { context, periods, from: periods[0]?.from ?? now, to: Number.MAX_SAFE_INTEGER, now, isFixed: false };
  const [{ facts, made }] = (await Array.fromAsync(loadJudgeable(store, [live]))) as [Judgeable];
  const kept = new Map(
    (
      await store.selectFrom('finding').selectAll().where('school_id', '=', schoolId).where('current', '=', 1).execute()
    ).map((row) => [row.rule, row]),
  );
  const findings = rules.map((rule): MeasuredFinding => {
    const verdict = judged(rule, facts, broken);
    const before = kept.get(rule.id);
    const same = before && before.state === verdict.state && before.count === verdict.count;
    return findingOf(rule, verdict, facts, same ? before.id : uuidv7(), same ? before.since : now);
  });
  await store.transaction().execute(async (write) => {
    for (const finding of findings) {
      const before = kept.get(finding.rule);
      const body = JSON.stringify(finding);
      if (before?.id === finding.id) {
        await write.updateTable('finding').set({ computed_at: now, body }).where('id', '=', finding.id).execute();
        continue;
      }
      if (before) await write.updateTable('finding').set({ current: 0 }).where('id', '=', before.id).execute();
      const { id, rule, state, count } = finding;
      await write
        .insertInto('finding')
        .values({ id, school_id: schoolId, rule, state, count, since: now, computed_at: now, current: 1, body })
        .execute();
    }
    await keepRollups(write, made);
  });
  await keepMonth(store, context, now, live.from);
  await keepIncidents(store, schoolId, facts);
  const changed = findings.some((finding) => {
    const before = kept.get(finding.rule);
    return before === undefined || says(JSON.parse(before.body) as MeasuredFinding) !== says(finding);
  });
  return { findings, changed };
}

/** What a reader sees of a finding, its times left aside. */
const says = ({ state, count, verdict, figure, faults, missing }: MeasuredFinding): string =>
  JSON.stringify([state, count, verdict, figure, faults, missing]);
