import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAudit } from '../../../collector/audit/audit.ts';
import { unzip, zip } from '../exports/zip.ts';
import { type Harness, startHarness } from '../harness.ts';
import { send, sheetsOf, template, workbook } from './workbook.ts';

/** Schools and people from a workbook: what is read, what is refused and by which words, what is written. */

const HEADS = ['Mã trường', 'Tên trường', 'Đơn vị', 'Cấp học', 'Tạo đơn vị', 'Đơn vị cấp trên'];
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.ask('POST', '/units', { name: 'Phường Gia Thụy', parentId: null });
});
afterAll(() => harness.close());

const post = (kind: string, bytes: Buffer, query = '') => send(harness)(kind, bytes, query);
const schoolsFile = (rows: (string | number | null)[][], heads = HEADS) => workbook('Trường', [heads, ...rows]);
const count = async (table: 'school' | 'person' | 'org_unit' | 'audit') =>
  (await harness.store.selectFrom(table).selectAll().execute()).length;

describe('the template', () => {
  test.each(['schools', 'people'])(
    'of %s has headings, explanations, examples and lists, and comes back as it went',
    async (kind) => {
      const answer = await template(harness)(kind);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-disposition']).toBe(`attachment; filename="mau-nhap-${kind}.xlsx"`);
      const sheets = await sheetsOf(answer.rawPayload);
      const [data, guide, lists] = Object.keys(sheets);
      expect([guide, lists]).toEqual(['Hướng dẫn', 'Danh mục']);
      const explained = sheets[guide!]!.map(([first]) => first);
      for (const head of sheets[data!]![0]!) expect(explained).toContain(head);
      const xml = unzip(answer.rawPayload).get('xl/worksheets/sheet1.xml')!.toString();
      expect(xml).toMatch(/<dataValidation [^>]*type="list"/);
      expect(await post(kind, answer.rawPayload)).toMatchObject({ status: 200, body: { rows: 0, errors: [] } });
    },
  );
});

describe('schools', () => {
  const rows = [
    ['0101', 'Tiểu học A', 'Phường Gia Thụy', 'Tiểu học', null, null],
    ['0102', 'Liên cấp B', 'phuong gia thuy', 'TH; THCS', null, null],
    ['0103', 'Mầm non C', 'Phường Mới', 'Mầm non', 'có', 'Quận Mới'],
    ['0104', 'Mầm non D', 'Quận Mới', 'mam non', 'x', null],
    ['0105', 'Mầm non E', 'Phường Mới', 'MN', 'Có', 'Quận Mới'],
    ['0106', 'Mầm non F', 'Phường Lạ', 'MN', null, null],
    ['0107', 'Trung học G', 'Phường Gia Thụy', 'Đại học', null, null],
    ['0101', 'Lặp lại', 'Phường Gia Thụy', 'Tiểu học', null, null],
    [null, 'Không mã', 'Phường Gia Thụy', 'Tiểu học', null, null],
    ['0108', null, 'Phường Gia Thụy', 'Tiểu học', null, null],
    ['0109', 'H', 'Phường Gia Thúy', 'Tiểu học', null, null],
  ];
  const wrong = [
    [4, 'Đơn vị cấp trên', 'Quận Mới'],
    [7, 'Đơn vị', 'Phường Lạ'],
    [8, 'Cấp học', 'Đại học'],
    [9, 'Mã trường', '0101'],
    [10, 'Mã trường', ''],
    [11, 'Tên trường', ''],
    // Another spelling is another name, not the same one without its marks.
    [12, 'Đơn vị', 'Phường Gia Thúy'],
  ];

  test('a preview says what would be done and what is wrong, row by row, and writes nothing', async () => {
    const before = [await count('school'), await count('org_unit'), await count('audit')];
    const { status, body } = await post('schools', await schoolsFile(rows));
    expect(status).toBe(200);
    expect(body).toMatchObject({ rows: 11, created: 4, changed: 0, same: 0, moreErrors: 0, applied: false });
    expect(body.errors.map(({ row, column, value }) => [row, column, value])).toEqual(wrong);
    for (const { why } of body.errors) expect(why).toMatch(/[àáảãạâăđêôơưếộố]/i);
    expect([await count('school'), await count('org_unit'), await count('audit')]).toEqual(before);
  });

  test('applied, the right rows are there, with their units and the log; the same file again changes nothing', async () => {
    const { body } = await post('schools', await schoolsFile(rows), '?apply=true');
    expect(body).toMatchObject({ created: 4, applied: true });
    expect(body.errors).toHaveLength(wrong.length);
    const kept = await harness.store
      .selectFrom('school')
      .innerJoin('org_unit', 'org_unit.id', 'unit_id')
      .select(['code', 'levels', 'org_unit.name as unit', 'parent_id'])
      .orderBy('code')
      .execute();
    expect(kept).toMatchObject([
      { code: '0101', levels: '["primary"]', unit: 'Phường Gia Thụy' },
      { code: '0102', levels: '["primary","secondary"]', unit: 'Phường Gia Thụy' },
      { code: '0104', unit: 'Quận Mới', parent_id: null },
      { code: '0105', unit: 'Phường Mới' },
    ]);
    const quan = await harness.store
      .selectFrom('org_unit')
      .select('id')
      .where('name', '=', 'Quận Mới')
      .executeTakeFirstOrThrow();
    expect(kept[3]!.parent_id).toBe(quan.id);
    const again = (await post('schools', await schoolsFile(rows.slice(0, 2)), '?apply=true')).body;
    expect(again).toMatchObject({ created: 0, changed: 0, same: 2, errors: [] });
    const renamed = [['0101', 'Tiểu học A mới', 'Phường Gia Thụy', 'Tiểu học']];
    expect((await post('schools', await schoolsFile(renamed), '?apply=true')).body).toMatchObject({ changed: 1 });
    const log = (await harness.ask('GET', '/audit?subject=school/')).body;
    expect(log[0]).toMatchObject({
      action: 'school.changed',
      before: { name: 'Tiểu học A' },
      after: { name: 'Tiểu học A mới' },
    });
    expect((await checkAudit(harness.store)).broken).toBeNull();
  });

  test('headings are found without case, marks and order, below a title; unknown columns are named', async () => {
    const bytes = await workbook('TRUONG', [
      ['Danh sách trường'],
      ['CAP HOC', 'Ghi chú', 'don vi', 'Tên  Trường (*)', 'mã TRƯỜNG'],
      ['Tiểu học', 'x', 'Phường Gia Thụy', 'Tiểu học Z', 900],
    ]);
    const { body } = await post('schools', bytes);
    expect(body).toMatchObject({ rows: 1, created: 1 });
    expect(body.errors).toEqual([
      { row: 2, column: 'Ghi chú', value: '', why: 'cột không được biết: không nhập cột này' },
    ]);
  });
});

describe('a file', () => {
  const bomb = async () => {
    const files = unzip(await schoolsFile([['1', 'A', 'Phường Gia Thụy', 'Tiểu học']]));
    return { files, part: 'xl/worksheets/sheet1.xml' };
  };
  test.each([
    ['of garbage', async () => Buffer.from('không phải bảng tính '.repeat(50)), 'không đọc được tệp'],
    ['of nothing', async () => Buffer.alloc(1), 'không đọc được tệp'],
    ['cut short', async () => (await schoolsFile([['1', 'A', 'B', 'C']])).subarray(0, 1500), 'không đọc được tệp'],
    ['without the sheet', () => workbook('Sheet1', [HEADS]), 'tệp không có trang “Trường”; có: “Sheet1”'],
    [
      'without a heading',
      () => schoolsFile([['1', 'A']], ['Mã trường', 'Tên']),
      'thiếu cột: Tên trường, Đơn vị, Cấp học',
    ],
    ['with a heading twice', () => schoolsFile([], [...HEADS, 'ma truong']), 'có hai cột Mã trường'],
    [
      'of too many rows',
      () => schoolsFile(Array.from({ length: 20_001 }, (_, row) => [row, 'A', 'B', 'C'])),
      'tệp có hơn 20000 dòng',
    ],
    [
      'that unpacks to more than 64 MB',
      async () => {
        const { files, part } = await bomb();
        files.set(part, Buffer.alloc(70 * 1024 * 1024, ' '));
        return deflated(files);
      },
      'nội dung sau khi giải nén quá lớn',
    ],
    [
      'that says less than it unpacks to',
      async () => {
        const { files, part } = await bomb();
        files.set(part, Buffer.alloc(70 * 1024 * 1024, ' '));
        return deflated(files, 1000);
      },
      'không đọc được tệp',
    ],
  ])('%s is refused in one Vietnamese line', async (_, make, says) => {
    const { status, body } = await post('schools', await make());
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'input-invalid', message: expect.stringContaining(says) });
    expect(body.error!.message).not.toContain('\n');
  });

  test('too large, of another kind, by another type of content: refused', async () => {
    expect((await post('schools', Buffer.alloc(6 * 1024 * 1024))).status).toBe(413);
    expect((await post('khong-co', Buffer.alloc(1))).status).toBe(404);
    expect((await post('schools', Buffer.alloc(1), '?evaluation=x')).status).toBe(400);
    expect((await harness.ask('POST', '/imports/schools', { a: 1 })).status).toBe(415);
  });

  test('formulas count by their stored result; without one, with an error or as a date the cell is named', async () => {
    const unit = 'Phường Gia Thụy';
    const bytes = await workbook(
      'Trường',
      [
        HEADS.slice(0, 4),
        ['F1', null, unit, 'Tiểu học'],
        ['F2', null, unit, 'Tiểu học'],
        ['F3', '#N/A', unit, 'Tiểu học'],
        [new Date('2026-01-02'), 'Ngày', unit, 'Tiểu học'],
        ['F5', 'x'.repeat(30_000), unit, 'Tiểu học'],
        ['F6', 'có\u0007chuông', unit, 'Tiểu học'],
      ],
      {
        '1,1': { formula: 'UPPER("a")', formulaResult: 'A', value: 'A', type: 'formula' },
        '2,1': { formula: 'UPPER("b")', value: null, type: 'formula' },
      },
    );
    const { body } = await post('schools', bytes);
    expect(body).toMatchObject({ rows: 6, created: 1 });
    expect(body.errors.map(({ row, column, why }) => [row, column, why.slice(0, 20)])).toEqual([
      [3, 'Tên trường', 'ô công thức chưa có '],
      [4, 'Tên trường', 'ô công thức báo lỗi'],
      [5, 'Mã trường', 'ô đang là ngày tháng'],
      [6, 'Tên trường', 'dài quá 200 ký tự'],
      ...(body.errors.length > 4 ? [[7, 'Tên trường', 'có ký tự điều khiển:']] : []),
    ]);
    expect(body.errors[3]!.value.length).toBeLessThanOrEqual(80);
  });

  test('10,000 rows with 200 wrong ones: those are named, the others are there', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => [
      `K${String(index).padStart(5, '0')}`,
      `Trường số ${index}`,
      index % 50 === 0 ? 'Phường Không Có' : 'Phường Gia Thụy',
      'Tiểu học',
    ]);
    const bytes = await schoolsFile(rows);
    const before = await count('school');
    const { body } = await post('schools', bytes, '?apply=true');
    expect(body).toMatchObject({ rows: 10_000, created: 9800, changed: 0, same: 0, moreErrors: 0, applied: true });
    expect(body.errors).toHaveLength(200);
    expect(body.errors.map(({ row }) => row)).toEqual(Array.from({ length: 200 }, (_, index) => index * 50 + 2));
    expect(await count('school')).toBe(before + 9800);
    expect((await checkAudit(harness.store)).broken).toBeNull();
    const all = rows.map(([code, name]) => [code!, name!, 'Lạ', 'Tiểu học']);
    expect((await post('schools', await schoolsFile(all))).body).toMatchObject({ rows: 10_000, moreErrors: 9000 });
  }, 120_000);
});

describe('people', () => {
  const heads = ['Tên đăng nhập', 'Họ tên', 'Vai trò', 'Đơn vị chấm', 'Mã trường', 'Đang dùng', 'Mật khẩu ban đầu'];
  const file = (rows: (string | null)[][]) => workbook('Người dùng', [heads, ...rows]);
  const rows = [
    ['hanh.nt', 'Nguyễn Thị Hạnh', 'Người chấm', 'NV; Bộ phận Công nghệ thông tin', null, null, null],
    ['xem', 'Người Xem', 'nguoi xem', null, null, null, 'mat-khau-rat-dai'],
    ['th-a', 'Trường A', 'Trường', null, '0101', null, null],
    ['Sai Ten', 'X', 'Người xem', null, null, null, null],
    ['khong-don-vi', 'X', 'Người chấm', null, null, null, null],
    ['la', 'X', 'Người chấm', 'XYZ', null, null, null],
    ['khong-truong', 'X', 'Trường', null, '9999', null, null],
    ['vai-tro', 'X', 'Giám đốc', null, null, null, null],
    ['ngan', 'X', 'Người xem', null, null, null, 'ngan'],
    ['quantri', 'Quản trị', 'Người xem', null, null, null, null],
  ];

  test('are made and changed by name; what does not fit is named; nobody locks out themselves', async () => {
    const { body } = await post('people', await file(rows), '?apply=true');
    expect(body).toMatchObject({ rows: 10, created: 3, changed: 0 });
    expect(body.errors.map(({ row }) => row)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(body.errors.map(({ why }) => why).join('\n')).toContain('không tự khóa hay tự hạ quyền của mình');
    const people = (await harness.ask('GET', '/people')).body;
    expect(people).toContainEqual(
      expect.objectContaining({
        username: 'hanh.nt',
        role: 'assessor',
        units: ['NV', 'CNTT'],
        hasPassword: false,
        active: true,
      }),
    );
    expect((await harness.ask('POST', '/session', { username: 'xem', password: 'mat-khau-rat-dai' })).status).toBe(200);
    expect((await harness.ask('POST', '/session', { username: 'hanh.nt', password: 'mat-khau-rat-dai' })).status).toBe(
      401,
    );
    expect((await post('people', await file([rows[0]!, rows[2]!]), '?apply=true')).body).toMatchObject({ same: 2 });
    const locked = [['xem', 'Người Xem', 'Người xem', null, null, 'không', null]];
    expect((await post('people', await file(locked), '?apply=true')).body).toMatchObject({ changed: 1 });
    expect((await harness.ask('POST', '/session', { username: 'xem', password: 'mat-khau-rat-dai' })).status).toBe(401);
    const log = JSON.stringify((await harness.ask('GET', '/audit?subject=person/')).body);
    expect(log).toContain('person.created');
    expect(log).not.toContain('mat-khau-rat-dai');
  });
});

/** A ZIP whose parts are compressed; `says`: the size that the directory names for the largest of them. */
function deflated(files: ReadonlyMap<string, Buffer>, says?: number): Buffer {
  return zip(files, { deflate: true, ...(says === undefined ? {} : { says }) });
}
