import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkAudit } from '../../collector/audit/audit.ts';
import { judgeSchool } from '../../collector/compliance/service.ts';
import type { FrozenSheet } from '../../collector/evaluation/freeze.ts';
import { verifySheet } from '../../collector/evaluation/verify.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness } from './harness.ts';

/** The register of licences, from a person's entry to a verdict and into a locked sheet. */

const NOW = Date.parse('2026-11-20T16:00:00+07:00');
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness(() => NOW);
});
afterAll(() => harness.close());

const entry = (rest: object = {}) => ({
  product: 'Kaspersky Small Office Security',
  seats: 2,
  validFrom: '2026-01-01',
  validUntil: '2026-12-31',
  document: 'HĐ 12/2026 với công ty A, lưu tại phòng kế toán',
  ...rest,
});

/** A school whose `count` PCs of teachers run one product. */
async function start(count: number, name = 'Kaspersky') {
  const school = await makeSchool(harness);
  const agent = await enrolAgent(harness, school);
  const ids = Array.from({ length: count }, (_, index) => `pc-${index}`);
  for (const id of ids)
    await harness.ask('POST', `/schools/${school}/assets`, {
      roomId: null,
      kind: 'pc',
      use: 'teaching',
      name: id,
      target: id,
    });
  const products = [{ name, on: true, upToDate: true }];
  const samples = ids.map((id) => sample('antivirus', id, NOW - 3600_000, { products }));
  await harness.context.ingest.take(await agent.sign(agent.report(samples, NOW - 3600_000)));
  const judged = async () =>
    (await judgeSchool(harness.store, school, NOW)).findings.find(({ rule }) => rule === 'III.3.1.a')!;
  return { school, path: `/schools/${school}/licences`, judged };
}

test('entries are made, changed and removed, each with who and when in the log, and judged at once', async () => {
  const { school, path, judged } = await start(3);
  expect((await judged()).state).toBe('insufficient');
  const made = await harness.ask('POST', path, entry());
  expect(made).toMatchObject({ status: 201, body: { maker: 'Kaspersky', state: 'valid', seats: 2 } });
  expect(await judged()).toMatchObject({ state: 'fail', faults: [{ assetId: null, why: '2 bản quyền cho 3 máy' }] });
  const one = `/licences/${made.body.id}`;
  expect((await harness.ask('PUT', one, entry({ seats: 3 }))).body.seats).toBe(3);
  expect(await judged()).toMatchObject({ state: 'pass', figure: '3/3 máy' });
  expect((await harness.ask('PUT', one, entry({ validUntil: '2026-11-19' }))).body.state).toBe('ended');
  expect((await judged()).state).toBe('fail');
  const list = await harness.ask('GET', path);
  expect(list.body.entries).toMatchObject([{ id: made.body.id, by: expect.stringMatching(/./), state: 'ended' }]);
  expect(list.body.products).toContain('Bkav Pro');
  expect((await harness.ask('DELETE', one)).status).toBe(204);
  expect((await harness.ask('DELETE', one)).status).toBe(404);
  expect((await judged()).state).toBe('insufficient');
  const rows = await harness.store
    .selectFrom('audit')
    .select(['action', 'by', 'before'])
    .where('subject', 'like', `school/${school}/licence/%`)
    .orderBy('seq')
    .execute();
  expect(rows.map(({ action }) => action)).toEqual([
    'licence.created',
    'licence.changed',
    'licence.changed',
    'licence.removed',
  ]);
  expect(JSON.parse(rows[3]!.before)).toMatchObject({ valid_until: '2026-11-19' });
  expect((await checkAudit(harness.store)).broken).toBeNull();
});

test.for([
  ['no product', { product: ' ' }],
  ['no seats', { seats: 0 }],
  ['half a seat', { seats: 1.5 }],
  ['a day that is none', { validFrom: '2026-02-30' }],
  ['an end before the beginning', { validUntil: '2025-12-31' }],
  ['no document', { document: '   ' }],
  ['a field that nobody knows', { price: 1 }],
] as const)('an entry with %s is refused and nothing is kept', async ([, rest]) => {
  const { path } = await start(0);
  const refused = await harness.ask('POST', path, entry(rest));
  expect(refused.status).toBe(400);
  expect(refused.body.error.message).not.toBe('');
  expect((await harness.ask('GET', path)).body.entries).toEqual([]);
});

test('an entry of a school that is not there is not found', async () => {
  expect((await harness.ask('POST', '/schools/none/licences', entry())).status).toBe(404);
  expect((await harness.ask('GET', '/schools/none/licences')).status).toBe(404);
});

async function locked(school: string) {
  const made = await harness.ask('POST', '/evaluations', {
    name: `Kỳ ${school}`,
    from: '2026-11-02',
    to: '2026-11-20',
    schoolIds: [school],
  });
  expect(made.status).toBe(201);
  await harness.jobs();
  for (const state of ['open', 'review', 'locked']) {
    expect((await harness.ask('PUT', `/evaluations/${made.body.id}/state`, { to: state })).status).toBe(200);
    await harness.jobs();
  }
  return harness.store
    .selectFrom('locked_sheet')
    .selectAll()
    .where('evaluation_id', '=', made.body.id)
    .executeTakeFirstOrThrow();
}

test('a locked sheet keeps the register, and how its names were read', async () => {
  const { school, path } = await start(2);
  const made = await harness.ask('POST', path, entry());
  const row = await locked(school);
  const frozen = JSON.parse(row.body) as FrozenSheet;
  expect(frozen.facts.register).toMatchObject({
    entries: [{ id: made.body.id, seats: 2 }],
    read: { Kaspersky: { cost: 'unknown' }, 'Kaspersky Small Office Security': { cost: 'paid' } },
  });
  await harness.ask('DELETE', `/licences/${made.body.id}`);
  expect((await verifySheet(harness.store, row.body, row.digest)).faults).toEqual([]);
  frozen.facts.register = { ...frozen.facts.register!, entries: [] };
  const forged = await verifySheet(harness.store, JSON.stringify(frozen));
  expect(forged.faults.map(({ item }) => item)).toContain('III.3.1');
});

test('a sheet that was locked before there was a register still verifies', async () => {
  const { school } = await start(2, 'ESET Security');
  const frozen = JSON.parse((await locked(school)).body) as FrozenSheet;
  delete frozen.facts.register;
  const old = JSON.stringify(frozen, (key, value) => (key === 'also' ? undefined : value));
  expect(old).not.toContain('Đã có báo cáo');
  expect((await verifySheet(harness.store, old)).faults).toEqual([]);
});
