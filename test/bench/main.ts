import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import { judgeSchool } from '../../collector/compliance/service.ts';
import { Ingest } from '../../collector/ingest/ingest.ts';
import { openSqlite } from '../../collector/store/sqlite.ts';
import { DEFAULT_CALENDAR, lastPeriods } from '../../shared/calendar.ts';
import type { Edition } from '../../shared/rubric/edition.ts';
import { type Finding, score } from '../../shared/rubric/engine.ts';
import { loadEdition } from '../../shared/rubric/load.ts';
import type { Report } from '../../shared/wire/report.ts';
import { newKeys, sample, type TestAgent, testAgent } from '../collector/harness.ts';
import { sayYear } from './year.ts';

/**
 * `npm run -s bench`: ingest, judging, a city's year and scoring on this machine. Absolute figures depend on the disk and
 * on what else runs here; the ratios stand within one run. Takes some minutes and 3 GB of the temporary directory, and
 * removes what it wrote.
 */

const SENDERS = [1, 10, 100];
const SAMPLES = 60;
const REPORTS = 600;
const FLOOR_REPORTS = 300;
const SCORE_MS = 2000;
const DEVICES = 60;
const EVERY_MS = 300_000;
const AT = Date.UTC(2026, 10, 20, 9);
const SCHOOL = 'bench-school';

const say = (line = '') => process.stdout.write(`${line}\n`);
const round = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });

/** A directory for `work` only. */
async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'thdt-bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function openWithSchool(directory: string, agents: number) {
  const store = await openSqlite(directory);
  const unit = { id: 'bench', parent_id: null, name: 'Bench', policy: '{}', practice: 0 };
  await store.insertInto('org_unit').values(unit).execute();
  await store
    .insertInto('school')
    .values({ id: SCHOOL, unit_id: 'bench', code: 'BENCH', name: 'Bench', levels: '["primary"]', calendar: null })
    .execute();
  const enrolled: TestAgent[] = [];
  for (let index = 0; index < agents; index++) {
    const { publicKey, privateKey } = await newKeys();
    const id = uuidv7();
    await store
      .insertInto('agent')
      .values({
        id,
        school_id: SCHOOL,
        public_key: JSON.stringify(publicKey),
        hostname: 'bench',
        version: '0',
        status: 'active',
        enrolled_at: AT,
        last_report_at: null,
        clock_offset_ms: null,
        health: null,
      })
      .execute();
    enrolled.push(testAgent(id, SCHOOL, privateKey));
  }
  return { store, agents: enrolled };
}

const reportOf = (agent: TestAgent, round: number): Report =>
  agent.report(
    Array.from({ length: SAMPLES }, (_, index) =>
      sample('lan-reach', `pc-${index}`, AT + round * EVERY_MS, { method: 'tcp', rttMs: 1.5, port: 445 }),
    ),
    AT + round * EVERY_MS,
  );

/** Reports a second that Ingest acknowledges to so many senders, each waiting for its answer before it sends again. */
function ingest(senders: number): Promise<number> {
  return inDirectory(async (directory) => {
    const { store, agents } = await openWithSchool(directory, senders);
    const ready = new Ingest(store, () => undefined);
    const perSender = REPORTS / senders;
    const queues = await Promise.all(
      agents.map((agent) => Promise.all(Array.from({ length: perSender }, (_, n) => agent.sign(reportOf(agent, n))))),
    );
    const start = performance.now();
    await Promise.all(
      queues.map(async (queue) => {
        for (const jws of queue) await ready.take(jws);
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    await ready.idle();
    await store.destroy();
    return REPORTS / seconds;
  });
}

/** The floor: the same rows by prepared statements, one synced transaction a report, nothing verified. */
function floor(): Promise<number> {
  return inDirectory(async (directory) => {
    const { store, agents } = await openWithSchool(directory, 1);
    const reports = Array.from({ length: FLOOR_REPORTS }, (_, n) => reportOf(agents[0]!, n));
    const signed = await Promise.all(reports.map((report) => agents[0]!.sign(report)));
    await store.destroy();
    const database = new SqliteDatabase(join(directory, 'thdt.sqlite'));
    database.pragma('synchronous = FULL');
    const addReport = database.prepare(
      'insert into report (id, agent_id, school_id, created_at, received_at, digest, jws) values (?, ?, ?, ?, ?, ?, ?)',
    );
    const addSample = database.prepare(
      'insert into sample (report_id, school_id, probe, target, at, ok, reason, "values") values (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const write = database.transaction((report: Report, jws: string) => {
      addReport.run(report.id, report.agent, SCHOOL, Date.parse(report.createdAt), AT, report.id, jws);
      for (const { probe, target, at, ok, reason, values } of report.samples)
        addSample.run(report.id, SCHOOL, probe, target, Date.parse(at), ok ? 1 : 0, reason, JSON.stringify(values));
    });
    const start = performance.now();
    for (const [index, report] of reports.entries()) write(report, signed[index]!);
    const seconds = (performance.now() - start) / 1000;
    database.close();
    return FLOOR_REPORTS / seconds;
  });
}

/** One school: 60 PCs in two computer rooms, ten school days, a sample every five minutes of school hours. */
function judging() {
  return inDirectory(async (directory) => {
    const { store, agents } = await openWithSchool(directory, 1);
    for (const room of ['r1', 'r2'])
      await store
        .insertInto('room')
        .values({ id: room, school_id: SCHOOL, name: room, kind: 'it', created_at: 0 })
        .execute();
    for (let index = 0; index < DEVICES; index++) {
      const asset = {
        id: `a-${index}`,
        school_id: SCHOOL,
        room_id: index % 2 ? 'r1' : 'r2',
        kind: 'pc',
        use: 'student',
      };
      await store
        .insertInto('asset')
        .values({
          ...asset,
          name: `PC ${index}`,
          target: `pc-${index}`,
          status: 'expected',
          licence: null,
          created_at: 0,
        })
        .execute();
    }
    const periods = lastPeriods(DEFAULT_CALENDAR, 'school-day', AT, 10);
    const times = periods.flatMap(({ from, to }) =>
      Array.from({ length: (Math.min(to, AT) - from) / EVERY_MS }, (_, n) => from + n * EVERY_MS),
    );
    const ready = new Ingest(store, () => undefined);
    const agent = agents[0]!;
    await Promise.all(times.map(async (at) => ready.take(await agent.sign(reportOf(agent, (at - AT) / EVERY_MS)))));
    const bytes = statSync(join(directory, 'thdt.sqlite')).size;
    const runs: number[] = [];
    let states = '';
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      const { findings } = await judgeSchool(store, SCHOOL, AT);
      runs.push((performance.now() - start) / 1000);
      states = findings.find((finding) => finding.rule === 'III.2.1.a')!.verdict;
    }
    await store.destroy();
    return {
      samples: times.length * DEVICES,
      first: runs[0]!,
      again: Math.max(...runs.slice(1)),
      states,
      bytes,
    };
  });
}

/** One finding for every rule of the levels, so that no item is left out. */
function everyFinding(edition: Edition, level: string): Finding[] {
  const items = edition.standards.flatMap((standard) => [
    ...(standard.items ?? []),
    ...(standard.criteria ?? []).flatMap((criterion) => criterion.items),
  ]);
  return items
    .flatMap((item) => item.rules)
    .filter((rule) => !rule.levels || rule.levels.includes(level))
    .map((rule): Finding => {
      if (rule.shape === 'award') return { rule: rule.id, award: rule.awards[0]!.id };
      if (rule.shape === 'free') return { rule: rule.id, points: 0.25 };
      return rule.shape === 'once' ? { rule: rule.id } : { rule: rule.id, count: 1 };
    });
}

function scoring() {
  const edition = loadEdition('8265/QĐ-UBND');
  const findings = everyFinding(edition, 'primary');
  const start = performance.now();
  let sheets = 0;
  while (performance.now() - start < SCORE_MS) {
    for (let index = 0; index < 100; index++) score(edition, ['primary'], findings);
    sheets += 100;
  }
  return { perSecond: sheets / ((performance.now() - start) / 1000), findings: findings.length };
}

const startedAt = performance.now();
say(`Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`);
say();
say(`Ingest, signed reports of ${SAMPLES} samples, SQLite on disk, synchronous=FULL`);
say('| senders | reports/s | samples/s | ratio to 1 sender | ratio to the floor |');
say('|---|---|---|---|---|');
await ingest(10); // compiles what is measured next
const floorRate = await floor();
let oneRate = 0;
for (const senders of SENDERS) {
  const rate = await ingest(senders);
  if (senders === 1) oneRate = rate;
  const ratios = `${round(rate / oneRate, 2)} | ${round(rate / floorRate, 2)}`;
  say(`| ${senders} | ${round(rate)} | ${round(rate * SAMPLES)} | ${ratios} |`);
}
const ratios = `${round(floorRate / oneRate, 2)} | 1`;
say(`| floor: raw inserts, no signature | ${round(floorRate)} | ${round(floorRate * SAMPLES)} | ${ratios} |`);
say();
const judged = await judging();
say(
  `Judging one school: ${DEVICES} devices, 10 school days, a sample every 5 minutes (${round(judged.samples)} samples)`,
);
say('| from samples, s | again from kept rollups, ms | µs a sample | store, MB | peak RSS of this run, MB |');
say('|---|---|---|---|---|');
const peakMb = process.resourceUsage().maxRSS / 1024;
const microseconds = (judged.first / judged.samples) * 1e6;
say(
  `| ${round(judged.first, 2)} | ${round(judged.again * 1000, 1)} | ${round(microseconds, 1)} | ${round(judged.bytes / 1e6)} | ${round(peakMb)} |`,
);
say(`III.2.1.a: ${judged.states}`);
say();
await sayYear(say);
say();
const scored = scoring();
say(`Score engine: ${round(scored.perSecond)} sheets/s, ${scored.findings} findings each`);
say(`Took ${round((performance.now() - startedAt) / 1000)} s`);
