import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SheetItem } from '../../collector/api/schemas/scoresheet.ts';
import { digestOf, type FrozenSheet } from '../../collector/evaluation/freeze.ts';
import { lockAll } from '../../collector/evaluation/jobs.ts';
import { verifySheet } from '../../collector/evaluation/verify.ts';
import { loadEdition } from '../../shared/rubric/load.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness } from './harness.ts';

/** What a hostile review found: each way in which a sheet could have been wrong, lost, forged or stuck. */

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

/** A period of its own over one school of its own, open. */
async function openPeriod(days = { from: '2026-09-01', to: '2027-05-31' }) {
  const schoolId = await makeSchool(harness);
  const made = await harness.ask('POST', '/evaluations', { name: 'Kỳ', ...days, schoolIds: [schoolId] });
  const id = made.body.id as string;
  const path = `/evaluations/${id}/schools/${schoolId}`;
  await harness.ask('PUT', `/evaluations/${id}/state`, { to: 'open' });
  await harness.jobs();
  const step = (to: string, reason?: string) => harness.ask('PUT', `/evaluations/${id}/state`, { to, reason });
  const enter = (rule: string, entry: object) =>
    harness.ask('POST', `${path}/entries`, { rule, kind: 'finding', reason: 'đã xem', basedOn: null, ...entry });
  const sheet = async () => (await harness.ask('GET', path)).body.sheet;
  return { id, schoolId, path, step, enter, sheet };
}
const itemsOf = (sheet: { standards: { criteria: { items: SheetItem[] }[] }[] }) =>
  sheet.standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));

test('an entry that another edition does not take decides nothing there, and nothing breaks', async () => {
  const schoolId = await makeSchool(harness);
  const enter = (body: object) =>
    harness.ask('POST', `/schools/${schoolId}/findings`, { kind: 'finding', reason: 'đã xem', ...body });
  expect((await enter({ rule: 'IV.2.a', award: 'district' })).status).toBe(201);
  const edition = structuredClone(loadEdition('8265/QĐ-UBND')) as unknown as Record<string, unknown>;
  const text = JSON.stringify({ ...edition, id: '8265/SỬA', date: '2026-11-01' }).replaceAll('"district"', '"quan"');
  const { key } = (await harness.ask('POST', '/editions', { text })).body;
  expect((await harness.ask('PUT', '/editions/in-force', { key, reason: 'bản sửa' })).status).toBe(200);
  const { status, body } = await harness.ask('GET', `/schools/${schoolId}/scoresheet`);
  expect(status).toBe(200);
  const rule = itemsOf(body)
    .flatMap(({ rules }) => rules)
    .find(({ id }) => id === 'IV.2.a')!;
  expect(rule).toMatchObject({ decidedBy: null, manual: { award: 'district' } });
  expect((await harness.ask('GET', '/overview')).status).toBe(200);
  const shipped = (await harness.ask('GET', '/editions')).body.find((one: { id: string }) => one.id === '8265/QĐ-UBND');
  await harness.ask('PUT', '/editions/in-force', { key: shipped.key, reason: 'trở lại' });
});

test('a count beyond the text leaves the sheet open until its points are decided', async () => {
  const { enter, sheet } = await openPeriod();
  for (const item of itemsOf(await sheet()))
    for (const rule of item.rules.filter(({ applies }) => applies))
      await enter(rule.id, rule.id === 'II.2.1.a' ? { count: 7 } : { kind: 'meets' });
  const before = await sheet();
  expect(before).toMatchObject({ total: 88, provisional: true, range: { least: 85, most: 90 } });
  const [own] = await harness.store
    .selectFrom('manual_finding')
    .select('id')
    .where('rule', '=', 'II.2.1.a')
    .orderBy('at', 'desc')
    .execute();
  expect((await enter('II.2.1.a', { count: 7, points: 4, basedOn: own!.id })).status).toBe(201);
  expect(await sheet()).toMatchObject({ total: 86, provisional: false, range: { least: 86, most: 86 } });
});

describe('a locked sheet', () => {
  test('holds although a report was being stored, and although the clock went back', async () => {
    const { id, schoolId, step, path } = await openPeriod({ from: '2026-09-01', to: '2027-05-31' });
    const agent = await enrolAgent(harness, schoolId);
    const at = Date.parse('2026-11-20T08:00:00+07:00');
    const take = async () =>
      harness.context.ingest.take(
        await agent.sign(agent.report([sample('internet-speed', 'internet', at, { lineMbps: 90 })])),
      );
    await take();
    await step('review');
    await step('locked');
    await harness.jobs();
    // Received before the lock by the clock, committed after it.
    await take();
    const [late] = await harness.store.selectFrom('report').selectAll().orderBy('id', 'desc').limit(1).execute();
    const row = await harness.store
      .selectFrom('locked_sheet')
      .selectAll()
      .where('evaluation_id', '=', id)
      .executeTakeFirstOrThrow();
    await harness.store
      .updateTable('report')
      .set({ received_at: row.at - 5 })
      .where('id', '=', late!.id)
      .execute();
    expect((await verifySheet(harness.store, row.body, row.digest)).faults).toEqual([]);
    expect((await harness.ask('GET', `${path}/frozen`)).status).toBe(200);
  });

  test('that was rewritten with all its sums is told by the log', async () => {
    const { id, enter, step } = await openPeriod();
    await enter('I.1.2.a', { count: 4 });
    await step('review');
    await step('locked');
    await harness.jobs();
    const { body } = await harness.store
      .selectFrom('locked_sheet')
      .select('body')
      .where('evaluation_id', '=', id)
      .executeTakeFirstOrThrow();
    const frozen = JSON.parse(body) as FrozenSheet;
    const forged = JSON.stringify({ ...frozen, entries: [] });
    expect((await verifySheet(harness.store, forged, digestOf(forged))).faults.map(({ why }) => why).join()).toContain(
      'phiếu thiếu một kết quả nhập tay có trong nhật ký',
    );
    const renamed = JSON.stringify({ ...frozen, sheet: { ...frozen.sheet, unassessed: 0 } });
    expect((await verifySheet(harness.store, renamed)).faults.map(({ why }) => why)).toEqual([
      'nội dung in trên phiếu không khớp với nội dung tính lại',
    ]);
  });

  test('that was frozen before hosts on Wi-Fi and expected counts were judged still holds', async () => {
    const { id, schoolId, step } = await openPeriod();
    await harness.ask('POST', `/schools/${schoolId}/rooms`, { name: 'Tin học', kind: 'it', expectedPcs: 3 });
    await step('review');
    await step('locked');
    await harness.jobs();
    const { body } = await harness.store
      .selectFrom('locked_sheet')
      .select('body')
      .where('evaluation_id', '=', id)
      .executeTakeFirstOrThrow();
    const isNew = (name: unknown) => typeof name === 'string' && /^(wifi[A-Z]|expected(Pcs|Printers)$)/.test(name);
    const withoutNew = (key: string, value: unknown) => {
      if (isNew(key)) return undefined;
      if (key === 'missing') return [];
      return Array.isArray(value) ? value.filter((entry) => !isNew((entry as { name?: unknown } | null)?.name)) : value;
    };
    expect(body).toMatch(/"expectedPcs":3.*"wifiBadPeriods"/);
    expect((await verifySheet(harness.store, body)).faults).toEqual([]);
    const old = JSON.stringify(JSON.parse(body, withoutNew));
    expect(old).not.toMatch(/expectedPcs|wifiBadPeriods/);
    expect((await verifySheet(harness.store, old)).faults).toEqual([]);
  });
});

test('a period that is being locked can be gone back from with a reason, and locks nothing afterwards', async () => {
  const { id, step, enter } = await openPeriod();
  await step('review');
  await harness.store.updateTable('evaluation').set({ state: 'locking' }).where('id', '=', id).execute();
  expect((await enter('I.1.1.a', { kind: 'meets' })).body.error.code).toBe('not-now');
  expect((await step('review')).status).toBe(400);
  expect((await step('review', 'kho dữ liệu bận')).body.state).toBe('review');
  await lockAll(harness.store, id, { now: Date.now, done: () => undefined });
  expect((await harness.ask('GET', `/evaluations/${id}`)).body.state).toBe('review');
  expect((await enter('I.1.1.a', { kind: 'meets' })).status).toBe(201);
});

test('ten thousand schools fit into one request; a slip in a year does not', async () => {
  const many = Array.from({ length: 10_000 }, () => uuidv7());
  const make = (body: object) => harness.ask('POST', '/evaluations', { name: 'Kỳ', ...body });
  const answer = await make({ from: '2026-09-01', to: '2027-05-31', schoolIds: many });
  expect(answer.body.error.message).toContain('không có trường');
  const schoolIds = [await makeSchool(harness)];
  for (const days of [
    { from: '0001-01-01', to: '2027-05-31' },
    { from: '2025-01-01', to: '2027-05-31' },
    { from: '2027-06-01', to: '2027-05-31' },
  ])
    expect((await make({ ...days, schoolIds })).status, JSON.stringify(days)).toBe(400);
});

test('a device that was entered after the window ended is not judged in it', async () => {
  const { id, schoolId } = await openPeriod({ from: '2026-01-05', to: '2026-02-28' });
  await harness.ask('POST', `/schools/${schoolId}/assets`, {
    roomId: null,
    kind: 'camera',
    use: null,
    name: 'Camera mới',
    target: 'cam-moi',
  });
  harness.context.judging.fill(id);
  await harness.jobs();
  const { body } = await harness.store
    .selectFrom('evaluation_finding')
    .select('body')
    .where('evaluation_id', '=', id)
    .where('rule', '=', 'III.3.2.a')
    .executeTakeFirstOrThrow();
  expect(JSON.parse(body)).toMatchObject({ state: 'insufficient', missing: [] });
});
