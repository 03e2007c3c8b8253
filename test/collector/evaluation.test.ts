import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../collector/access/people.ts';
import { checkAudit } from '../../collector/audit/audit.ts';
import { verifySheet } from '../../collector/evaluation/verify.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness } from './harness.ts';

/** A period from preparation to locked sheets, over real measurements of three weeks. */

const NOW = Date.parse('2026-11-20T18:30:00+07:00');
const HOUR = 3600_000;
const ROOT = join(import.meta.dirname, '../..');

let harness: Harness;
let now = NOW;
let schoolId: string;
let otherId: string;
let evaluationId: string;
const cookies: Record<string, string> = {};

const as = (who: string) => ({
  ask: async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
    const answer = await harness.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { cookie: cookies[who]!, 'x-thdt': '1' },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
  },
});
const sheetPath = (school = schoolId) => `/evaluations/${evaluationId}/schools/${school}`;
const sheet = async (who = 'admin') => (await as(who).ask('GET', sheetPath())).body;
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever JSON came back
const ruleOf = (answer: any, id: string) =>
  answer.sheet.standards
    // biome-ignore lint/suspicious/noExplicitAny: as above
    .flatMap((s: any) => s.criteria.flatMap((c: any) => c.items.flatMap((i: any) => i.rules)))
    .find((rule: { id: string }) => rule.id === id);

async function person(username: string, role: string, units: string[] = [], school: string | null = null) {
  const made = await harness.ask('POST', '/people', {
    username,
    name: `Người ${username}`,
    role,
    units,
    schoolId: school,
    password: 'mat-khau-dai',
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  cookies[username] = `thdt_session=${await openSession(harness.store, made.body.id, now)}`;
}

beforeAll(async () => {
  harness = await startHarness(() => now);
  cookies.admin = harness.cookie;
  schoolId = await makeSchool(harness);
  otherId = await makeSchool(harness);
  await person('cntt', 'assessor', ['CNTT']);
  await person('nv', 'assessor', ['NV']);
  await person('xem', 'viewer');
  await person('truong', 'school', [], schoolId);
  await person('truong-khac', 'school', [], otherId);
  const device = (kind: string, target: string, use: string | null = null) =>
    harness.ask('POST', `/schools/${schoolId}/assets`, { roomId: null, kind, use, name: target, target });
  await device('internet', 'internet');
  await device('camera', 'cam-1');
  const agent = await enrolAgent(harness, schoolId);
  for (let day = Date.parse('2026-11-02T07:00:00+07:00'); day < NOW; day += 24 * HOUR) {
    const hours = Array.from({ length: 10 }, (_, hour) => day + hour * HOUR);
    const samples = hours.flatMap((at) => [
      sample('internet-speed', 'internet', at, { lineMbps: 30 }),
      ...Array.from({ length: 12 }, (_, round) =>
        sample('camera', 'cam-1', at + round * 5 * 60_000, { state: 'live' }),
      ),
    ]);
    now = day + 11 * HOUR;
    const stored = await harness.context.ingest.take(await agent.sign(agent.report(samples, now)));
    expect(stored.stored).toBe('new');
  }
  now = NOW;
  const made = await harness.ask('POST', '/evaluations', {
    name: 'Năm 2026',
    from: '2026-11-02',
    to: '2026-11-30',
    schoolIds: [schoolId, otherId],
  });
  expect(made).toMatchObject({
    status: 201,
    body: { state: 'prepared', from: '2026-11-02', to: '2026-11-30', schools: 2 },
  });
  evaluationId = made.body.id;
});
afterAll(() => harness.close());

const step = (to: string, reason?: string) =>
  harness.ask('PUT', `/evaluations/${evaluationId}/state`, { to, ...(reason ? { reason } : {}) });

test('while it is prepared nothing is entered, and schools do not see it', async () => {
  expect((await as('truong').ask('GET', '/evaluations')).body).toEqual([]);
  expect((await as('truong').ask('GET', sheetPath())).status).toBe(404);
  const entry = { rule: 'I.1.1.a', kind: 'meets', reason: 'đã xem', basedOn: null };
  expect(await as('nv').ask('POST', `${sheetPath()}/entries`, entry)).toMatchObject({
    status: 409,
    body: { error: { code: 'not-now' } },
  });
  expect((await step('locked')).status).toBe(409);
});

test('opened, Tiêu chuẩn 3 fills itself from the measurements of the window, each with its signed reports', async () => {
  expect((await step('open')).status).toBe(200);
  await harness.jobs();
  const answer = await sheet('truong');
  expect(answer.measuredAt).toBe(new Date(NOW).toISOString());
  expect(ruleOf(answer, 'III.2.2.a')).toMatchObject({
    decidedBy: 'measured',
    effect: -1,
    measured: { state: 'fail', window: { from: '2026-11-02T00:00:00.000Z' } },
  });
  expect(ruleOf(answer, 'III.2.2.a').measured.verdict).toContain('15 ngày học, từ 02/11/2026 đến 20/11/2026');
  expect(ruleOf(answer, 'III.2.2.a').measured.evidence.length).toBeGreaterThan(0);
  expect(ruleOf(answer, 'III.3.2.a')).toMatchObject({ decidedBy: 'measured', effect: 0 });
  expect(ruleOf(answer, 'III.3.1.a')).toMatchObject({ decidedBy: null, measured: { state: 'insufficient' } });
});

describe('entries', () => {
  const enter = (who: string, body: object) => as(who).ask('POST', `${sheetPath()}/entries`, body);

  test('a unit enters the items that carry its name and no others', async () => {
    const entry = { kind: 'finding', count: 2, reason: 'thiếu hai nội dung', basedOn: null };
    expect(await enter('nv', { ...entry, rule: 'I.1.1.b' })).toMatchObject({ status: 201, body: { by: 'Người nv' } });
    expect(await enter('nv', { ...entry, rule: 'II.1.1.a' })).toMatchObject({
      status: 403,
      body: { error: { message: 'mục II.1.1 do CNTT chấm, tài khoản này không thuộc đơn vị đó' } },
    });
    for (const who of ['xem', 'truong'])
      expect((await enter(who, { ...entry, rule: 'I.1.1.b' })).status, who).toBe(403);
    expect(ruleOf(await sheet(), 'I.1.1.b')).toMatchObject({ decidedBy: 'manual', effect: -1 });
  });

  test('of two who enter at once the second is told who was first, and nothing of either is lost', async () => {
    const seen = ruleOf(await sheet(), 'I.1.1.c').manual;
    expect(seen).toBeNull();
    const both = await Promise.all([
      enter('nv', { rule: 'I.1.1.c', kind: 'meets', reason: 'có văn bản', basedOn: null }),
      enter('admin', { rule: 'I.1.1.c', kind: 'finding', count: 1, reason: 'chưa có văn bản', basedOn: null }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const refused = both.find(({ status }) => status === 409)!;
    expect(refused.body.error).toMatchObject({ code: 'edit-conflict' });
    expect(refused.body.error.message).toMatch(/^(Người nv|Quản trị) vừa nhập mục I\.1\.1\.c/);
    const { entries } = await sheet();
    expect(entries.filter((entry: { rule: string }) => entry.rule === 'I.1.1.c')).toHaveLength(1);
    const again = { rule: 'I.1.1.c', kind: 'finding', count: 1, reason: 'chưa có văn bản', basedOn: entries[0].id };
    expect((await enter('admin', again)).status).toBe(201);
  });

  test('a measurement is confirmed as it stands, or overridden with a reason and stays visible', async () => {
    const measured = ruleOf(await sheet(), 'III.2.2.a').measured;
    const confirmed = { rule: 'III.2.2.a', kind: 'confirmed', count: measured.count, reason: 'đúng với biên bản đo' };
    const made = await enter('cntt', { ...confirmed, basedOn: null });
    expect(made.status).toBe(201);
    expect(ruleOf(await sheet(), 'III.2.2.a')).toMatchObject({ decidedBy: 'measured', confirmed: true, effect: -1 });
    const override = { rule: 'III.2.2.a', kind: 'meets', reason: 'nhà mạng đã sửa, có biên bản' };
    expect((await enter('cntt', { ...override, basedOn: made.body.id })).status).toBe(201);
    expect(ruleOf(await sheet(), 'III.2.2.a')).toMatchObject({
      decidedBy: 'manual',
      confirmed: false,
      effect: 0,
      measured: { state: 'fail' },
      manual: { reason: override.reason },
    });
    // What the measurement does not say is not confirmed; what it no longer says lapses: it decides, and asks again.
    const confirmation = { rule: 'III.3.2.a', kind: 'confirmed', reason: 'xác nhận', basedOn: null };
    expect((await enter('cntt', { ...confirmation, count: 1 })).status).toBe(409);
    expect((await enter('cntt', { ...confirmation, count: 0 })).status).toBe(201);
    const place = (query: 'III.3.2.a') =>
      harness.store
        .selectFrom('evaluation_finding')
        .select('body')
        .where('evaluation_id', '=', evaluationId)
        .where('school_id', '=', schoolId)
        .where('rule', '=', query)
        .executeTakeFirstOrThrow();
    const put = (body: string) =>
      harness.store
        .updateTable('evaluation_finding')
        .set({ body })
        .where('evaluation_id', '=', evaluationId)
        .where('school_id', '=', schoolId)
        .where('rule', '=', 'III.3.2.a')
        .execute();
    const { body } = await place('III.3.2.a');
    await put(JSON.stringify({ ...JSON.parse(body), state: 'fail', count: 1 }));
    expect(ruleOf(await sheet(), 'III.3.2.a')).toMatchObject({ decidedBy: 'measured', confirmed: false, effect: -1 });
    await put(body);
    expect(ruleOf(await sheet(), 'III.3.2.a')).toMatchObject({ decidedBy: 'measured', confirmed: true, effect: 0 });
  });

  test.each([
    ['withdrawing what is not there', { rule: 'I.1.1.d', kind: 'withdrawn', reason: 'rút' }],
    ['a rule of another level', { rule: 'IV.1.b', kind: 'finding', award: 'one', reason: 'có' }],
    ['counting a yes or no', { rule: 'I.1.1.a', kind: 'finding', count: 3, reason: 'ba lần' }],
    ['confirming an award', { rule: 'IV.2.a', kind: 'confirmed', count: 0, reason: 'đúng' }],
    ['a reason of spaces', { rule: 'I.1.1.a', kind: 'meets', reason: '     ' }],
  ])('%s is refused, and nothing is kept', async (_, body) => {
    const before = (await sheet()).entries.length;
    expect((await enter('admin', { basedOn: null, ...body })).status).toBe(400);
    expect((await sheet()).entries).toHaveLength(before);
  });

  test('the live sheet knows nothing of them', async () => {
    expect((await harness.ask('GET', `/schools/${schoolId}/findings`)).body).toEqual([]);
  });
});

describe('contests and evidence', () => {
  test('the school contests, CNTT answers, and the district sees what is open', async () => {
    const contest = await as('truong').ask('POST', `${sheetPath()}/remarks`, {
      item: 'III.2.2',
      kind: 'contest',
      text: 'Đường truyền đã nâng cấp ngày 15/11.',
    });
    expect(contest.status).toBe(201);
    const open = async () =>
      (await harness.ask('GET', `/evaluations/${evaluationId}`)).body.rows.find(
        (row: { id: string }) => row.id === schoolId,
      ).openContests;
    expect(await open()).toBe(1);
    const answer = { item: 'III.2.2', kind: 'answer', answers: contest.body.id, text: 'Đã xem lại, giữ điểm.' };
    expect((await as('nv').ask('POST', `${sheetPath()}/remarks`, answer)).status).toBe(403);
    expect((await as('truong').ask('POST', `${sheetPath()}/remarks`, answer)).status).toBe(403);
    expect((await as('cntt').ask('POST', `${sheetPath()}/remarks`, { ...answer, item: 'III.2.1' })).status).toBe(400);
    expect((await as('cntt').ask('POST', `${sheetPath()}/remarks`, answer)).status).toBe(201);
    expect(await open()).toBe(0);
    expect((await sheet('truong')).remarks.map((remark: { kind: string }) => remark.kind)).toEqual([
      'contest',
      'answer',
    ]);
  });

  const upload = (who: string, name: string, data: Buffer, item = 'III.2.2') =>
    harness.app.inject({
      method: 'POST',
      url: `/api/v1${sheetPath()}/evidence?item=${item}&name=${encodeURIComponent(name)}`,
      headers: { cookie: cookies[who]!, 'x-thdt': '1', 'content-type': 'application/octet-stream' },
      payload: data,
    });
  const PDF = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n');

  test('files are known by their content, kept once by digest, and only ever handed out as a download', async () => {
    const kept = await upload('truong', '../../Biên bản đo.exe', PDF);
    expect(kept.statusCode, kept.body).toBe(201);
    expect(kept.json()).toMatchObject({ name: 'Biên bản đo.pdf', type: 'application/pdf', bytes: PDF.length });
    expect((await upload('cntt', 'a.pdf', PDF)).json().digest).toBe(kept.json().digest);
    const file = await harness.app.inject({
      url: `/api/v1${sheetPath()}/evidence/${kept.json().id}`,
      headers: { cookie: cookies.truong! },
    });
    expect(file.rawPayload.equals(PDF)).toBe(true);
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''/);
    expect(file.headers['content-security-policy']).toContain('sandbox');
    expect(file.headers['x-content-type-options']).toBe('nosniff');
  });

  test.each([
    ['a program named .pdf', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
    ['a page named .pdf', Buffer.from('<html><script>alert(1)</script></html>')],
    ['a picture that can carry a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is refused', async (_, data) => {
    expect((await upload('truong', 'minh-chung.pdf', data)).statusCode).toBe(400);
  });

  test('too large, of another unit, of another school: refused', async () => {
    expect((await upload('truong', 'a.pdf', Buffer.concat([PDF, Buffer.alloc(11 * 1024 * 1024)]))).statusCode).toBe(
      413,
    );
    expect((await upload('nv', 'a.pdf', PDF)).statusCode).toBe(403);
    expect((await upload('xem', 'a.pdf', PDF)).statusCode).toBe(403);
    expect((await upload('truong-khac', 'a.pdf', PDF)).statusCode).toBe(403);
  });
});

describe('locked', () => {
  test('the sheet is frozen with what it came from, and computes the same points for ever', async () => {
    const before = (await sheet()).sheet;
    expect((await step('review')).status).toBe(200);
    expect((await step('locked')).body.state).toBe('locking');
    await harness.jobs();
    const after = await sheet('truong');
    expect(after.evaluation.state).toBe('locked');
    expect(after.sheet.total).toBe(before.total);
    expect(after.locked.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(after.mayEnter).toEqual([]);
    const late = { rule: 'I.1.1.d', kind: 'meets', reason: 'muộn', basedOn: null };
    expect((await as('nv').ask('POST', `${sheetPath()}/entries`, late)).status).toBe(409);
    // What changes afterwards changes nothing in it.
    const { unit } = (await harness.ask('GET', `/schools/${schoolId}`)).body;
    await harness.ask('PUT', `/units/${unit.id}/policy`, { internetMbps: 10 });
    await harness.ask('POST', `/schools/${schoolId}/assets`, {
      roomId: null,
      kind: 'camera',
      use: null,
      name: 'mới',
      target: 'cam-9',
    });
    const frozen = await harness.store
      .selectFrom('locked_sheet')
      .selectAll()
      .where('school_id', '=', schoolId)
      .executeTakeFirstOrThrow();
    expect(await verifySheet(harness.store, frozen.body, frozen.digest)).toMatchObject({
      reports: 19,
      samples: 19 * 130,
      total: before.total,
      faults: [],
    });
  });

  const verify = () =>
    spawnSync(process.execPath, ['collector/verify.ts', `${evaluationId}/${schoolId}`, '--data', harness.directory], {
      cwd: ROOT,
      encoding: 'utf8',
    });

  test('`verify` says so, and names item and report of one changed byte in the store', async () => {
    expect(verify()).toMatchObject({ status: 0, stdout: expect.stringMatching(/19 báo cáo đã ký.*: khớp\n$/) });
    const report = await harness.store.selectFrom('report').selectAll().orderBy('created_at').executeTakeFirstOrThrow();
    const [header, payload, signature] = report.jws.split('.');
    const at = Math.floor(payload!.length / 2);
    const changed = `${payload!.slice(0, at)}${payload![at] === 'A' ? 'B' : 'A'}${payload!.slice(at + 1)}`;
    const write = (values: { jws: string; digest?: string }) =>
      harness.store.updateTable('report').set(values).where('id', '=', report.id).execute();
    await write({ jws: `${header}.${changed}.${signature}` });
    const { status, stdout } = verify();
    expect(status).toBe(1);
    expect(stdout).toContain(`SAI  mục III.2.2: báo cáo ${report.id}: báo cáo bị sửa sau khi nhận`);
    expect(stdout).toContain(`SAI  mục III.3.2: báo cáo ${report.id}`);
    // With the digest made to fit, the signature still does not.
    const { createHash } = await import('node:crypto');
    const jws = `${header}.${changed}.${signature}`;
    await write({ jws, digest: createHash('sha256').update(jws).digest('hex') });
    expect(verify().stdout).toContain(`báo cáo ${report.id}: chữ ký của báo cáo không đúng`);
    await write({ jws: report.jws, digest: report.digest });
    expect(verify().status).toBe(0);
  });

  test('a changed sheet, a removed report and a changed log are told too', async () => {
    const rows = harness.store.updateTable('locked_sheet').where('school_id', '=', schoolId);
    const { body } = await harness.store
      .selectFrom('locked_sheet')
      .select('body')
      .where('school_id', '=', schoolId)
      .executeTakeFirstOrThrow();
    await rows.set({ body: body.replace(/"total":[\d.]+/, '"total":99') }).execute();
    expect(verify().stdout).toMatch(/SAI {2}phiếu: phiếu đã khóa bị sửa[\s\S]*SAI {2}phiếu: tổng điểm tính lại/);
    await rows.set({ body }).execute();
    await sql`delete from sample where report_id = (select id from report order by created_at desc limit 1)`.execute(
      harness.store,
    );
    expect(verify().stdout).toContain('bộ báo cáo không còn như lúc khóa: có 18, lúc khóa 19');
  });

  test('the audit log tells who did what, only grows, and shows where it was tampered with', async () => {
    const log = (await harness.ask('GET', `/audit?subject=evaluation/${evaluationId}`)).body;
    const actions = log.map((row: { action: string }) => row.action);
    for (const action of [
      'evaluation.created',
      'evaluation.state',
      'entry.made',
      'remark.contest',
      'remark.answer',
      'evidence.added',
      'sheet.locked',
    ])
      expect(actions, action).toContain(action);
    const entry = log.find((row: { action: string; subject: string }) => row.subject.endsWith('III.2.2.a'));
    expect(entry).toMatchObject({ by: 'Người cntt', before: { kind: 'confirmed' }, after: { kind: 'meets' } });
    expect((await harness.ask('GET', '/audit/check')).body).toMatchObject({ broken: null });
    await expect(sql`update audit set after = '1' where seq = 3`.execute(harness.store)).rejects.toThrow('only grows');
    await expect(sql`delete from audit where seq = 3`.execute(harness.store)).rejects.toThrow('only grows');
    await sql`drop trigger audit_no_update`.execute(harness.store);
    await sql`update audit set after = '1' where seq = 3`.execute(harness.store);
    expect(await checkAudit(harness.store)).toMatchObject({ broken: { seq: 3, why: 'nội dung đã bị sửa' } });
  });

  test('unlocking asks for a reason, is recorded, and lets units correct again', async () => {
    expect((await step('review')).status).toBe(400);
    expect((await step('review', 'trường bổ sung hồ sơ')).body.state).toBe('review');
    expect((await sheet()).mayEnter).toContain('CNTT');
    const [last] = (await harness.ask('GET', `/audit?subject=evaluation/${evaluationId}`)).body;
    expect(last).toMatchObject({ before: 'locked', after: { state: 'review', reason: 'trường bổ sung hồ sơ' } });
  });
});

describe('people', () => {
  test.each([
    ['an assessor of no unit', { role: 'assessor', units: [], schoolId: null }],
    ['a unit that the rubric does not know', { role: 'assessor', units: ['XYZ'], schoolId: null }],
    ['a school’s person without a school', { role: 'school', units: [], schoolId: null }],
    ['a viewer with a unit', { role: 'viewer', units: ['NV'], schoolId: null }],
  ])('%s is refused', async (_, given) => {
    const made = await harness.ask('POST', '/people', {
      username: 'ai-do',
      name: 'Ai đó',
      password: 'mat-khau-dai',
      ...given,
    });
    expect(made).toMatchObject({ status: 400, body: { error: { code: 'input-invalid' } } });
  });

  test('who is locked out is out at once, and an administrator does not lock out themselves', async () => {
    await person('tam', 'viewer');
    const people = (await harness.ask('GET', '/people')).body;
    const { id } = people.find((one: { username: string }) => one.username === 'tam');
    expect((await as('tam').ask('GET', '/overview')).status).toBe(200);
    const given = { name: 'Tạm', role: 'viewer', units: [], schoolId: null, active: false };
    expect((await harness.ask('PUT', `/people/${id}`, given)).status).toBe(200);
    expect((await as('tam').ask('GET', '/overview')).status).toBe(401);
    const signIn = { username: 'tam', password: 'mat-khau-dai' };
    expect((await harness.ask('POST', '/session', signIn)).status).toBe(401);
    const self = people.find((one: { username: string }) => one.username === 'quantri').id;
    const lower = { name: 'Quản trị', role: 'viewer', units: [], schoolId: null, active: true };
    expect((await harness.ask('PUT', `/people/${self}`, lower)).status).toBe(400);
  });
});
