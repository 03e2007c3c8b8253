import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../../collector/access/people.ts';
import { verifySheet } from '../../collector/evaluation/verify.ts';
import { exportFormats } from '../../collector/exports/registry.ts';
import { twoGroupsText } from '../shared/rubric/fixtures/two-groups.ts';
import { unzip } from './exports/zip.ts';
import { type Harness, makeSchool, startHarness } from './harness.ts';

/** An edition of another shape all the way: uploaded, entered by its own units, contested, locked, exported, verified. */

let harness: Harness;
let schoolId: string;
let place: string;
let cookie: string;
beforeAll(async () => {
  harness = await startHarness();
  schoolId = await makeSchool(harness);
  expect((await harness.ask('POST', '/editions', { text: twoGroupsText })).status).toBe(201);
  const person = { username: 'don-vi-b', name: 'Người B', role: 'assessor', units: ['B'], schoolId: null };
  const made = await harness.ask('POST', '/people', { ...person, password: 'mat-khau-dai' });
  cookie = `thdt_session=${await openSession(harness.store, made.body.id, Date.now())}`;
  const period = await harness.ask('POST', '/evaluations', {
    name: 'Kỳ hai nhóm',
    from: '2026-09-01',
    to: '2026-11-30',
    edition: 'THU-NGHIEM/hai-nhom',
    schoolIds: [schoolId],
  });
  expect(period.body.edition).toMatchObject({ id: 'THU-NGHIEM/hai-nhom' });
  place = `/evaluations/${period.body.id}`;
  await harness.ask('PUT', `${place}/state`, { to: 'open' });
  await harness.jobs();
});
afterAll(() => harness.close());

const own = () => `${place}/schools/${schoolId}`;
const enter = (rule: string, body: object = {}) =>
  harness.ask('POST', `${own()}/entries`, { rule, kind: 'finding', reason: 'xem tại trường', basedOn: null, ...body });
const sheet = async () => (await harness.ask('GET', own())).body.sheet;
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever JSON came back
const itemOf = (answer: any, id: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  answer.standards.flatMap((s: any) => s.criteria.flatMap((c: any) => c.items)).find((item: any) => item.id === id);

test('the sheet says what each rule takes', async () => {
  const answer = await sheet();
  expect(answer.groups).toMatchObject([
    { id: 'D', title: 'Nhóm thử: dạy, học', points: 0, max: 100, met: true },
    { id: 'Q', points: 40, max: 100, met: true },
  ]);
  const [free, steps, share] = itemOf(answer, 'D1.1.1').rules;
  expect(free).toMatchObject({ shape: 'free', max: 6, by: null });
  expect(steps).toMatchObject({ by: 'count', per: 'học liệu', textTo: null, awards: [{ id: 'few', from: 1 }, {}, {}] });
  expect(share).toMatchObject({ by: 'percent', per: 'giáo viên', awards: [{ from: 20, above: null }, { above: 60 }] });
  expect(itemOf(answer, 'Q2.1').rules[0]).toMatchObject({ textTo: 20 });
  expect(answer.gaps[0].needs).toContainEqual({
    of: 'D',
    points: 75.25,
    without: null,
    text: 'Nhóm dạy, học trên 75 điểm',
  });
});

test.each([
  ['a share without its whole', 'D1.1.1.c', { count: 12 }],
  ['more than the whole', 'D1.1.1.c', { count: 31, of: 30 }],
  ['a share of nothing', 'D1.1.1.c', { count: 0, of: 0 }],
  ['a whole where there is none', 'D1.1.1.b', { count: 3, of: 5 }],
  ['points above the rule’s own maximum', 'D1.1.1.a', { points: 7 }],
  ['decided points where the text is clear', 'Q2.1.a', { count: 20, points: 10 }],
])('%s is refused', async (_, rule, body) => {
  expect((await enter(rule, body)).status).toBe(400);
});

test('entries add up within the item, and unit B enters its own', async () => {
  for (const [rule, body] of [
    ['D1.1.1.a', { points: 5.5 }],
    ['D1.1.1.b', { count: 12 }],
    ['D1.1.1.c', { count: 19, of: 30 }],
    ['D1.2.1.a', { count: 3 }],
    ['D2.1.a', { award: 'province' }],
    ['D2.2.a', { award: 'yes' }],
    ['D2.2.c', { points: 15 }],
    ['Q1.1.1.a', { count: 95, of: 100 }],
    ['Q1.1.1.b', { count: 3 }],
    ['Q1.1.2.a', { count: 1 }],
    ['D1.2.2.a', { count: 10, of: 10 }],
  ] as const) {
    const made = await enter(rule, body);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
  }
  const answer = await sheet();
  expect(itemOf(answer, 'D1.1.1')).toMatchObject({ points: 29.5 });
  expect(itemOf(answer, 'D1.1.1').rules[2].manual).toMatchObject({ count: 19, of: 30, points: null });
  expect(itemOf(answer, 'D2.2').points).toBe(25);
  const asB = (rule: string) =>
    harness.app.inject({
      method: 'POST',
      url: `/api/v1${own()}/entries`,
      headers: { cookie, 'x-thdt': '1' },
      payload: { rule, kind: 'meets', reason: 'đã xem hồ sơ', basedOn: null },
    });
  expect((await asB('Q2.0.a')).statusCode).toBe(201);
  expect((await asB('D1.1.0.a')).statusCode).toBe(403);
});

test('past the text the item waits until the points are decided', async () => {
  const made = await enter('Q2.1.a', { count: 23 });
  expect(itemOf(await sheet(), 'Q2.1')).toMatchObject({ points: 30, needsAssessor: true });
  const decided = { count: 23, points: 22.5, basedOn: made.body.id };
  expect((await enter('Q2.1.a', decided)).status).toBe(201);
  expect(itemOf(await sheet(), 'Q2.1')).toMatchObject({ points: 22.5, needsAssessor: false, source: 'manual' });
});

test('locked, exported in every format and recomputed, it is one and the same sheet', async () => {
  for (const rule of ['D1.1.0.a', 'Q1.1.2.b']) await enter(rule, { kind: 'meets' });
  const before = await sheet();
  expect(before).toMatchObject({ provisional: false, gradeLabel: 'Mức thử 3', total: 190 });
  for (const to of ['review', 'locked']) {
    await harness.ask('PUT', `${place}/state`, { to });
    await harness.jobs();
  }
  const after = await sheet();
  expect(after).toEqual({ ...before, asOf: after.asOf });
  for (const format of exportFormats) {
    const answer = await harness.app.inject({
      url: `/api/v1${own()}/exports/${format.id}`,
      headers: { cookie: harness.cookie },
    });
    expect(answer.statusCode, format.id).toBe(200);
    const bytes = answer.rawPayload;
    const text =
      bytes.subarray(0, 2).toString('latin1') === 'PK' ? [...unzip(bytes).values()].join('\n') : bytes.toString();
    expect(text.includes('Nhóm thử: quản trị'), format.id).toBe(true);
  }
  const { body, digest } = await harness.store.selectFrom('locked_sheet').selectAll().executeTakeFirstOrThrow();
  expect(await verifySheet(harness.store, body, digest)).toMatchObject({ total: 190, faults: [] });
  const id = `${place.split('/').at(-1)}/${schoolId}`;
  const run = spawnSync(process.execPath, ['collector/verify.ts', id, '--data', harness.directory], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  expect(run.status, run.stdout + run.stderr).toBe(0);
});

test('a sheet that an earlier version froze, without what was added since, is still shown', async () => {
  const { body } = await harness.store.selectFrom('locked_sheet').selectAll().executeTakeFirstOrThrow();
  const added = ['groups', 'needs', 'of', 'textTo', 'above'];
  const old = JSON.parse(body, (key, value) =>
    added.includes(key) || (key === 'by' && [null, 'count', 'percent'].includes(value)) ? undefined : value,
  );
  old.edition = JSON.parse(body).edition;
  await harness.store
    .updateTable('locked_sheet')
    .set({ body: JSON.stringify(old) })
    .execute();
  expect(await harness.ask('GET', own())).toMatchObject({ status: 200, body: { sheet: { groups: null, total: 190 } } });
  expect((await harness.ask('GET', place)).status).toBe(200);
});
