import { v7 as uuidv7 } from 'uuid';
import { type Calendar, DEFAULT_CALENDAR, lastPeriods, type Period } from '../../shared/calendar.ts';
import type { MeasuredFinding } from '../api/schemas/finding.ts';
import type { AssetKind, RoomKind, Use } from '../api/schemas/school.ts';
import { keepIncidents } from '../incidents/keep.ts';
import type { Store } from '../store/sqlite.ts';
import { type Facts, factsOf, type Measured } from './facts.ts';
import { describePolicy, type Policy, resolvePolicy } from './policy.ts';
import { rules } from './rules.ts';
import { seriesKey } from './series.ts';
import { insufficient, type Rule, type Verdict } from './verdict.ts';

/** Most evidence kept with a finding; the rest stays reachable by its window. */
const MAX_EVIDENCE = 40;

export interface SchoolContext {
  school: { id: string; unitId: string; code: string; name: string; levels: string[] };
  unit: { id: string; name: string };
  practice: boolean;
  policy: Policy;
  calendar: Calendar;
}

/** A school with the policy in force there: the changes of every unit from the root of the tree down to its own. */
export async function schoolContext(store: Store, schoolId: string): Promise<SchoolContext | undefined> {
  const school = await store.selectFrom('school').selectAll().where('id', '=', schoolId).executeTakeFirst();
  if (!school) return undefined;
  const units = new Map((await store.selectFrom('org_unit').selectAll().execute()).map((unit) => [unit.id, unit]));
  const path = [];
  const seen = new Set<string>();
  for (let id: string | null = school.unit_id; id !== null && !seen.has(id); ) {
    seen.add(id);
    const unit = units.get(id);
    if (!unit) break;
    path.unshift(unit);
    id = unit.parent_id;
  }
  const own = path.at(-1)!;
  return {
    school: {
      id: school.id,
      unitId: school.unit_id,
      code: school.code,
      name: school.name,
      levels: JSON.parse(school.levels) as string[],
    },
    unit: { id: own.id, name: own.name },
    practice: path.some((unit) => unit.practice === 1),
    policy: resolvePolicy(path.map((unit) => JSON.parse(unit.policy) as unknown)),
    calendar: school.calendar === null ? DEFAULT_CALENDAR : (JSON.parse(school.calendar) as Calendar),
  };
}

/** Everything that the rules judge about one school at `now`, in the live window. */
export async function loadFacts(store: Store, context: SchoolContext, now: number): Promise<Facts> {
  const { calendar, policy } = context;
  return factsOf(
    await loadMeasured(store, context, now, lastPeriods(calendar, policy.periodUnit, now, policy.windowPeriods)),
  );
}

/** Inventory and samples of one school from the first of `periods` until `now`. */
export async function loadMeasured(
  store: Store,
  context: SchoolContext,
  now: number,
  periods: readonly Period[],
): Promise<Measured> {
  const { policy } = context;
  const { id } = context.school;
  const from = periods[0]?.from ?? now;
  const [rooms, assets, heard, open, samples] = await Promise.all([
    store.selectFrom('room').selectAll().where('school_id', '=', id).orderBy('name').execute(),
    store
      .selectFrom('asset')
      .selectAll()
      .where('school_id', '=', id)
      .where('status', '=', 'expected')
      .orderBy('name')
      .execute(),
    store.selectFrom('series').selectAll().where('school_id', '=', id).execute(),
    store
      .selectFrom('incident')
      .select(['asset_id', 'from_at'])
      .where('school_id', '=', id)
      .where('to_at', 'is', null)
      .execute(),
    store
      .selectFrom('sample')
      .innerJoin('report', 'report.id', 'sample.report_id')
      .selectAll('sample')
      .select(['agent_id', 'received_at'])
      .where('sample.school_id', '=', id)
      .where('at', '>=', from)
      .where('at', '<=', now)
      .execute(),
  ]);
  return {
    now,
    periods,
    policy,
    rooms: rooms.map((room) => ({
      id: room.id,
      name: room.name,
      kind: room.kind as RoomKind,
      since: room.created_at,
    })),
    assets: assets.map((asset) => ({
      id: asset.id,
      name: asset.name,
      kind: asset.kind as AssetKind,
      use: asset.use as Use | null,
      roomId: asset.room_id,
      target: asset.target,
      licence: asset.licence,
      since: asset.created_at,
    })),
    firstHeard: new Map(heard.map((entry) => [seriesKey(entry.probe, entry.target), entry.first_at])),
    openSince: new Map(open.map((incident) => [incident.asset_id, incident.from_at])),
    samples: samples.map((row) => ({
      id: row.id,
      reportId: row.report_id,
      agentId: row.agent_id,
      receivedAt: row.received_at,
      probe: row.probe,
      target: row.target,
      at: row.at,
      ok: row.ok === 1,
      reason: row.reason,
      values: JSON.parse(row.values) as Record<string, unknown>,
    })),
  };
}

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
  broken: (rule: string, error: unknown) => void = raise,
): Promise<Judged> {
  const context = await schoolContext(store, schoolId);
  if (!context) return { findings: [], changed: false };
  const facts = await loadFacts(store, context, now);
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
  });
  await keepIncidents(store, schoolId, facts);
  const changed = findings.some((finding) => {
    const before = kept.get(finding.rule);
    return before === undefined || says(JSON.parse(before.body) as MeasuredFinding) !== says(finding);
  });
  return { findings, changed };
}

/** A verdict with the window and the policy values that made it. */
export function findingOf(rule: Rule, verdict: Verdict, facts: Facts, id: string, since: number): MeasuredFinding {
  return {
    id,
    rule: rule.id,
    ...shown(verdict),
    window: { from: iso(facts.periods[0]?.from ?? facts.now), to: iso(facts.now) },
    policy: describePolicy(facts.policy, rule.policy),
    since: iso(since),
    computedAt: iso(facts.now),
  };
}

/** What a reader sees of a finding, its times left aside. */
const says = ({ state, count, verdict, figure, faults, missing }: MeasuredFinding): string =>
  JSON.stringify([state, count, verdict, figure, faults, missing]);

export function judged(rule: Rule, facts: Facts, broken: (rule: string, error: unknown) => void = raise): Verdict {
  try {
    return rule.judge(facts);
  } catch (error) {
    broken(rule.id, error);
    return insufficient('máy chủ gặp lỗi khi đánh giá mục này; báo quản trị viên xem nhật ký');
  }
}
const raise = (_rule: string, error: unknown): never => {
  throw error;
};

const iso = (at: number) => new Date(at).toISOString();

function shown(verdict: Verdict) {
  const { state, count, figure, borderline, faults, missing, samples } = verdict;
  return {
    state,
    count,
    verdict: verdict.verdict,
    figure,
    borderline,
    faults,
    missing,
    samples,
    evidence: verdict.evidence.slice(0, MAX_EVIDENCE).map(({ sample, says }) => ({
      sampleId: sample.id,
      reportId: sample.reportId,
      target: sample.target,
      at: iso(sample.at),
      says,
    })),
  };
}
