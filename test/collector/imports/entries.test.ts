import type { CellValue } from 'hucre';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../../collector/access/people.ts';
import { checkAudit } from '../../../collector/audit/audit.ts';
import { twoGroupsText } from '../../shared/rubric/fixtures/two-groups.ts';
import { type Harness, makeSchool, startHarness } from '../harness.ts';
import { send, sheetsOf, template, workbook } from './workbook.ts';

/** Entries of a period from a workbook: each unit its own, nothing overwritten unseen. */

const SHEET = 'Kết quả chấm';
let harness: Harness;
let now = Date.parse('2026-11-20T09:00:00+07:00');
let id: string;
let schoolIds: string[];
let nv: string;
beforeAll(async () => {
  harness = await startHarness(() => now);
  schoolIds = [await makeSchool(harness, 'TH-01'), await makeSchool(harness, 'TH-02')];
  const person = { username: 'nv', name: 'Người NV', role: 'assessor', units: ['NV'], schoolId: null };
  const made = await harness.ask('POST', '/people', { ...person, password: 'mat-khau-dai' });
  nv = `thdt_session=${await openSession(harness.store, made.body.id, now)}`;
  const period = { name: 'Năm 2026', from: '2026-11-02', to: '2026-11-30', schoolIds };
  id = (await harness.ask('POST', '/evaluations', period)).body.id;
});
afterAll(() => harness.close());

const query = (apply = false) => `?evaluation=${id}&apply=${apply}`;
const post = (bytes: Buffer, apply = false, cookie = harness.cookie) =>
  send(harness)('entries', bytes, query(apply), cookie);
const get = (cookie = harness.cookie) => template(harness)('entries', `?evaluation=${id}`, cookie);
const made = async (rule: string, school = schoolIds[0]!) =>
  (await harness.ask('GET', `/evaluations/${id}/schools/${school}`)).body.entries.filter(
    (entry: { rule: string }) => entry.rule === rule,
  );
type Fields = Partial<Record<'Kết quả' | 'Số lượng' | 'Tổng số' | 'Thành tích' | 'Điểm' | 'Lý do', CellValue>>;

/** The template filled in: by school code and rule, what stands in which column. */
async function filled(fields: Record<string, Fields>, cookie = harness.cookie): Promise<Buffer> {
  const sheets = await sheetsOf((await get(cookie)).rawPayload);
  const [heads, ...rows] = sheets[SHEET]!;
  for (const row of rows)
    for (const [head, value] of Object.entries(fields[`${row[0]} ${row[2]}`] ?? {})) row[heads!.indexOf(head)] = value;
  return workbook(SHEET, [heads!, ...rows], {}, [{ name: 'Hướng dẫn', rows: sheets['Hướng dẫn']! }]);
}

test('before the period is open nothing is handed out or taken', async () => {
  expect((await get()).json().error.code).toBe('not-now');
  expect(await post(await workbook(SHEET, [['Mã trường', 'Mã mục', 'Kết quả', 'Lý do']]))).toMatchObject({
    status: 409,
  });
  await harness.ask('PUT', `/evaluations/${id}/state`, { to: 'open' });
  await harness.jobs();
});

test('the template holds a row for every school and rule that the reader’s units enter, and comes back empty', async () => {
  const rulesOf = async (cookie: string) => {
    const rows = (await sheetsOf((await get(cookie)).rawPayload))[SHEET]!.slice(1);
    return rows.filter(([school]) => school === 'TH-01').map((row) => String(row[2]));
  };
  const [all, own] = [await rulesOf(harness.cookie), await rulesOf(nv)];
  expect(own.length).toBeGreaterThan(5);
  expect(own.length).toBeLessThan(all.length);
  expect(own).toContain('I.1.1.b');
  expect(own).not.toContain('II.1.1.a');
  // A rule of another level is not among them.
  expect(all).not.toContain('IV.1.b');
  expect(await post((await get(nv)).rawPayload, true, nv)).toMatchObject({
    status: 200,
    body: { rows: 0, errors: [] },
  });
});

describe('filled in', () => {
  const fields: Record<string, Fields> = {
    'TH-01 I.1.1.a': { 'Kết quả': 'Đạt', 'Lý do': 'có kế hoạch' },
    'TH-01 I.1.1.b': { 'Kết quả': 'có', 'Số lượng': 2, 'Lý do': 'hai nội dung' },
    'TH-01 I.1.1.d': { 'Số lượng': '1', 'Lý do': 'thiếu một báo cáo' },
    'TH-02 I.1.1.a': { 'Kết quả': 'có', 'Lý do': 'chưa có\nkế hoạch' },
    'TH-01 IV.2.a': { 'Kết quả': 'có', 'Thành tích': 'giải vũ trụ', 'Lý do': 'có giấy' },
    'TH-01 IV.4': { Điểm: '1,25', 'Lý do': 'có sáng kiến' },
    'TH-02 IV.4': { Điểm: 99, 'Lý do': 'quá nhiều' },
    'TH-02 I.1.1.b': { 'Kết quả': 'có', 'Số lượng': -1, 'Lý do': 'số âm' },
    'TH-02 I.1.1.c': { 'Kết quả': 'có', 'Lý do': '' },
    'TH-02 I.1.1.d': { 'Kết quả': 'có lẽ', 'Lý do': 'chưa rõ' },
    'TH-01 I.1.2.a': { 'Kết quả': 'đạt', 'Số lượng': 3, 'Lý do': 'lẫn lộn' },
    'TH-01 II.2.1.a': { 'Kết quả': 'có', 'Số lượng': 4, Điểm: 4.5, 'Lý do': 'bốn giáo viên, hội đồng quyết định' },
  };

  test('what is right is entered with its author, what is wrong is named by row and column', async () => {
    const { body } = await post(await filled(fields), true);
    expect(body).toMatchObject({ rows: 12, created: 6, changed: 0, same: 0, applied: true });
    expect(body.errors.map(({ column, value }) => [column, value]).sort()).toEqual([
      ['', ''],
      ['Kết quả', 'có lẽ'],
      ['Lý do', ''],
      ['Số lượng', '-1'],
      ['Số lượng', '3'],
      ['Thành tích', 'giải vũ trụ'],
    ]);
    expect(body.errors.find(({ column }) => column === '')!.why).toBe('mục IV.4: điểm từ 0 đến 2, bước 0,25');
    expect(await made('I.1.1.b')).toMatchObject([
      { kind: 'finding', count: 2, by: 'Quản trị', reason: 'hai nội dung' },
    ]);
    expect(await made('I.1.1.a', schoolIds[1])).toMatchObject([
      { kind: 'finding', count: null, reason: 'chưa có kế hoạch' },
    ]);
    expect(await made('IV.4')).toMatchObject([{ points: 1.25 }]);
    expect(await made('II.2.1.a')).toMatchObject([{ count: 4, points: 4.5 }]);
    const log = (await harness.ask('GET', `/audit?subject=evaluation/${id}/school/${schoolIds[0]}/I.1.1.b`)).body;
    expect(log).toMatchObject([{ action: 'entry.made', by: 'Quản trị', before: null, after: { count: 2 } }]);
    expect((await checkAudit(harness.store)).broken).toBeNull();
  });

  test('a new template holds what stands; sent back as it is it changes nothing', async () => {
    now += 60_000;
    const { body } = await post((await get()).rawPayload, true);
    expect(body).toMatchObject({ rows: 6, created: 0, changed: 0, same: 6, errors: [] });
    expect(await made('I.1.1.b')).toHaveLength(1);
  });

  test('an entry that somebody made after the template was handed out is not overwritten', async () => {
    now += 60_000;
    const later = await filled({ 'TH-01 I.1.1.b': { 'Số lượng': 3 }, 'TH-01 I.1.1.d': { 'Số lượng': 5 } });
    now += 60_000;
    const [seen] = await made('I.1.1.b');
    const entry = { rule: 'I.1.1.b', kind: 'meets', reason: 'xem lại hồ sơ', basedOn: seen.id };
    expect((await harness.ask('POST', `/evaluations/${id}/schools/${schoolIds[0]}/entries`, entry)).status).toBe(201);
    now += 60_000;
    const { body } = await post(later, true);
    expect(body).toMatchObject({ changed: 1, created: 0 });
    expect(body.errors).toMatchObject([
      { why: 'Quản trị đã nhập mục này sau lúc xuất mẫu (xem lại hồ sơ): tải mẫu mới rồi nhập lại' },
    ]);
    expect((await made('I.1.1.b'))[0]).toMatchObject({ kind: 'meets' });
    expect((await made('I.1.1.d'))[0]).toMatchObject({ count: 5 });
  });

  test('rows without the template’s own sheet make new entries and overwrite none', async () => {
    const rows = [
      ['Mã trường', 'Mã mục', 'Kết quả', 'Số lượng', 'Lý do'],
      ['TH-01', 'I.1.1.d', 'có', 9, 'chín báo cáo'],
      ['TH-02', 'I.1.1.d', 'có', 1, 'một báo cáo'],
      ['TH-02', 'I.1.1.d', 'có', 2, 'hai báo cáo'],
      ['TH-99', 'I.1.1.d', 'có', 1, 'trường khác'],
      ['TH-02', 'IX.1', 'có', 1, 'mục khác'],
      ['TH-02', 'I.1.2.a', 'rút lại', null, 'chưa có gì'],
    ];
    const { body } = await post(await workbook(SHEET, rows), true);
    expect(body).toMatchObject({ created: 1, changed: 0, same: 1 });
    expect(body.errors.map(({ row, column }) => [row, column])).toEqual([
      [2, ''],
      [4, 'Mã mục'],
      [5, 'Mã trường'],
      [6, 'Mã mục'],
    ]);
  });

  test('a unit’s assessor enters the unit’s items only, and may withdraw', async () => {
    now += 60_000;
    const rows = [
      ['Mã trường', 'Mã mục', 'Kết quả', 'Lý do'],
      ['TH-02', 'I.1.1.a', 'rút lại', 'nhầm trường'],
      ['TH-02', 'II.1.1.a', 'đạt', 'không phải việc của mình'],
    ];
    const guide = { name: 'Hướng dẫn', rows: (await sheetsOf((await get(nv)).rawPayload))['Hướng dẫn']! };
    const { body } = await post(await workbook(SHEET, rows, {}, [guide]), true, nv);
    expect(body).toMatchObject({ changed: 1 });
    expect(body.errors).toMatchObject([
      { row: 3, why: 'mục II.1.1 do CNTT chấm, tài khoản này không thuộc đơn vị đó' },
    ]);
    expect((await made('I.1.1.a', schoolIds[1]))[0]).toMatchObject({ kind: 'withdrawn', by: 'Người NV' });
    expect((await send(harness)('schools', Buffer.alloc(1), '', nv)).status).toBe(403);
    expect((await template(harness)('people', '', nv)).statusCode).toBe(403);
  });
});

test('a template of another period is refused; shares carry their whole', async () => {
  const old = (await get()).rawPayload;
  await harness.ask('POST', '/editions', { text: twoGroupsText });
  const period = { name: 'Hai nhóm', from: '2026-11-02', to: '2026-11-30', schoolIds, edition: 'THU-NGHIEM/hai-nhom' };
  id = (await harness.ask('POST', '/evaluations', period)).body.id;
  await harness.ask('PUT', `/evaluations/${id}/state`, { to: 'open' });
  expect((await post(old)).body.error!.message).toContain('của một kỳ đánh giá khác');
  const bytes = await filled({
    'TH-01 D1.1.1.c': { 'Số lượng': 19, 'Tổng số': 30, 'Lý do': 'danh sách giáo viên' },
    'TH-02 D1.1.1.c': { 'Số lượng': 31, 'Tổng số': 30, 'Lý do': 'danh sách giáo viên' },
  });
  const { body } = await post(bytes, true);
  expect(body).toMatchObject({ created: 1 });
  expect(body.errors).toMatchObject([{ why: 'mục D1.1.1.c: số lượng phải là số nguyên từ 0, không quá tổng số' }]);
  expect(await made('D1.1.1.c')).toMatchObject([{ count: 19, of: 30 }]);
});
