import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { rules } from '../../../collector/compliance/rules.ts';
import { judgeSchool } from '../../../collector/compliance/service.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness } from '../harness.ts';

let harness: Harness;
let schoolId: string;
beforeAll(async () => {
  harness = await startHarness();
  schoolId = await makeSchool(harness);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => harness.close());

const cameraRule = rules.find((rule) => rule.id === 'III.3.2.a')!;

test('a rule that breaks is told, knows nothing, and does not hold up the others', async () => {
  const { findings: before } = await judgeSchool(harness.store, schoolId, Date.now());
  vi.spyOn(cameraRule, 'judge').mockImplementation(() => {
    throw new Error('broken on purpose');
  });
  const told: string[] = [];
  const { findings } = await judgeSchool(harness.store, schoolId, Date.now(), (rule) => told.push(rule));
  expect(told).toEqual(['III.3.2.a']);
  expect(findings).toHaveLength(before.length);
  expect(findings.find(({ rule }) => rule === 'III.3.2.a')).toMatchObject({ state: 'insufficient', count: 0 });
});

test('values that no probe sends are kept, and the school page still opens', async () => {
  const agent = await enrolAgent(harness, schoolId);
  const now = Date.now();
  // An empty list of products is left out: it says that there are none.
  const odd: unknown[] = [{ toString: false }, [null], null, 1, { valueOf: null }, '__proto__', 'constructor'];
  for (const kind of ['camera', 'pc', 'internet', 'access-point', 'printer'] as const)
    await harness.ask('POST', `/schools/${schoolId}/assets`, {
      roomId: null,
      kind,
      use: kind === 'pc' ? 'student' : null,
      name: kind,
      target: kind,
    });
  const probes = { camera: 'camera', pc: 'antivirus', internet: 'internet-speed', printer: 'printer' };
  const samples = Object.entries(probes).flatMap(([target, probe]) =>
    odd.map((value, index) =>
      sample(probe, target, now - 1000 * index, { state: value, products: value, lineMbps: value, valid: value }),
    ),
  );
  const jws = await agent.sign(agent.report(samples, now));
  const stored = await harness.app.inject({
    method: 'POST',
    url: '/api/v1/reports',
    headers: { 'content-type': 'application/jose' },
    payload: jws,
  });
  expect(stored.statusCode).toBe(201);
  const { findings } = await judgeSchool(harness.store, schoolId, now);
  expect(findings.filter(({ state }) => state === 'pass' || state === 'fail')).toEqual([]);
  const page = await harness.ask('GET', `/schools/${schoolId}`);
  expect(page.status).toBe(200);
  expect(page.body.assets.find((asset: { kind: string }) => asset.kind === 'pc').antivirus.products).toBeNull();
});

test('a stored report that was tampered with is shown as such', async () => {
  const agent = await enrolAgent(harness, schoolId);
  const report = agent.report([sample('camera', 'camera', Date.now(), { state: 'live' })]);
  const jws = await agent.sign(report);
  await harness.context.ingest.take(jws);
  for (const changed of [jws.replace('.', '.A'), 'nothing at all', `${jws}A`]) {
    await harness.store.updateTable('report').set({ jws: changed }).where('id', '=', report.id).execute();
    const { status, body } = await harness.ask('GET', `/reports/${report.id}`);
    expect(status).toBe(200);
    expect(body.verified).toBe(false);
  }
});
