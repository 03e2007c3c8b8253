import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { loadSamples } from '../../collector/compliance/load.ts';
import { resolvePolicy } from '../../collector/compliance/policy.ts';
import { rollDay } from '../../collector/compliance/rollup/rollup.ts';
import { judgeSchool } from '../../collector/compliance/service.ts';
import { fillAll } from '../../collector/evaluation/jobs.ts';
import { fillSchools, requireEvaluation } from '../../collector/evaluation/period.ts';
import { openSqlite, type Store } from '../../collector/store/sqlite.ts';
import { DEFAULT_CALENDAR, lastPeriods } from '../../shared/calendar.ts';
import { DEVICES, writeYear } from './school-year.ts';

/**
 * Filling a period of a year at every school of a city. Two schools' years are written as samples and rolled up by the
 * collector's own code, one in order and one in trouble; their rollups of days and months are then copied under the other
 * schools, one in ten of them in trouble, which have no samples. The inventories of all are their own.
 */

const FROM = Date.parse('2025-06-01T00:00:00+07:00');
const NOW = Date.parse('2026-05-29T15:02:00+07:00');
const EVALUATION = 'bench-year';
/** The schools that are written: one in order, one in trouble. */
const WRITTEN = [false, true];
const isTroubled = (index: number) => index % 10 === 1;
const schoolName = (index: number) => `school-${String(index).padStart(4, '0')}`;

const round = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });

export async function sayYear(say: (line?: string) => void): Promise<void> {
  const found = await fillYear();
  const { samplesOfOne, days, schools } = found;
  say(
    `A period of a year, ${round(schools)} schools of ${DEVICES.length} devices, ${days} school days, ${round(samplesOfOne)} samples each`,
  );
  say('(samples of two schools; their rollups of days and months copied under the others, one in ten in trouble)');
  say('| fill all | s | CPU s | median of one, ms | slowest, ms |');
  say('|---|---|---|---|---|');
  for (const [name, fill] of [
    ['opened at once: months are merged, the window kept', found.first],
    ['prepared before: the window so far is kept', found.again],
  ] as const)
    say(
      `| ${name} | ${round(fill.seconds, 1)} | ${round(fill.cpuSeconds, 1)} | ${round(fill.medianMs, 1)} | ${round(fill.slowestMs, 1)} |`,
    );
  say();
  say('| | |');
  say('|---|---|');
  say(`| rollups, MB (${round((found.rollupMb / schools) * 1000)} KB a school) | ${round(found.rollupMb)} |`);
  say(`| store, MB, of which samples of two schools ${round(found.samplesMb)} | ${round(found.databaseMb)} |`);
  say(`| one school day from samples to rollup, ms | ${round(found.rollDayMs)} |`);
  say(`| one school filled from samples, s | ${round(found.rawSeconds, 1)} |`);
  say(
    `| the same from rollups, by itself, ms (ratio) | ${round(found.oneMs, 1)} (${round((found.rawSeconds * 1000) / found.oneMs)}) |`,
  );
  say(`| one in trouble, by itself, ms | ${round(found.troubledMs, 1)} |`);
  say(`| slowest of 50 of these, ms | ${round(found.slowestOneMs, 1)} |`);
  say(`| one school judged live by kept days, ms | ${round(found.liveMs, 1)} |`);
  say(`| writing all this first, s | ${round(found.seedSeconds)} |`);
  say(found.verdicts.join(', '));
}

interface Fill {
  seconds: number;
  cpuSeconds: number;
  medianMs: number;
  slowestMs: number;
}

interface YearFigures {
  schools: number;
  samplesMb: number;
  first: Fill;
  again: Fill;
  seedSeconds: number;
  samplesOfOne: number;
  days: number;
  rollDayMs: number;
  rawSeconds: number;
  liveMs: number;
  oneMs: number;
  troubledMs: number;
  slowestOneMs: number;
  rollupMb: number;
  databaseMb: number;
  verdicts: string[];
}

async function fillYear(schools = 3000, from = FROM): Promise<YearFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'thdt-bench-'));
  const startedAt = performance.now();
  const store = await openSqlite(directory);
  const database = new SqliteDatabase(join(directory, 'thdt.sqlite'));
  database.pragma('synchronous = OFF');
  database.pragma('foreign_keys = OFF');
  database.pragma('cache_size = -400000');
  try {
    writeInventories(database, schools, from);
    const written = WRITTEN.map((isTroubled, index) => writeYear(database, schoolName(index), from, NOW, isTroubled));
    const samplesMb = statSync(join(directory, 'thdt.sqlite')).size / 1e6;
    const rawSeconds = [];
    for (const index of WRITTEN.keys()) {
      rawSeconds.push(await seconds(() => fillOne(store, index)));
      await judgeSchool(store, schoolName(index), NOW);
    }
    const rollDayMs = await dayMs(store);
    copyRollups(database, schools);
    database.pragma('wal_checkpoint(TRUNCATE)');
    const seedSeconds = (performance.now() - startedAt) / 1000;
    const first = await fillEvery(store);
    database.exec('delete from evaluation_finding');
    const again = await fillEvery(store);
    const ones: number[] = [];
    const troubled: number[] = [];
    const live = [];
    for (let index = 10; index < Math.min(60, schools); index++) {
      (isTroubled(index) ? troubled : ones).push(1000 * (await seconds(() => fillOne(store, index))));
      await judgeSchool(store, schoolName(index), NOW);
      live.push(1000 * (await seconds(() => judgeSchool(store, schoolName(index), NOW))));
    }
    database.pragma('wal_checkpoint(TRUNCATE)');
    const { bytes } = database.prepare('select sum(length(body)) as bytes from rollup').get() as { bytes: number };
    const verdicts = database
      .prepare(
        `select rule || ' ' || state || ' ×' || count(*) as said
         from (select rule, json_extract(body, '$.state') as state from evaluation_finding)
         where state <> 'manual' group by rule, state`,
      )
      .all() as { said: string }[];
    return {
      seedSeconds,
      samplesOfOne: written[0]!.samples,
      days: written[0]!.days,
      rollDayMs,
      rawSeconds: median(rawSeconds),
      liveMs: median(live),
      oneMs: median(ones),
      troubledMs: median(troubled),
      slowestOneMs: Math.max(...ones, ...troubled),
      first,
      again,
      schools,
      samplesMb,
      rollupMb: bytes / 1e6,
      databaseMb: statSync(join(directory, 'thdt.sqlite')).size / 1e6,
      verdicts: verdicts.map(({ said }) => said),
    };
  } finally {
    database.close();
    await store.destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const fillOne = async (store: Store, index: number) =>
  fillSchools(store, await requireEvaluation(store, EVALUATION), [schoolName(index)], NOW);

/** The time of one is its share of the commit that it came with. */
async function fillEvery(store: Store): Promise<Fill> {
  const cpu = process.cpuUsage();
  const each: number[] = [];
  let before = performance.now();
  let batch = 0;
  const total = await seconds(async () => {
    const settle = () => {
      const took = performance.now() - before;
      for (let index = 0; index < batch; index++) each.push(took / batch);
      before = performance.now();
      batch = 0;
    };
    const done = () => {
      if (batch++ === 0) setImmediate(settle);
    };
    await fillAll(store, EVALUATION, { now: () => NOW, done });
  });
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  return { seconds: total, cpuSeconds, slowestMs: Math.max(...each), medianMs: median(each) };
}

/** From samples in the store to the rollup of a school day, ms. */
async function dayMs(store: Store): Promise<number> {
  const policy = resolvePolicy([]);
  const { utcOffsetMinutes } = DEFAULT_CALENDAR;
  const periods = lastPeriods(DEFAULT_CALENDAR, 'school-day', NOW, 10);
  const runs = [];
  for (const day of periods.slice(0, -1))
    runs.push(
      await seconds(async () => {
        const samples = await loadSamples(store, schoolName(0), day.from, day.to);
        rollDay(samples, { periods, policy, utcOffsetMinutes }, day);
      }),
    );
  return 1000 * median(runs);
}

function writeInventories(database: SqliteDatabase.Database, schools: number, from: number): void {
  const run = (statement: string, ...values: unknown[]) => database.prepare(statement).run(...values);
  run("insert into org_unit (id, name) values ('bench', 'Bench')");
  const school = database.prepare(
    "insert into school (id, unit_id, code, name, levels) values (?, 'bench', ?, ?, '[\"primary\"]')",
  );
  const agent = database.prepare(
    `insert into agent (id, school_id, public_key, hostname, version, status, enrolled_at)
     values (?, ?, '{}', 'bench', '0', 'active', 0)`,
  );
  const room = database.prepare("insert into room (id, school_id, name, kind, created_at) values (?, ?, ?, 'it', 0)");
  const asset = database.prepare(
    `insert into asset (id, school_id, room_id, kind, "use", name, target, status, created_at)
     values (?, ?, ?, ?, ?, ?, ?, 'expected', 0)`,
  );
  const series = database.prepare(
    'insert into series (school_id, probe, target, first_at, last_at) values (?, ?, ?, ?, ?)',
  );
  run(
    `insert into evaluation (id, name, edition_id, edition, from_at, to_at, state, created_by, created_at)
     values (?, 'Bench', '', '', ?, ?, 'open', 'nobody', 0)`,
    EVALUATION,
    from,
    FROM + 365 * 24 * 3600_000,
  );
  const part = database.prepare('insert into evaluation_school (evaluation_id, school_id) values (?, ?)');
  database.transaction(() => {
    for (let index = 0; index < schools; index++) {
      const id = schoolName(index);
      school.run(id, id, id);
      part.run(EVALUATION, id);
      for (const number of [0, 1]) room.run(`${id}-r${number}`, id, `Phòng Tin học ${number + 1}`);
      for (const name of ['site', ...DEVICES.filter(({ kind }) => kind === 'pc').map(({ target }) => target)])
        if (index < WRITTEN.length) agent.run(`${id}-${name}`, id);
      for (const { kind, target, room: number, use, probes } of DEVICES) {
        asset.run(`${id}-${target}`, id, number === null ? null : `${id}-r${number}`, kind, use, target, target);
        for (const probe of probes) series.run(id, probe, target, from, NOW);
      }
    }
  })();
}

/** Days and months of the written schools under every other; not the window so far, which nobody has asked for yet. */
function copyRollups(database: SqliteDatabase.Database, schools: number): void {
  const copy = database.prepare(
    `insert into rollup (school_id, from_at, to_at, last_at, digest, body)
     select ?, from_at, to_at, last_at, digest, body from rollup where school_id = ? and to_at - from_at < 32 * 86400000`,
  );
  database.transaction(() => {
    for (let index = WRITTEN.length; index < schools; index++)
      copy.run(schoolName(index), schoolName(isTroubled(index) ? 1 : 0));
  })();
}
