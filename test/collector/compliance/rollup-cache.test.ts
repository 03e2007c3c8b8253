import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MeasuredFinding } from '../../../collector/api/schemas/finding.ts';
import { judgeSchool } from '../../../collector/compliance/service.ts';
import { fillSchools, requireEvaluation } from '../../../collector/evaluation/period.ts';
import { DEFAULT_CALENDAR, schoolDaysBetween } from '../../../shared/calendar.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness, type TestAgent } from '../harness.ts';

/** Rollups that are kept: whatever comes in or is changed, judging by them says what judging by samples alone says. */

const NOW = Date.parse('2026-11-20T15:00:00+07:00');
const FROM = Date.parse('2026-09-07T00:00:00+07:00');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let harness: Harness;
let now = NOW;
let schoolId: string;
let evaluationId: string;
let agent: TestAgent;

const take = async (samples: ReturnType<typeof sample>[], at = now) => {
  now = at;
  await harness.context.ingest.take(await agent.sign(agent.report(samples, at)));
};
const looks = (day: { from: number; to: number }, state = 'live') =>
  Array.from({ length: 20 }, (_, round) =>
    sample('camera', 'cam-1', day.from + round * 30 * MINUTE, { state }, state === 'live' ? null : 'not-live'),
  );

beforeAll(async () => {
  harness = await startHarness(() => now);
  schoolId = await makeSchool(harness);
  const unit = (await harness.ask('GET', `/schools/${schoolId}`)).body.unit.id;
  await harness.ask('PUT', `/units/${unit}/policy`, { expectedEverySeconds: { camera: 1800 } });
  await harness.ask('POST', `/schools/${schoolId}/assets`, {
    roomId: null,
    kind: 'camera',
    use: null,
    name: 'Cổng',
    target: 'cam-1',
  });
  agent = await enrolAgent(harness, schoolId);
  for (const day of schoolDaysBetween(DEFAULT_CALENDAR, FROM, NOW))
    await take(
      looks(day).filter(({ at }) => Date.parse(at) <= NOW),
      Math.min(day.to + MINUTE, NOW),
    );
  now = NOW;
  const made = await harness.ask('POST', '/evaluations', {
    name: 'Học kỳ 1',
    from: '2026-09-01',
    to: '2026-12-31',
    schoolIds: [schoolId],
  });
  evaluationId = made.body.id;
});
afterAll(() => harness.close());

const fill = async (at = now): Promise<MeasuredFinding[]> => {
  const row = await requireEvaluation(harness.store, evaluationId);
  return (await fillSchools(harness.store, row, [schoolId], at)).get(schoolId)!;
};
const judge = async (at = now) =>
  (await judgeSchool(harness.store, schoolId, at)).findings.map(({ id: _, since: __, ...said }) => said);
const spans = () =>
  harness.store
    .selectFrom('rollup')
    .select(['from_at', 'to_at', 'digest'])
    .where('school_id', '=', schoolId)
    .orderBy('from_at')
    .orderBy('to_at')
    .execute();

/** What is kept and what comes of the samples alone must say the same, now and when it is read again. */
async function expectTrue(at = now) {
  const kept = { fill: await fill(at), judge: await judge(at) };
  expect({ fill: await fill(at), judge: await judge(at) }).toEqual(kept);
  await harness.store.deleteFrom('rollup').execute();
  expect({ fill: await fill(at), judge: await judge(at) }).toEqual(kept);
  return kept;
}
const cameras = (findings: { rule: string; figure: string; samples: number; state: string }[]) =>
  findings.find(({ rule }) => rule === 'III.3.2.a')!;

test('a window fills by rollups as by samples, and keeps months, the window so far and recent days', async () => {
  const { fill: findings } = await expectTrue();
  expect(cameras(findings)).toMatchObject({ state: 'pass', samples: 55 * 20 - 3 });
  const kept = await spans();
  const days = (at: number) => Math.round((at / DAY) * 10) / 10;
  const lengths = kept.map(({ from_at, to_at }) => days(to_at - from_at));
  expect(lengths.filter((length) => length > 1)).toEqual([29.7, 79.7, 31, 19]);
  expect(lengths.filter((length) => length <= 1).length).toBeLessThan(20);
});

test('a report out of the spool changes what it must, and nothing that was kept of those days stays', async () => {
  await expectTrue();
  const late = Date.parse('2026-10-05T07:10:00+07:00');
  const covers = async () => (await spans()).filter(({ from_at, to_at }) => from_at <= late && to_at > late).length;
  expect(await covers()).toBeGreaterThan(1);
  const before = cameras(await fill()).samples;
  await take([sample('camera', 'cam-1', late, { state: 'frozen' }, 'not-live')]);
  expect(await covers()).toBe(0);
  expect(cameras(await fill()).samples).toBe(before + 1);
  await expectTrue();
});

test('the running day is read again when a report comes, and as it was when none does', async () => {
  await expectTrue();
  await take([sample('camera', 'cam-1', NOW + MINUTE, { state: 'live' })], NOW + 2 * MINUTE);
  const { judge: later } = await expectTrue();
  // The clock of the server set back: what came since is not known yet.
  const { judge: earlier } = await expectTrue(NOW);
  expect(cameras(later).samples).toBe(cameras(earlier).samples + 1);
  // A sample from the future counts when its time has come.
  await take([sample('camera', 'cam-1', NOW + HOUR, { state: 'live' })]);
  expect(cameras((await expectTrue()).judge).samples).toBe(cameras(later).samples);
  now = NOW + HOUR;
  expect(cameras((await expectTrue()).judge).samples).toBe(cameras(later).samples + 1);
});

test('the next day adds one day to the window so far', async () => {
  await expectTrue();
  now = NOW + DAY;
  await expectTrue();
  const { samples } = cameras(await fill());
  const soFar = (await spans()).filter(({ from_at, to_at }) => to_at - from_at > 40 * DAY);
  expect(soFar).toHaveLength(1);
  expect(cameras(await fill()).samples).toBe(samples);
});

test('other policy values and another calendar make anew what rests on them, and only that', async () => {
  await expectTrue();
  const digests = async () => (await spans()).map(({ from_at, to_at, digest }) => `${from_at} ${to_at} ${digest}`);
  const before = await digests();
  const { unit } = (await harness.ask('GET', `/schools/${schoolId}`)).body;
  const values = { expectedEverySeconds: { camera: 1800 }, cameraLiveShareMin: 0.99 };
  await harness.ask('PUT', `/units/${unit.id}/policy`, values);
  await fill();
  expect(await digests()).toEqual(before);
  await harness.ask('PUT', `/units/${unit.id}/policy`, { ...values, expectedEverySeconds: { camera: 3600 } });
  await expectTrue();
  expect((await digests()).some((digest) => before.includes(digest))).toBe(false);
  const closed = { from: '2026-10-12', to: '2026-10-12' };
  const calendar = await digests();
  await harness.store
    .updateTable('school')
    .set({ calendar: JSON.stringify({ ...DEFAULT_CALENDAR, closed: [closed] }) })
    .where('id', '=', schoolId)
    .execute();
  await fill();
  const after = await digests();
  expect(after.filter((digest) => !calendar.includes(digest)).length).toBe(2);
  await expectTrue();
});

test('what is made while a report comes in is not kept', async () => {
  await harness.store.deleteFrom('rollup').execute();
  const { loadJudgeable } = await import('../../../collector/compliance/judgeable.ts');
  const { keepRollups } = await import('../../../collector/compliance/rollup-cache.ts');
  const { schoolContext } = await import('../../../collector/compliance/service.ts');
  const { windowOfSchool } = await import('../../../collector/evaluation/period.ts');
  const row = await requireEvaluation(harness.store, evaluationId);
  const context = (await schoolContext(harness.store, schoolId))!;
  const [loaded] = await Array.fromAsync(loadJudgeable(harness.store, [windowOfSchool(row, context, now)]));
  const { made } = loaded!;
  expect(made[0]!.rows.length).toBeGreaterThan(1);
  await take([sample('camera', 'cam-1', Date.parse('2026-10-06T07:10:00+07:00'), { state: 'live' })]);
  await harness.store.transaction().execute((write) => keepRollups(write, made));
  expect(await spans()).toEqual([]);
});
