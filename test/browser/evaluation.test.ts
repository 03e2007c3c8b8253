import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startRunning } from '../collector/running.ts';
import { CHROMIUM, faultsOfAccess, launch, Seats, sideways, signIn } from './chromium.ts';

/** The pages of the evaluation: who sees what, two people on one sheet, evidence, contests, people, editions, imports. */

const PASSWORD = 'mat-khau-dai';
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const FIXTURES = join(import.meta.dirname, '../shared/rubric/fixtures');

describe.skipIf(CHROMIUM === undefined)('the pages of the evaluation (skipped where Chromium is not installed)', () => {
  let running: Running;
  let browser: Browser;
  let evaluationId: string;
  let schoolId: string;
  let shipped: string;
  let seats: Seats;

  beforeAll(async () => {
    running = await startRunning();
    browser = await launch();
    seats = new Seats(running.base);
    const { admin } = running;
    const unit = await admin<{ id: string }>('POST', '/units', { name: 'Phường Bồ Đề', parentId: null });
    for (const name of ['Tiểu học Ái Mộ', 'Tiểu học Bồ Đề']) {
      const school = { unitId: unit.id, code: name.slice(-2), name, levels: ['primary'] };
      schoolId ??= (await admin<{ id: string }>('POST', '/schools', school)).id;
      if (name === 'Tiểu học Bồ Đề') await admin('POST', '/schools', school);
    }
    const person = (username: string, role: string, units: string[], school: string | null = null) =>
      admin('POST', '/people', { username, name: `Cô ${username}`, role, units, schoolId: school, password: PASSWORD });
    shipped = (await admin<{ key: string; source: string }[]>('GET', '/editions')).find(
      ({ source }) => source === 'shipped',
    )!.key;
    await person('cntt', 'assessor', ['CNTT']);
    await person('cntt-2', 'assessor', ['CNTT']);
    await person('nv', 'assessor', ['NV']);
    await person('truong', 'school', [], schoolId);
  });
  afterAll(async () => {
    await seats?.close();
    await browser?.close();
    await running?.close();
  });

  const enter = (username: string | null, size: keyof typeof SIZES = 'desk') =>
    seats.take(
      `${username} ${size}`,
      () => browser.newPage({ viewport: SIZES[size], locale: 'vi-VN' }),
      async (page) => {
        if (username !== null) return signIn(page, running.base, username, PASSWORD);
        await page.goto(running.link);
        await page.waitForURL(`${running.base}/`);
      },
    );
  const go = async (page: Page, path: string, title: string | RegExp) => {
    await page.goto(running.base + path);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  };
  const sheetPath = () => `/ky-danh-gia/${evaluationId}/truong/${schoolId}`;

  test('an administrator prepares a period and opens it', async () => {
    const { page, wrong, leave } = await enter(null);
    await page.getByRole('link', { name: 'Kỳ đánh giá' }).click();
    await page.getByText('Chưa có kỳ đánh giá nào. Chuẩn bị kỳ đầu tiên').waitFor();
    await page.getByLabel('Tên kỳ').fill('Năm học 2026–2027');
    await page.getByText('2 trong 2 trường được chấm.').waitFor();
    await page.getByLabel('Đến hết ngày').fill('2020-01-01');
    expect(await page.getByRole('button', { name: 'Chuẩn bị kỳ' }).isDisabled()).toBe(true);
    const year = new Date().getFullYear() + 1;
    await page.getByLabel('Đến hết ngày').fill(`${year}-06-30`);
    await page.getByText(`đến hết 30/06/${year}`).waitFor();
    await page.getByRole('button', { name: 'Chuẩn bị kỳ' }).click();
    await page.getByRole('heading', { level: 1, name: 'Năm học 2026–2027' }).waitFor();
    evaluationId = new URL(page.url()).pathname.split('/').at(-1)!;
    await page.getByRole('button', { name: /^Mở chấm điểm/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Các đơn vị bắt đầu chấm.').waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Mở chấm điểm' }).click();
    await page.getByText('● Đang chấm').waitFor();
    await page
      .getByText(/0\/\d+ mục \(0 %\)/)
      .first()
      .waitFor();
    expect(wrong).toEqual([]);
    await leave();
  });

  test('what is typed is kept as a draft, told to the other, and a conflict loses nothing', async () => {
    const one = await enter('cntt');
    const two = await enter('cntt-2');
    const rule = (page: Page) => page.locator('.sheet-rule', { hasText: 'II.1.1.a' });
    for (const { page } of [one, two]) await go(page, sheetPath(), /Phiếu chấm điểm/);
    await one.page.getByRole('button', { name: 'Chấm II.1.1.a', exact: true }).click();
    await rule(one.page).getByLabel('Có tồn tại').check();
    await rule(one.page)
      .getByLabel(/^Số lượng/)
      .fill('2');
    await rule(one.page).getByLabel('Lý do (bắt buộc)').fill('Hai phần mềm chưa triển khai');
    await rule(one.page).getByText('Đã lưu nháp.').waitFor();
    await rule(two.page)
      .getByText(/Cô cntt đang nhập mục này/)
      .waitFor();

    // The browser is closed and opened again: the form stands as it was left.
    await one.page.reload();
    await rule(one.page).getByLabel('Lý do (bắt buộc)').waitFor();
    expect(
      await rule(one.page)
        .getByLabel(/^Số lượng/)
        .inputValue(),
    ).toBe('2');
    expect(await rule(one.page).getByLabel('Lý do (bắt buộc)').inputValue()).toBe('Hai phần mềm chưa triển khai');

    await two.page.getByRole('button', { name: 'Chấm II.1.1.a', exact: true }).click();
    await rule(two.page).getByLabel('Lý do (bắt buộc)').fill('Đã triển khai đủ');
    await rule(two.page).getByRole('button', { name: 'Lưu' }).click();
    await rule(two.page)
      .getByText(/✎ Đáp ứng, không trừ – Cô cntt-2/)
      .waitFor();

    await rule(one.page)
      .getByText(/Trong lúc bạn nhập, Cô cntt-2 đã ghi mục này: Đáp ứng/)
      .waitFor();
    await rule(one.page).getByRole('button', { name: 'Lưu' }).click();
    await rule(one.page)
      .getByText(/Cô cntt-2 vừa nhập mục II.1.1.a .* chưa lưu gì/)
      .waitFor();
    expect(await rule(one.page).getByLabel('Lý do (bắt buộc)').inputValue()).toBe('Hai phần mềm chưa triển khai');
    await rule(one.page).getByRole('button', { name: 'Đã xem, tôi nhập tiếp' }).click();
    await rule(one.page).getByRole('button', { name: 'Lưu' }).click();
    await rule(one.page)
      .getByText(/✎ 2 .* – Cô cntt nhập/)
      .waitFor();
    await rule(two.page)
      .getByText(/✎ 2 .* – Cô cntt nhập/)
      .waitFor();
    await rule(two.page).getByText('Lịch sử (2)').click();
    await rule(two.page)
      .getByText(/Cô cntt-2 · Đáp ứng, không trừ: Đã triển khai đủ/)
      .waitFor();
    expect(await faultsOfAccess(two.page)).toEqual([]);
    expect(two.wrong).toEqual([]);
    // The refusal of the conflict is the one error that the console may hold.
    expect(one.wrong.filter((text) => !text.includes('409'))).toEqual([]);
    for (const seat of [one, two]) await seat.leave();
  });

  test('nothing is overwritten unseen: a draft left alone, a dialogue left open; no letter is lost', async () => {
    const { page, wrong, leave } = await enter('cntt');
    const colleague = await running.as('cntt-2', PASSWORD);
    const api = `/evaluations/${evaluationId}/schools/${schoolId}`;
    const findFault = (id: string) =>
      colleague('POST', `${api}/entries`, { rule: id, kind: 'finding', count: 3, reason: 'Ba tồn tại', basedOn: null });
    const rule = (id: string) => page.locator('.sheet-rule').filter({ has: page.getByText(id, { exact: true }) });
    await go(page, sheetPath(), /Phiếu chấm điểm/);

    // Left by a link within the pause after the last letter.
    await page.getByRole('button', { name: 'Chấm II.1.1.c', exact: true }).click();
    await rule('II.1.1.c').getByLabel('Lý do (bắt buộc)').fill('Đã cập nhật đủ dữ liệu');
    await page.getByRole('link', { name: 'Năm học 2026–2027' }).click();
    await page.getByRole('heading', { level: 1, name: 'Năm học 2026–2027' }).waitFor();
    await page.goBack();
    const reason = rule('II.1.1.c').getByLabel('Lý do (bắt buộc)');
    await expect.poll(() => reason.inputValue(), { timeout: 20_000 }).toBe('Đã cập nhật đủ dữ liệu');

    // A colleague enters while nobody looks; the draft knows what it was begun upon.
    await page.goto('about:blank');
    await findFault('II.1.1.c');
    await go(page, sheetPath(), /Phiếu chấm điểm/);
    await rule('II.1.1.c')
      .getByText(/Trong lúc bạn nhập, Cô cntt-2 đã ghi mục này: 3/)
      .waitFor();
    await rule('II.1.1.c').getByRole('button', { name: 'Hủy' }).click();

    // One reason for the rest: what a colleague judged meanwhile is told, not overwritten.
    await page.getByRole('button', { name: /^Các mục còn lại đáp ứng/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('II.1.1.b', { exact: true }).waitFor();
    await findFault('II.1.1.b');
    await dialog.getByLabel('Lý do (bắt buộc)').fill('Đủ hồ sơ');
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.getByText(/II.1.1.b: Cô cntt-2 vừa nhập mục II.1.1.b/).waitFor();
    await dialog.getByRole('button', { name: 'Đóng' }).last().click();
    await rule('II.1.1.b')
      .getByText(/✎ 3 .* – Cô cntt-2 nhập/)
      .waitFor();

    // Saved at once after the last letter: no draft comes back.
    await page.getByRole('button', { name: 'Chấm II.1.1.b', exact: true }).click();
    await rule('II.1.1.b').getByLabel('Lý do (bắt buộc)').fill('Đã khắc phục đủ');
    await rule('II.1.1.b').getByLabel('Lý do (bắt buộc)').press('Enter');
    await rule('II.1.1.b')
      .getByText(/✎ Đáp ứng, không trừ – Cô cntt nhập/)
      .waitFor();
    await page.waitForTimeout(1500);
    const { drafts } = await running.admin<{ drafts: unknown[] }>('GET', api);
    expect(drafts).toEqual([]);
    expect(wrong.filter((text) => !text.includes('409'))).toEqual([]);
    await leave();
  });

  test('a unit enters its own items only, and sees the others’', async () => {
    const { page, wrong, leave } = await enter('nv');
    await go(page, sheetPath(), /Phiếu chấm điểm/);
    expect(await page.getByLabel('Đơn vị đánh giá').inputValue()).toBe('mine');
    expect(await page.locator('.sheet-item').count()).toBe(3);
    await page.getByLabel('Đơn vị đánh giá').selectOption({ label: 'Mọi đơn vị' });
    await page.getByText('II.1.1.a').first().waitFor();
    expect(await page.getByRole('button', { name: 'Chấm II.1.1.a', exact: true }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Chấm I.1.1.a', exact: true }).count()).toBe(1);
    expect(wrong).toEqual([]);
    await leave();
  });

  test('a school sees its own sheet alone, contests with evidence, and reads the answer', async () => {
    const { page, wrong, leave } = await enter('truong', 'phone');
    await page.waitForURL(`${running.base}/truong/${schoolId}`);
    await page.getByRole('link', { name: 'Kỳ đánh giá' }).click();
    await page.getByRole('link', { name: 'Năm học 2026–2027' }).click();
    await page.getByRole('heading', { level: 1, name: /Phiếu chấm điểm/ }).waitFor();
    expect(await page.getByRole('button', { name: /^Chấm / }).count()).toBe(0);
    const item = page.locator('#muc-II\\.1\\.1');
    await item.locator('input[type=file]').setInputFiles({
      name: 'biên bản.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n'),
    });
    await item.getByRole('link', { name: 'biên bản.pdf' }).waitFor();
    await item.locator('input[type=file]').setInputFiles({
      name: 'virus.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('MZ this is no PDF'),
    });
    await item.getByText(/chỉ nhận tệp PDF/).waitFor();
    await item.getByRole('button', { name: 'Kiến nghị mục II.1.1' }).click();
    await item.getByRole('textbox', { name: /^Kiến nghị/ }).fill('Nhà trường đã triển khai đủ hai phần mềm.');
    expect(await faultsOfAccess(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await item.getByRole('button', { name: 'Gửi' }).click();
    await item.getByText('chờ trả lời').waitFor();

    const assessor = await enter('cntt');
    await go(assessor.page, sheetPath(), /Phiếu chấm điểm/);
    await assessor.page.getByLabel('Hiện').selectOption({ label: 'mục có kiến nghị chờ trả lời (1)' });
    const contested = assessor.page.locator('#muc-II\\.1\\.1');
    expect(await assessor.page.locator('.sheet-item').count()).toBe(1);
    await contested.getByRole('button', { name: 'Trả lời II.1.1' }).click();
    await contested.getByRole('textbox', { name: /^Trả lời kiến nghị/ }).fill('Đã xem biên bản, giữ nguyên điểm.');
    await contested.getByRole('button', { name: 'Gửi' }).click();
    await item.getByText(/Cô cntt .*Đã xem biên bản, giữ nguyên điểm/).waitFor();
    expect(wrong.filter((text) => !text.includes('400'))).toEqual([]);
    expect(assessor.wrong).toEqual([]);
    await leave();
    await assessor.leave();
  });

  test('an administrator adds a person, who can then sign in', async () => {
    const { page, wrong, leave } = await enter(null);
    await go(page, '/nguoi-dung', 'Người dùng');
    await page.getByLabel('Họ và tên').fill('Trần Thị Tài Chính');
    await page.getByLabel('Tên đăng nhập').fill('TCKH');
    expect(await page.getByLabel('Tên đăng nhập').inputValue()).toBe('tckh');
    await page.getByLabel('Mật khẩu đầu tiên').fill('ngan');
    await page.getByText('Mật khẩu cần từ 10 ký tự.').waitFor();
    await page.getByLabel('Mật khẩu đầu tiên').fill(PASSWORD);
    expect(await page.getByRole('button', { name: 'Thêm', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel(/^TCKH –/).check();
    await page.getByRole('button', { name: 'Thêm', exact: true }).click();
    await page.getByRole('cell', { name: 'Trần Thị Tài Chính', exact: true }).waitFor();
    const own = await enter('tckh');
    await own.page.getByRole('link', { name: 'Trần Thị Tài Chính' }).waitFor();
    await page.getByRole('button', { name: 'Sửa: Trần Thị Tài Chính' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Được đăng nhập').uncheck();
    expect(await faultsOfAccess(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await page.getByRole('cell', { name: 'Trần Thị Tài Chính (đã khóa)' }).waitFor();
    await own.page.reload();
    await own.page.waitForURL(/dang-nhap/);
    expect(wrong).toEqual([]);
    await leave();
    await own.leave();
  });

  test('another edition is uploaded, compared, and a faulty one refused with its place', async () => {
    const { page, wrong, leave } = await enter(null);
    await go(page, '/bo-tieu-chi', 'Bộ tiêu chí');
    const choose = (name: string, text: string) =>
      page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    const text = readFileSync(join(FIXTURES, 'two-groups.json'), 'utf8');
    await choose('hỏng.json', text.replace('"max"', '"mac"'));
    await page
      .getByRole('alert')
      .getByText(/mac|max/)
      .first()
      .waitFor();
    await choose('hai nhóm.json', text);
    await page.getByText(/Đã thêm .*: \d+ mục/).waitFor();
    await page.getByRole('button', { name: 'So sánh' }).click();
    await page.getByRole('heading', { level: 1, name: 'So sánh hai bộ tiêu chí' }).waitFor();
    await page.getByText(/\d+ phần đổi, \d+ thêm, \d+ bỏ/).waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    expect(wrong.filter((text) => !text.includes('400'))).toEqual([]);
    await leave();
  });

  test('a reading is changed in the period alone, scores at once, and stands in the log', async () => {
    const { page, wrong, leave } = await enter(null);
    const api = `/evaluations/${evaluationId}/schools/${schoolId}`;
    const { entries } = await running.admin<{ entries: { id: string; rule: string }[] }>('GET', api);
    await running.admin('POST', `${api}/entries`, {
      rule: 'III.2.1.a',
      kind: 'finding',
      reason: 'Mạng LAN chập chờn',
      basedOn: entries.find(({ rule }) => rule === 'III.2.1.a')?.id ?? null,
    });
    await go(page, sheetPath(), /Phiếu chấm điểm/);
    await page.locator('#muc-III\\.2\\.1').getByText('1,5/2').waitFor();
    await go(page, `/ky-danh-gia/${evaluationId}/cach-doc`, /Cách đọc/);
    const reading = page.getByRole('region', { name: 'III.2.1-penalty' });
    await reading.getByText('với 1 tồn tại, mục được 0 thay vì 1,5 điểm').waitFor();
    await reading.getByLabel(/Đọc là trừ 5 điểm/).check();
    await reading.getByLabel('Lý do (bắt buộc)').fill('Hội đồng họp ngày 20/11/2026');
    expect(await faultsOfAccess(page)).toEqual([]);
    await reading.getByRole('button', { name: 'Đổi cách đọc' }).click();
    await reading.getByText('với 1 tồn tại, mục được 1,5 thay vì 0 điểm').waitFor();
    await go(page, sheetPath(), /Phiếu chấm điểm/);
    await page.locator('#muc-III\\.2\\.1').getByText('0/2').waitFor();
    await go(page, '/nhat-ky', 'Nhật ký');
    await page.getByRole('cell', { name: 'chọn cách đọc' }).first().waitFor();
    await page.getByText('Hội đồng họp ngày 20/11/2026').first().waitFor();
    await page.getByRole('button', { name: 'Kiểm tra chuỗi nhật ký' }).click();
    await page.getByText(/✓ Nguyên vẹn: \d+ dòng/).waitFor();
    expect(wrong).toEqual([]);
    await leave();
  });

  test('schools come from a spreadsheet: template, preview by row, import', async () => {
    const { page, wrong, leave } = await enter(null);
    await go(page, '/nhap-tep/schools', 'Nhập từ Excel');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'mẫu Excel (.xlsx)' }).click(),
    ]);
    const template = readFileSync((await download.path())!);
    await page.locator('input[type=file]').setInputFiles({ name: 'mẫu.xlsx', mimeType: '', buffer: template });
    await page.getByText(/Xem trước: \d+ dòng/).waitFor();
    await page.locator('input[type=file]').setInputFiles({ name: 'a.xlsx', mimeType: '', buffer: Buffer.from('rác') });
    await page.getByRole('alert').waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    expect(wrong.filter((text) => !text.includes('400'))).toEqual([]);
    await leave();
  });

  describe.each(['desk', 'phone'] as const)('on a %s', (size) => {
    let at: Awaited<ReturnType<typeof enter>>;
    beforeAll(async () => {
      at = await enter(null, size);
    });
    afterAll(() => at?.leave());

    const pages: [string, () => string, string | RegExp][] = [
      ['the periods', () => '/ky-danh-gia', 'Kỳ đánh giá'],
      ['a period', () => `/ky-danh-gia/${evaluationId}`, 'Năm học 2026–2027'],
      ['a sheet', sheetPath, /Phiếu chấm điểm/],
      ['the readings', () => `/ky-danh-gia/${evaluationId}/cach-doc`, /Cách đọc/],
      ['the people', () => '/nguoi-dung', 'Người dùng'],
      ['the log', () => '/nhat-ky', 'Nhật ký'],
      ['the editions', () => '/bo-tieu-chi', 'Bộ tiêu chí'],
      ['an edition', () => `/bo-tieu-chi/${shipped}`, '8265/QĐ-UBND'],
      ['an import', () => '/nhap-tep/people', 'Nhập từ Excel'],
      ['the own account', () => '/mat-khau', 'Tài khoản của tôi'],
    ];
    test.each(pages)('%s: no sideways scrolling, no fault of access, no error', async (_name, path, title) => {
      const { page, wrong } = at;
      await go(page, path(), title);
      await page.waitForLoadState('networkidle');
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      expect(await faultsOfAccess(page)).toEqual([]);
      expect(wrong).toEqual([]);
    });
  });

  test('a period is reviewed, locked, and unlocked only with a reason', async () => {
    const { page, wrong, leave } = await enter(null);
    const step = async (label: string, reason?: string) => {
      await page.getByRole('button', { name: new RegExp(`^${label}`) }).click();
      const dialog = page.getByRole('dialog');
      if (reason !== undefined) {
        expect(await dialog.getByRole('button', { name: label }).isDisabled()).toBe(true);
        await dialog.getByLabel('Lý do (bắt buộc)').fill(reason);
      }
      await dialog.getByRole('button', { name: label }).click();
      await dialog.waitFor({ state: 'hidden' });
    };
    await go(page, `/ky-danh-gia/${evaluationId}`, 'Năm học 2026–2027');
    await step('Chuyển sang rà soát');
    await page.getByText('● Rà soát').waitFor();
    await page.getByRole('button', { name: /^Khóa phiếu/ }).click();
    await page.getByRole('dialog').getByText('Còn mục chưa có kết luận.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Khóa phiếu' }).click();
    await page.getByText('● Đã khóa').waitFor();
    await go(page, sheetPath(), /Phiếu chấm điểm/);
    await page.getByText(/Phiếu khóa lúc .* SHA-256: [0-9a-f]{64}/).waitFor();
    expect(await page.getByRole('button', { name: /^Chấm / }).count()).toBe(0);
    await go(page, `/ky-danh-gia/${evaluationId}`, 'Năm học 2026–2027');
    await step('Mở khóa', 'Bổ sung một trường');
    await page.getByText('● Rà soát').waitFor();
    expect(wrong).toEqual([]);
    await leave();
  });
});
