import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../collector/access/people.ts';
import { buildApp } from '../../collector/app.ts';
import { type Harness, LINK, makeSchool, startHarness } from './harness.ts';

let harness: Harness;
let schoolId: string;
let otherSchoolId: string;
const cookies: Record<string, string> = {};

beforeAll(async () => {
  harness = await startHarness();
  schoolId = await makeSchool(harness);
  otherSchoolId = await makeSchool(harness);
  for (const role of ['school', 'viewer', 'assessor']) {
    const school_id = role === 'school' ? schoolId : null;
    await harness.store
      .insertInto('person')
      .values({ id: role, username: role, name: role, role, password: null, school_id, units: '["NV"]' })
      .execute();
    cookies[role] = `thdt_session=${await openSession(harness.store, role, Date.now())}`;
  }
  cookies.admin = harness.cookie;
});
afterAll(() => harness.close());

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
}
const call = async (
  { method, url }: Call,
  cookie?: string,
  headers: Record<string, string> = { 'x-thdt': '1' },
  payload?: object,
) => {
  const answer = await harness.app.inject({
    method,
    url,
    headers: { ...headers, ...(cookie ? { cookie } : {}) },
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, code: answer.body.startsWith('{') ? answer.json().error?.code : undefined };
};

describe('rights', () => {
  /** Every route of the description, and the least role that passes; whatever is new must be named here. */
  const NEEDS: Record<string, 'nobody' | 'school' | 'viewer' | 'assessor' | 'admin'> = {
    'POST /session': 'nobody',
    'GET /session': 'school',
    'DELETE /session': 'school',
    'PUT /session/password': 'school',
    'GET /overview': 'viewer',
    'GET /schools/{id}': 'school',
    'GET /schools/{id}/scoresheet': 'school',
    'GET /schools/{id}/scoresheet/exports/{format}': 'school',
    'GET /schools/{id}/findings': 'school',
    'POST /schools/{id}/findings': 'assessor',
    'GET /schools/{id}/inventory': 'school',
    'PUT /schools/{id}': 'admin',
    'PUT /schools/{id}/calendar': 'admin',
    'POST /schools/{id}/rooms': 'admin',
    'POST /schools/{id}/assets': 'admin',
    'POST /schools/{id}/enrolments': 'admin',
    'GET /schools/{id}/inventory/export': 'school',
    'GET /schools/{id}/licences': 'school',
    'POST /schools/{id}/licences': 'assessor',
    'PUT /licences/{id}': 'assessor',
    'DELETE /licences/{id}': 'assessor',
    'GET /schools/{id}/proposals': 'school',
    'POST /schools/{id}/proposals/adopt': 'admin',
    'POST /schools/{id}/proposals/ignore': 'admin',
    'POST /schools/{id}/proposals/restore': 'admin',
    'POST /schools': 'admin',
    'PUT /rooms/{id}': 'admin',
    'DELETE /rooms/{id}': 'admin',
    'PUT /assets/{id}': 'admin',
    'GET /units': 'viewer',
    'POST /units': 'admin',
    'PUT /units/{id}': 'admin',
    'DELETE /units/{id}': 'admin',
    'PUT /units/{id}/policy': 'admin',
    'POST /agents/{id}/revoke': 'admin',
    'GET /schools/{id}/machines': 'school',
    'POST /schools/{id}/machines/adopt': 'admin',
    'PUT /machines/{id}/asset': 'admin',
    'POST /schools/{id}/endpoint-codes': 'admin',
    'POST /endpoint-codes/{id}/revoke': 'admin',
    'POST /enrol': 'nobody',
    'GET /schools/{id}/installation': 'school',
    'GET /downloads/{name}': 'nobody',
    'POST /reports': 'nobody',
    'GET /reports/{id}': 'school',
    'POST /speed/turn': 'nobody',
    'DELETE /speed/turn': 'nobody',
    'GET /speed/download': 'nobody',
    'POST /speed/upload': 'nobody',
    'GET /speed/address': 'nobody',
    'GET /releases': 'admin',
    'POST /releases': 'admin',
    'POST /releases/rollouts': 'admin',
    'POST /releases/files/{sha256}': 'admin',
    'GET /releases/files/{sha256}': 'nobody',
    'GET /releases/{version}/manifest': 'nobody',
    'GET /live': 'school',
    'GET /people': 'admin',
    'POST /people': 'admin',
    'PUT /people/{id}': 'admin',
    'GET /audit': 'admin',
    'GET /audit/check': 'admin',
    'GET /editions': 'viewer',
    'POST /editions': 'admin',
    'PUT /editions/in-force': 'admin',
    'GET /editions/{edition}': 'viewer',
    'GET /editions/{edition}/compare/{other}': 'viewer',
    'PUT /editions/{edition}/readings/{reading}': 'admin',
    'GET /evaluations/{id}/readings': 'viewer',
    'PUT /evaluations/{id}/readings/{reading}': 'admin',
    'GET /imports/{kind}/template': 'assessor',
    'POST /imports/{kind}': 'assessor',
    'GET /evaluations': 'school',
    'POST /evaluations': 'admin',
    'GET /evaluations/{id}': 'viewer',
    'PUT /evaluations/{id}/state': 'admin',
    'GET /evaluations/{id}/exports/{format}': 'viewer',
    'GET /evaluations/{id}/schools/{school}': 'school',
    'POST /evaluations/{id}/schools/{school}/entries': 'assessor',
    'PUT /evaluations/{id}/schools/{school}/drafts/{rule}': 'assessor',
    'DELETE /evaluations/{id}/schools/{school}/drafts/{rule}': 'assessor',
    'POST /evaluations/{id}/schools/{school}/remarks': 'school',
    'POST /evaluations/{id}/schools/{school}/evidence': 'school',
    'GET /evaluations/{id}/schools/{school}/evidence/{file}': 'school',
    'GET /evaluations/{id}/schools/{school}/exports/{format}': 'school',
    'GET /evaluations/{id}/schools/{school}/frozen': 'school',
  };
  const RANK = { nobody: 0, school: 1, viewer: 2, assessor: 3, admin: 4 };
  const routesOf = async () => {
    const description = (await harness.app.inject('/api/v1/openapi.json')).json();
    return Object.entries(description.paths as Record<string, object>)
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({
          method: method.toUpperCase() as Call['method'],
          path: path.replace('/api/v1', ''),
        })),
      )
      .filter(({ path }) => path !== '/healthz');
  };

  test('every route of the description is written down here, and nothing else', async () => {
    const routes = (await routesOf()).map(({ method, path }) => `${method} ${path}`);
    expect(routes.sort()).toEqual(Object.keys(NEEDS).sort());
  });

  test('every route by every role: who has too little is refused, who has enough gets past the door', async () => {
    for (const { method, path } of await routesOf()) {
      if (path === '/live' || path === '/session' || path === '/session/password') continue;
      const needs = NEEDS[`${method} ${path}`] ?? 'admin';
      const url = `/api/v1${path
        .replace('{school}', schoolId)
        .replace(/schools\/\{id\}/, `schools/${schoolId}`)
        .replaceAll(/\{\w+\}/g, 'khong-co')}`;
      const stranger = await call({ method, url });
      if (needs === 'nobody') expect(stranger.code, `${method} ${path}`).not.toBe('signed-out');
      else expect(stranger, `${method} ${path}`).toMatchObject({ status: 401, code: 'signed-out' });
      for (const role of ['school', 'viewer', 'assessor', 'admin'] as const) {
        const answer = await call({ method, url }, cookies[role]);
        const said = `${role}: ${method} ${path}`;
        if (RANK[role] < RANK[needs]) expect(answer, said).toMatchObject({ status: 403, code: 'no-rights' });
        else expect([401, 403], said).not.toContain(answer.status);
      }
    }
  });

  test('a school’s person sees nothing of another school', async () => {
    for (const { method, path } of await routesOf()) {
      if (NEEDS[`${method} ${path}`] !== 'school' || !path.includes('/schools/')) continue;
      const url = `/api/v1${path
        .replace('{school}', otherSchoolId)
        .replace(/schools\/\{id\}/, `schools/${otherSchoolId}`)
        .replaceAll(/\{\w+\}/g, 'khong-co')}`;
      expect(await call({ method, url }, cookies.school), `${method} ${path}`).toMatchObject({
        status: 403,
        code: 'no-rights',
      });
    }
  });

  test('a form on another site sends the cookie but not the header, and changes nothing', async () => {
    const answer = await call(
      { method: 'POST', url: '/api/v1/units' },
      harness.cookie,
      {},
      { name: 'Lạ', parentId: null },
    );
    expect(answer).toMatchObject({ status: 403, code: 'no-rights' });
    expect((await harness.ask('GET', '/units')).body.some((unit: { name: string }) => unit.name === 'Lạ')).toBe(false);
  });
});

describe('entry by hand', () => {
  const enter = (body: object) =>
    harness.ask('POST', `/schools/${schoolId}/findings`, { kind: 'finding', reason: 'đã xem tại trường', ...body });
  test.each([
    ['an unknown rule', { rule: 'IX.9.9.z' }, 'không có mục IX.9.9.z'],
    ['a count below zero', { rule: 'I.1.1.b', count: -1 }, ''],
    ['an award not in the list', { rule: 'IV.2.a', award: 'galaxy' }, 'thành tích không có trong danh sách'],
    ['no reason', { rule: 'I.1.1.b', count: 1, reason: '' }, ''],
    ['a field that nobody knows', { rule: 'I.1.1.b', count: 1, extra: true }, ''],
  ])('%s is refused in one line and leaves the sheet as it was', async (_, body, says) => {
    const before = (await harness.ask('GET', `/schools/${schoolId}/scoresheet`)).body.total;
    const answer = await enter(body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'input-invalid' } } });
    expect(answer.body.error.message).toContain(says);
    expect(answer.body.error.message).not.toContain('\n');
    expect((await harness.ask('GET', `/schools/${schoolId}/scoresheet`)).body.total).toBe(before);
  });

  test('a finding takes its points with who and why; withdrawing gives them back and both stay on record', async () => {
    const total = async () => (await harness.ask('GET', `/schools/${schoolId}/scoresheet`)).body.total;
    const before = await total();
    expect((await enter({ rule: 'I.1.1.b', count: 2 })).status).toBe(201);
    expect(await total()).toBeLessThan(before);
    expect((await enter({ rule: 'I.1.1.b', kind: 'withdrawn', reason: 'nhập nhầm trường' })).status).toBe(201);
    expect(await total()).toBe(before);
    const kept = (await harness.ask('GET', `/schools/${schoolId}/findings`)).body;
    expect(kept.map((entry: { kind: string; by: string }) => [entry.kind, entry.by])).toEqual([
      ['withdrawn', 'Quản trị'],
      ['finding', 'Quản trị'],
    ]);
  });

  test('a reason that looks like a formula stays text in the CSV', async () => {
    await enter({ rule: 'I.1.1.b', count: 1, reason: '=HYPERLINK("x");"y"\nz' });
    const answer = await harness.app.inject({
      url: `/api/v1/schools/${schoolId}/scoresheet/exports/csv`,
      headers: { cookie: harness.cookie },
    });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.body.startsWith('\uFEFF')).toBe(true);
    // Read back as RFC 4180 with semicolons: no cell begins like a formula.
    const cells = [...answer.body.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^;\r\n]*))(?:;|\r\n|$)/g)].map(
      (match) => match[1] ?? match[2]!,
    );
    expect(cells.some((cell) => cell.includes('HYPERLINK'))).toBe(true);
    expect(cells.filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([]);
  });
});

describe('what was entered wrong', () => {
  const admin = (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => harness.ask(method, path, body);

  test('is corrected: unit, school, room and device; what is in use cannot be removed', async () => {
    const unit = (await admin('POST', '/units', { name: 'Cụm sai', parentId: null })).body.id;
    const school = (await admin('POST', '/schools', { unitId: unit, code: 'SAI-1', name: 'Sai', levels: ['primary'] }))
      .body.id;
    expect((await admin('PUT', `/units/${unit}`, { name: ' Cụm đúng ', parentId: null })).status).toBe(200);
    expect((await admin('PUT', `/units/${unit}`, { name: 'Cụm đúng', parentId: unit })).status).toBe(400);
    expect((await admin('DELETE', `/units/${unit}`)).status).toBe(409);
    const right = { unitId: unit, code: 'DUNG-1', name: 'Đúng', levels: ['secondary'] };
    expect((await admin('PUT', `/schools/${school}`, right)).status).toBe(200);
    const room = (await admin('POST', `/schools/${school}/rooms`, { name: 'Phong', kind: 'other' })).body.id;
    expect((await admin('PUT', `/rooms/${room}`, { name: 'Phòng Tin học', kind: 'it' })).status).toBe(200);
    const device = { roomId: room, kind: 'pc', use: null, name: 'May', target: 'may-1' };
    const asset = (await admin('POST', `/schools/${school}/assets`, device)).body.id;
    expect((await admin('DELETE', `/rooms/${room}`)).status).toBe(409);
    const changed = { ...device, name: 'Máy 01', use: 'student', status: 'retired' };
    expect((await admin('PUT', `/assets/${asset}`, changed)).body).toMatchObject({ name: 'Máy 01', status: 'retired' });
    const { body } = await harness.ask('GET', `/schools/${school}/inventory`);
    expect(body).toMatchObject({
      school: right,
      rooms: [{ name: 'Phòng Tin học', kind: 'it' }],
      assets: [{ name: 'Máy 01', status: 'retired' }],
    });
    expect((await harness.ask('GET', `/schools/${school}`)).body.assets).toEqual([]);
    const log = (await harness.ask('GET', `/audit?subject=school/${school}`)).body;
    expect(log.map((row: { action: string }) => row.action)).toEqual([
      'asset.changed',
      'asset.created',
      'room.changed',
      'room.created',
      'school.changed',
      'school.created',
    ]);
    expect(log[0]).toMatchObject({ by: 'Quản trị', before: { status: 'expected' }, after: { status: 'retired' } });
    for (const path of ['units', 'schools', 'rooms', 'assets'])
      expect(
        (
          await admin(
            'PUT',
            `/${path}/khong-co`,
            path === 'units'
              ? { name: 'x', parentId: null }
              : path === 'schools'
                ? right
                : path === 'rooms'
                  ? { name: 'x', kind: 'it' }
                  : changed,
          )
        ).status,
        path,
      ).toBe(404);
  });

  test('names of spaces and names that are taken are refused, spellings of one name are one', async () => {
    expect((await admin('POST', '/units', { name: '   ', parentId: null })).status).toBe(400);
    expect((await admin('POST', '/units', { name: 'Quận Long Biên', parentId: null })).status).toBe(201);
    expect((await admin('POST', '/units', { name: ' Quận Long Biên'.normalize('NFD'), parentId: null })).status).toBe(
      409,
    );
    expect(
      (
        await harness.ask('POST', `/schools/${schoolId}/findings`, {
          rule: 'I.1.1.b',
          kind: 'finding',
          count: 1,
          reason: '     ',
        })
      ).status,
    ).toBe(400);
    const noLevel = await admin('POST', '/schools', { unitId: 'x', code: 'x', name: 'x', levels: [] });
    expect(noLevel.body.error.message).toBe('body/levels: phải chọn từ 1 mục');
  });

  test('the school’s own hours and holidays are kept, and make no sense only when refused', async () => {
    const path = `/schools/${schoolId}/calendar`;
    const { calendar } = (await harness.ask('GET', `/schools/${schoolId}/inventory`)).body;
    expect(calendar.week[1]).toEqual([420, 1020]);
    const changed = {
      week: calendar.week.map((hours: unknown, day: number) => (day === 6 ? [420, 660] : hours)),
      closed: [{ from: '2026-11-20', to: '2026-11-20' }],
    };
    expect((await admin('PUT', path, changed)).status).toBe(200);
    expect((await harness.ask('GET', `/schools/${schoolId}/inventory`)).body.calendar).toEqual(changed);
    for (const bad of [
      { ...changed, week: changed.week.slice(1) },
      { ...changed, week: changed.week.map(() => [600, 600]) },
      { ...changed, closed: [{ from: '2026-11-20', to: '2026-11-19' }] },
      { ...changed, closed: [{ from: '20/11/2026', to: '20/11/2026' }] },
    ])
      expect((await admin('PUT', path, bad)).status).toBe(400);
  });
});

describe('policy values of a unit', () => {
  test('hold for the schools below it, are shown as changed, and a value that makes no sense changes nothing', async () => {
    const school = async () => (await harness.ask('GET', `/schools/${schoolId}`)).body;
    const shown = async (name: string) =>
      (await school()).policy.find((value: { name: string }) => value.name === name);
    const { unit } = await school();
    expect(await shown('internetShareMin')).toMatchObject({ value: 0.8, isDefault: true });
    const path = `/units/${unit.id}/policy`;
    expect(await harness.ask('PUT', path, { internetShareMin: 0.9 })).toEqual({
      status: 200,
      body: { internetShareMin: 0.9 },
    });
    expect(await shown('internetShareMin')).toMatchObject({ value: 0.9, isDefault: false });
    for (const bad of [
      { internetShareMin: 1.5 },
      { internetShareMin: '0.9' },
      { noSuchValue: 1 },
      { windowPeriods: 0 },
    ])
      expect(await harness.ask('PUT', path, bad), JSON.stringify(bad)).toMatchObject({
        status: 400,
        body: { error: { code: 'input-invalid' } },
      });
    expect(await shown('internetShareMin')).toMatchObject({ value: 0.9 });
    expect((await harness.ask('PUT', path, {})).status).toBe(200);
    expect(await shown('internetShareMin')).toMatchObject({ value: 0.8, isDefault: true });
    expect((await harness.ask('PUT', '/units/khong-co/policy', {})).status).toBe(404);
  });
});

describe('session', () => {
  test('a wrong link, a wrong name and a wrong password get one and the same kind of answer', async () => {
    for (const body of [
      { link: 'x'.repeat(32) },
      { username: 'ai-do', password: 'x'.repeat(12) },
      { username: 'quantri', password: 'x'.repeat(12) },
    ])
      expect(await harness.ask('POST', '/session', body)).toMatchObject({
        status: 401,
        body: { error: { code: 'sign-in-refused' } },
      });
  });

  test('the link works until there is a password, the password from then on, and a closed session no more', async () => {
    const own = await startHarness();
    try {
      expect((await own.ask('PUT', '/session/password', { password: 'ngắn' })).status).toBe(400);
      expect((await own.ask('PUT', '/session/password', { password: 'một mật khẩu dài' })).status).toBe(204);
      expect((await own.ask('POST', '/session', { link: LINK })).status).toBe(401);
      const again = await own.ask('POST', '/session', { username: 'quantri', password: 'một mật khẩu dài' });
      expect(again).toMatchObject({ status: 200, body: { user: { role: 'admin', hasPassword: true } } });
      expect((await own.ask('DELETE', '/session')).status).toBe(204);
      expect((await own.ask('GET', '/session')).status).toBe(401);
    } finally {
      await own.close();
    }
  });
});

test('wrong sign-ins from one address do not lock out another behind the same proxy', async () => {
  const own = await startHarness();
  try {
    const signIn = (from: string, password: string) =>
      own.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: { 'x-forwarded-for': from },
        payload: { username: 'quantri', password },
      });
    const codes: number[] = [];
    for (let index = 0; index < 22; index++) codes.push((await signIn('10.1.1.1', '')).statusCode);
    expect(codes.at(-1)).toBe(429);
    expect((await signIn('10.1.1.2', '')).statusCode).not.toBe(429);
  } finally {
    await own.close();
  }
});

test('requests that are refused for want of a session count against the limit too', async () => {
  const answer = await harness.app.inject({ url: '/api/v1/overview', headers: { 'x-forwarded-for': '10.1.1.3' } });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['x-ratelimit-remaining']).toBe('11999');
});

test('health, and addresses that do not exist', async () => {
  expect((await harness.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  expect((await harness.app.inject('/api/v1/khong-co')).json().error.code).toBe('not-found');
  for (const path of ['/schools/khong-co', '/schools/khong-co/scoresheet', '/reports/khong-co'])
    expect((await harness.ask('GET', path)).status, path).toBe(404);
});

test('the page is asked for each time, at every address of it; its assets are kept', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'thdt-page-'));
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>THĐT</title>');
  writeFileSync(join(directory, 'assets', 'index-abc.js'), '0');
  const app = await buildApp(harness.context, { webDirectory: directory });
  try {
    for (const url of ['/', '/truong/abc', '/dang-nhap']) {
      const answer = await app.inject(url);
      expect(answer, url).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-cache' } });
      expect(answer.body).toContain('<title>THĐT</title>');
    }
    expect((await app.inject('/assets/index-abc.js')).headers['cache-control']).toContain('immutable');
    expect((await app.inject('/assets/gone.js')).statusCode).toBe(404);
  } finally {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
