import { isDeepStrictEqual } from 'node:util';
import type { JWK } from 'jose';
import { decodeJwt } from 'jose';
import { localDay, localDaysBetween, type Period } from '../../shared/calendar.ts';
import type { Report } from '../../shared/wire/report.ts';
import { verifyReport } from '../../shared/wire/signature.ts';
import type { ManualFinding } from '../api/schemas/finding.ts';
import type { SheetAnswer } from '../api/schemas/scoresheet.ts';
import { type Setting, withRollup } from '../compliance/facts.ts';
import { merge, type Rollup, rollDay } from '../compliance/rollup/rollup.ts';
import { rulesReading } from '../compliance/rules.ts';
import type { FactSample } from '../compliance/series.ts';
import { targetOf } from '../ingest/ingest.ts';
import type { Store } from '../store/sqlite.ts';
import { digestOf, digestOfReports, type FrozenSheet } from './freeze.ts';
import { judgeFacts } from './period.ts';
import { scoreSheet } from './sheet.ts';
import { upToDate } from './shown.ts';

/** Recomputes a locked sheet from the stored reports, every signature checked again, and names what does not fit. */

export interface Fault {
  /** Item of the rubric, or null where all are concerned. */
  item: string | null;
  report: string | null;
  /** One Vietnamese line. */
  why: string;
}
export interface Verification {
  reports: number;
  samples: number;
  total: number;
  faults: Fault[];
}

const itemOf = (rule: string) => rule.replace(/\.[a-z]$/, '');
const CHUNK = 200;

/** `digest`: the one that was kept with the text, where it is known. */
export async function verifySheet(store: Store, body: string, digest?: string): Promise<Verification> {
  const faults: Fault[] = [];
  if (digest !== undefined && digestOf(body) !== digest)
    faults.push({ item: null, report: null, why: 'phiếu đã khóa bị sửa: nội dung không còn khớp mã băm' });
  const frozen = JSON.parse(body) as FrozenSheet;
  const { facts, school } = frozen;
  const ids = await reportsOfWindow(store, frozen);
  const found = await digestOfReports(store, ids);
  const setting: Setting = {
    ...facts,
    utcOffsetMinutes: frozen.calendar.utcOffsetMinutes,
    firstHeard: new Map(Object.entries(facts.firstHeard)),
    openSince: new Map(Object.entries(facts.openSince)),
  };
  const signed: Signed = { byDay: new Map(), digests: new Map(), samples: 0 };
  for (let index = 0; index < ids.length; index += CHUNK)
    faults.push(...(await checkReports(store, frozen, ids.slice(index, index + CHUNK), signed)));
  if (faults.length === 0 && (found.count !== frozen.reports.count || found.digest !== frozen.reports.digest))
    faults.push({
      item: null,
      report: null,
      why: `bộ báo cáo không còn như lúc khóa: có ${found.count}, lúc khóa ${frozen.reports.count}`,
    });
  const rollup = await readSigned(store, setting, signed);
  const findings = judgeFacts(frozen.evaluation.id, withRollup(setting, rollup));
  for (const finding of findings) {
    const kept = frozen.measured.find(({ rule }) => rule === finding.rule);
    if (kept && says(kept) === says(finding)) continue;
    faults.push({
      item: itemOf(finding.rule),
      report: null,
      why: `${finding.rule}: tính lại được “${finding.verdict}”, phiếu ghi “${kept?.verdict ?? 'không có'}”`,
    });
  }
  const sheet = scoreSheet({
    edition: frozen.edition,
    school,
    measured: findings,
    manual: frozen.entries,
    asOf: Date.parse(frozen.lockedAt),
  });
  if (sheet.total !== frozen.sheet.total || sheet.grade !== frozen.sheet.grade)
    faults.push({
      item: null,
      report: null,
      why: `tổng điểm tính lại ${sheet.total} (${sheet.gradeLabel}), phiếu ghi ${frozen.sheet.total} (${frozen.sheet.gradeLabel})`,
    });
  if (faults.length === 0 && !isDeepStrictEqual(shownOf(sheet), shownOf(upToDate(frozen.sheet))))
    faults.push({ item: null, report: null, why: 'nội dung in trên phiếu không khớp với nội dung tính lại' });
  faults.push(...(await checkEntries(store, frozen)));
  return { reports: ids.length, samples: signed.samples, total: sheet.total, faults };
}

const says = ({ state, count, verdict, figure, faults }: FrozenSheet['measured'][number]): string =>
  JSON.stringify([state, count, verdict, figure, faults]);

/** What a reader of the sheet sees; samples have other numbers when they are read from their reports. */
const shownOf = (sheet: SheetAnswer): unknown =>
  JSON.parse(JSON.stringify(sheet, (key, value) => (key === 'evidence' ? undefined : value)));

/** Every entry of the sheet against the log, which holds what was entered, and nothing left out of it. */
async function checkEntries(store: Store, { evaluation, school, entries, lockedAt }: FrozenSheet): Promise<Fault[]> {
  const prefix = `evaluation/${evaluation.id}/school/${school.id}/`;
  const rows = await store
    .selectFrom('audit')
    .select(['after', 'at'])
    .where('action', '=', 'entry.made')
    .where('subject', '>=', prefix)
    .where('subject', '<', `${prefix}\uffff`)
    .execute();
  const made = new Map(rows.map(({ after, at }) => [(JSON.parse(after) as ManualFinding).id, { after, at }]));
  const faults: Fault[] = [];
  const fault = (rule: string, why: string) =>
    faults.push({ item: itemOf(rule), report: null, why: `${rule}: ${why}` });
  for (const entry of entries) {
    const row = made.get(entry.id);
    made.delete(entry.id);
    if (!row) fault(entry.rule, 'phiếu ghi một kết quả nhập tay mà nhật ký không có');
    else if (enteredOf(JSON.parse(row.after)) !== enteredOf(entry))
      fault(entry.rule, 'kết quả nhập tay trên phiếu khác với nhật ký');
  }
  for (const { after, at } of made.values())
    if (at <= Date.parse(lockedAt))
      fault((JSON.parse(after) as ManualFinding).rule, 'phiếu thiếu một kết quả nhập tay có trong nhật ký');
  return faults;
}

const enteredOf = ({ rule, kind, count, of, award, points, reason }: ManualFinding): string =>
  JSON.stringify([rule, kind, count, of ?? null, award, points, reason]);

async function reportsOfWindow(store: Store, { school, facts, reports, lockedAt }: FrozenSheet): Promise<string[]> {
  const { newestSample } = reports;
  const rows = await store
    .selectFrom('sample')
    .innerJoin('report', 'report.id', 'sample.report_id')
    .select('report_id')
    .distinct()
    .where('sample.school_id', '=', school.id)
    .where('at', '>=', facts.periods[0]?.from ?? facts.now)
    .where('at', '<=', facts.now)
    .$if(newestSample !== undefined, (query) => query.where('sample.id', '<=', newestSample!))
    .$if(newestSample === undefined, (query) => query.where('received_at', '<=', Date.parse(lockedAt)))
    .execute();
  return rows.map((row) => row.report_id).sort();
}

/** What reports with a good signature hold of the window. */
interface Signed {
  /** Ids of the reports with samples of a local day. */
  byDay: Map<number, Set<string>>;
  /** By report. */
  digests: Map<string, string>;
  samples: number;
}

/** Checks these reports and notes what those that hold say of which day; answers what is wrong with the others. */
async function checkReports(
  store: Store,
  { agents, facts, calendar }: FrozenSheet,
  ids: readonly string[],
  signed: Signed,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const rows = await store.selectFrom('report').selectAll().where('id', 'in', ids).orderBy('id').execute();
  const from = facts.periods[0]?.from ?? facts.now;
  for (const row of rows) {
    const report = await checked(row, agents[row.agent_id]);
    if (typeof report === 'string') {
      const items = await itemsTouched(store, row.id, row.jws);
      faults.push(...items.map((item) => ({ item, report: row.id, why: report })));
      continue;
    }
    signed.digests.set(row.id, row.digest);
    for (const sample of report.samples) {
      const at = Date.parse(sample.at);
      if (at < from || at > facts.now) continue;
      const day = localDay(calendar, at);
      signed.byDay.set(day, (signed.byDay.get(day) ?? new Set()).add(row.id));
      signed.samples++;
    }
  }
  return faults;
}

/** The window out of its signed reports, day by day, so that no more than a day of samples is held at once. */
async function readSigned(store: Store, setting: Setting, { byDay, digests }: Signed): Promise<Rollup> {
  const rollups: Rollup[] = [];
  for (const day of localDaysBetween(setting, setting.periods[0]?.from ?? setting.now, setting.now + 1)) {
    const ids = [...(byDay.get(localDay(setting, day.from)) ?? [])];
    const samples: FactSample[] = [];
    for (let index = 0; index < ids.length; index += CHUNK) {
      const own = ids.slice(index, index + CHUNK);
      const rows = await store.selectFrom('report').selectAll().where('id', 'in', own).orderBy('id').execute();
      // Read twice, checked twice: the bytes are those whose signature held.
      for (const row of rows)
        if (digestOf(row.jws) === digests.get(row.id)) samples.push(...samplesIn(row, day, samples.length));
    }
    rollups.push(rollDay(samples, setting, day));
  }
  return merge(rollups);
}

function samplesIn(
  row: { id: string; agent_id: string; received_at: number; jws: string },
  { from, to }: Period,
  firstId: number,
): FactSample[] {
  return (decodeJwt(row.jws) as unknown as Report).samples
    .map((sample, index) => ({
      id: firstId + index,
      reportId: row.id,
      agentId: row.agent_id,
      receivedAt: row.received_at,
      probe: sample.probe,
      target: targetOf(sample),
      at: Date.parse(sample.at),
      ok: sample.ok,
      reason: sample.reason,
      values: sample.values,
    }))
    .filter(({ at }) => at >= from && at < to);
}

/** The report as its agent signed it, or why it is not. */
async function checked(
  row: { id: string; agent_id: string; digest: string; jws: string },
  publicKey: JWK | undefined,
): Promise<Report | string> {
  if (digestOf(row.jws) !== row.digest) return 'báo cáo bị sửa sau khi nhận: không còn khớp mã băm';
  if (!publicKey) return 'báo cáo của tác tử không có trong phiếu';
  try {
    const report = await verifyReport(row.jws, row.agent_id, publicKey);
    return report.id === row.id ? report : 'báo cáo mang mã khác';
  } catch {
    return 'chữ ký của báo cáo không đúng';
  }
}

async function itemsTouched(store: Store, reportId: string, jws: string): Promise<string[]> {
  const rows = await store.selectFrom('sample').select('probe').distinct().where('report_id', '=', reportId).execute();
  const probes = new Set(rows.map(({ probe }) => probe));
  try {
    for (const { probe } of (decodeJwt(jws) as unknown as Report).samples) probes.add(probe);
  } catch {
    // The bytes say nothing any more; the stored samples tell what they said.
  }
  return [...new Set(rulesReading(probes).map(({ id }) => itemOf(id)))].sort();
}
