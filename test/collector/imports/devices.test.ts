import type { CellValue } from 'hucre';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../../collector/access/people.ts';
import { checkAudit } from '../../../collector/audit/audit.ts';
import { type Harness, makeSchool, startHarness } from '../harness.ts';
import { send, sheetsOf, template, workbook } from './workbook.ts';

/** Rooms and devices of one school by XLSX: out, changed, and in again. */

const HEADS = [
  'Phòng',
  'Loại phòng',
  'Thiết bị',
  'Loại',
  'Sử dụng',
  'Mã theo dõi',
  'MAC',
  'Địa chỉ IP',
  'Bản quyền diệt virus',
  'Trạng thái',
  'Số máy tính quy định',
  'Số máy in quy định',
  'Tạo phòng',
];
let harness: Harness;
let school: string;
beforeAll(async () => {
  harness = await startHarness();
  school = await makeSchool(harness);
});
afterAll(() => harness.close());

const file = (rows: CellValue[][], heads = HEADS) => workbook('Thiết bị', [heads, ...rows]);
const post = (bytes: Buffer, apply = false, id = school) =>
  send(harness)('devices', bytes, `?school=${id}&apply=${apply}`);
const inventory = async (id = school) => (await harness.ask('GET', `/schools/${id}/inventory`)).body;
const exported = async (id = school, cookie = harness.cookie) =>
  harness.app.inject({ url: `/api/v1/schools/${id}/inventory/export`, headers: { cookie } });

const room = (name: string | null, kind: string | null, pcs: CellValue = null, make: string | null = null) => [
  ...[name, kind, null, null, null, null, null, null, null, null],
  ...[pcs, null, make],
];
const device = (place: string | null, name: string | null, ...rest: CellValue[]) => [place, null, name, ...rest];

describe('a file of devices', () => {
  const rows = [
    room('Tin học 1', 'Tin học', 30, 'có'),
    device('Tin học 1', 'Máy 01', 'Máy tính', 'Học sinh', 'pc-01', '02-00-00-00-00-01', '192.168.1.11'),
    device('tin hoc 1', 'Máy 02', 'may tinh', 'hoc sinh', 'pc-02', '0200.0000.0002', null, 'HĐ 1/2026'),
    device(null, 'Camera cổng', 'Camera', null, null, null, '192.168.1.200'),
    device('Phòng lạ', 'Máy 03', 'Máy tính'),
    ['Văn phòng', 'Văn phòng', 'Máy in 1', 'Máy in', null, 'in-1', null, null, null, null, null, null, 'có'],
    device('Tin học 1', 'Máy 04', 'Máy bay'),
    device('Tin học 1', 'Máy 05', 'Máy tính', 'Học sinh', 'pc-01'),
    device('Tin học 1', 'Máy 06', 'Máy tính', null, 'pc-06', '02:00:00:00:00:01'),
    device('Tin học 1', 'Máy 07', 'Máy tính', null, 'pc-07', 'không phải MAC'),
    device('Tin học 1', 'Máy 08', 'Máy tính', null, 'pc-08', null, '192.168.1.999'),
    room('Tin học 1', 'Tin học', 31),
    room('Tin học 2', 'Tin học', -1, 'có'),
    device('Tin học 1', null, 'Máy tính'),
  ];
  const wrong = [
    [6, 'Phòng', 'Phòng lạ'],
    [8, 'Loại', 'Máy bay'],
    [9, 'Mã theo dõi', 'pc-01'],
    [10, 'MAC', '02:00:00:00:00:01'],
    [11, 'MAC', 'không phải MAC'],
    [12, 'Địa chỉ IP', '192.168.1.999'],
    [13, 'Phòng', 'Tin học 1'],
    [14, 'Số máy tính quy định', '-1'],
    [15, 'Thiết bị', ''],
  ];

  test('is previewed by row without writing, then makes its rooms and devices', async () => {
    const bytes = await file(rows);
    const preview = (await post(bytes)).body;
    expect(preview.errors.map(({ row, column, value }) => [row, column, value])).toEqual(wrong);
    expect(preview.errors[3]!.why).toContain('“Máy 01”');
    expect(preview).toMatchObject({ rows: 14, created: 5, changed: 0, same: 0, applied: false });
    expect((await inventory()).assets).toEqual([]);
    expect((await post(bytes, true)).body).toMatchObject({ created: 5, applied: true });
    const kept = await inventory();
    expect(kept.rooms).toMatchObject([
      { name: 'Tin học 1', kind: 'it', expectedPcs: 30, expectedPrinters: null, pcs: 2 },
      { name: 'Văn phòng', kind: 'office', printers: 1 },
    ]);
    expect(kept.assets).toMatchObject([
      { name: 'Camera cổng', kind: 'camera', roomId: null, address: '192.168.1.200' },
      { name: 'Máy 01', use: 'student', target: 'pc-01', mac: '02:00:00:00:00:01', address: '192.168.1.11' },
      { name: 'Máy 02', target: 'pc-02', mac: '02:00:00:00:00:02', licence: 'HĐ 1/2026' },
      { name: 'Máy in 1', kind: 'printer', target: 'in-1' },
    ]);
    expect((await checkAudit(harness.store)).broken).toBeNull();
  });

  test('goes out with the same columns, and unchanged comes in as the same row by row', async () => {
    const answer = await exported();
    expect(answer.headers['content-disposition']).toMatch(/filename="thiet-bi-[\w-]+\.xlsx"/);
    const sheets = await sheetsOf(answer.rawPayload);
    expect(sheets['Thiết bị']![0]).toEqual(HEADS);
    expect((await post(answer.rawPayload)).body).toMatchObject({
      rows: 6,
      created: 0,
      changed: 0,
      same: 6,
      errors: [],
    });
    expect((await template(harness)('devices', `?school=${school}`)).statusCode).toBe(200);
    const other = await makeSchool(harness);
    const { status, body } = await post(answer.rawPayload, false, other);
    expect([status, body.error!.message]).toEqual([400, 'tệp này là của một trường khác: tải tệp của trường này']);
  });

  test('finds a device by target, else by MAC, else by room and name', async () => {
    const changed = [
      device('Tin học 1', 'Máy một', 'Máy tính', 'Dạy học', 'pc-01', '02:00:00:00:00:01', '192.168.1.11'),
      device('Tin học 1', 'Máy hai', 'Máy tính', 'Học sinh', 'pc-moi', '02:00:00:00:00:02', null, 'HĐ 1/2026'),
      device(null, 'Camera cổng', 'Camera', null, 'cam-1', null, '192.168.1.200'),
    ];
    const before = await inventory();
    expect((await post(await file(changed), true)).body).toMatchObject({ created: 0, changed: 3, errors: [] });
    const after = await inventory();
    const ids = ({ assets }: { assets: { id: string }[] }) => assets.map(({ id }) => id).sort();
    expect(ids(after)).toEqual(ids(before));
    expect(after.assets).toMatchObject([
      { target: 'cam-1' },
      { name: 'Máy hai', target: 'pc-moi' },
      { name: 'Máy in 1' },
      { name: 'Máy một', use: 'teaching' },
    ]);
  });

  test('clears what an empty cell stands for and keeps what it has no column for', async () => {
    const heads = ['Phòng', 'Thiết bị', 'Loại', 'Mã theo dõi', 'Bản quyền diệt virus'];
    const bytes = await file([['Tin học 1', 'Máy hai', 'Máy tính', 'pc-moi', null]], heads);
    expect((await post(bytes, true)).body).toMatchObject({ changed: 1, errors: [] });
    const asset = (await inventory()).assets.find(({ target }: { target: string }) => target === 'pc-moi');
    expect(asset).toMatchObject({ licence: null, mac: '02:00:00:00:00:02', use: 'student', status: 'expected' });
    const retired = await file([
      device('Tin học 1', 'Máy hai', 'Máy tính', null, 'pc-moi', null, null, null, 'Ngừng dùng'),
    ]);
    expect((await post(retired, true)).body).toMatchObject({ changed: 1 });
    // Its MAC is free again.
    const heir = await file([device('Tin học 1', 'Máy ba', 'Máy tính', null, 'pc-03', '02:00:00:00:00:02')]);
    expect((await post(heir, true)).body).toMatchObject({ created: 1, errors: [] });
  });
});

test('only administrators import; the school’s own person takes the file out', async () => {
  for (const [role, schoolId] of [
    ['school', school],
    ['assessor', null],
  ] as const) {
    await harness.store
      .insertInto('person')
      .values({ id: role, username: role, name: role, role, password: null, school_id: schoolId, units: '["NV"]' })
      .execute();
    const cookie = `thdt_session=${await openSession(harness.store, role, Date.now())}`;
    const sent = await send(harness)('devices', await file([]), `?school=${school}`, cookie);
    expect(sent.status).toBe(403);
    expect((await exported(school, cookie)).statusCode).toBe(200);
  }
  expect((await send(harness)('devices', await file([]))).status).toBe(400);
  expect((await send(harness)('schools', await file([]), `?school=${school}`)).status).toBe(400);
  expect((await post(await file([]), false, 'khong-co')).status).toBe(404);
  expect((await exported('khong-co')).statusCode).toBe(404);
});

test('10,000 devices with 200 wrong ones: those are named, the others are there, and come in again as the same', async () => {
  const id = await makeSchool(harness);
  const rows = Array.from({ length: 10_000 }, (_, index) => [
    'Kho',
    'Khác',
    `Máy ${index}`,
    index % 50 === 0 ? 'Máy gì đó' : 'Máy tính',
    'Học sinh',
    `pc-${index}`,
    `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
    `10.0.${index >> 8}.${index & 255}`,
    ...[null, null, null, null, 'có'],
  ]);
  const { body } = await post(await file(rows), true, id);
  expect(body).toMatchObject({ rows: 10_000, created: 9800, changed: 0, same: 0, moreErrors: 0, applied: true });
  expect(body.errors.map(({ row, column }) => [row, column])).toEqual(
    Array.from({ length: 200 }, (_, index) => [index * 50 + 2, 'Loại']),
  );
  expect((await inventory(id)).assets).toHaveLength(9800);
  expect((await checkAudit(harness.store)).broken).toBeNull();
  const again = await post((await exported(id)).rawPayload, false, id);
  expect(again.body).toMatchObject({ rows: 9801, created: 0, changed: 0, same: 9801, errors: [] });
});

test('a retired device and the one that bears its MAC now come in again as they went out', async () => {
  const id = await makeSchool(harness);
  const mac = '02:00:00:00:00:01';
  const machine = { roomId: null, kind: 'pc', use: 'student', target: null, mac };
  // By name the retired one comes first, and then last.
  for (const name of ['Máy 1', 'Máy 3', 'Máy 2']) {
    const made = (await harness.ask('POST', `/schools/${id}/assets`, { ...machine, name })).body;
    if (name !== 'Máy 2') await harness.ask('PUT', `/assets/${made.id}`, { ...machine, name, status: 'retired' });
  }
  expect((await inventory(id)).assets.map(({ status }: { status: string }) => status)).toEqual([
    'retired',
    'expected',
    'retired',
  ]);
  const again = await post((await exported(id)).rawPayload, false, id);
  expect(again.body).toMatchObject({ created: 0, changed: 0, same: 3, errors: [] });
  const renamed = await file([device(null, 'Máy mới', 'Máy tính', 'Học sinh', null, mac)]);
  expect((await post(renamed, true, id)).body).toMatchObject({ created: 0, changed: 1, errors: [] });
  expect((await inventory(id)).assets).toMatchObject([{ name: 'Máy 1' }, { name: 'Máy 3' }, { name: 'Máy mới' }]);
});
