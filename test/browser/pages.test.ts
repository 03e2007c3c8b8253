import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chain, startChain } from '../chain.ts';
import { CHROMIUM, faultsOfAccess, launch, type Seat, Seats, sideways } from './chromium.ts';

/** Every page in a real browser over a running collector, agent and practice school, at the widths of a desk and a phone. */

const SCHOOL = '/truong/practice-school';
const VALUES_MS = 60_000;

describe.skipIf(CHROMIUM === undefined)('the pages in Chromium (skipped where it is not installed)', () => {
  let browser: Browser;
  let chain: Chain;
  let seats: Seats;
  let link: string;
  let base: string;

  beforeAll(async () => {
    chain = await startChain();
    ({ link, base } = chain);
    browser = await launch();
    seats = new Seats(base);
  });
  afterAll(async () => {
    await seats?.close();
    await browser?.close();
    await chain?.stop();
  });

  /** A signed-in page that remembers what went wrong on it. */
  const open = (width: number, height: number) =>
    seats.take(
      `${width}`,
      () => browser.newPage({ viewport: { width, height }, locale: 'vi-VN' }),
      async (page) => {
        await page.goto(link);
        await page.waitForURL(`${base}/`);
      },
    );

  test('the district page shows measured values of the practice school', async () => {
    const { page, wrong, leave } = await open(1440, 900);
    const row = page.locator('tr', { hasText: 'Trường thực hành' });
    await row.getByText(/Mbps/).waitFor({ timeout: VALUES_MS });
    await row.getByText('1/3').waitFor({ timeout: VALUES_MS });
    expect(await row.innerText()).toMatch(/\d+\/15/);
    expect(await row.innerText()).toContain('THỰC HÀNH');
    expect(wrong).toEqual([]);
    await leave();
  }, 130_000);

  describe.each([
    ['desk', 1440, 900],
    ['phone', 390, 844],
  ])('on a %s', (_name, width, height) => {
    let opened: Seat;
    beforeAll(async () => {
      opened = await open(width, height);
    });
    afterAll(() => opened?.leave());

    test.each([
      ['district', '/', 'Toàn quận'],
      ['school', SCHOOL, 'Trường thực hành'],
      ['sheet', `${SCHOOL}/phieu`, 'Phiếu chấm điểm'],
      ['administration', '/quan-tri', 'Quản trị'],
      ['administration of a school', '/quan-tri?truong=practice-school', 'Quản trị'],
    ])(
      '%s: its title, no sideways scrolling, no fault of access, nothing wrong on the console',
      async (_page, path, title) => {
        const { page, wrong } = opened;
        await page.goto(base + path);
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        await page.waitForLoadState('load');
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        expect(await sideways(page)).toBeLessThanOrEqual(0);
        expect(await faultsOfAccess(page)).toEqual([]);
        expect(wrong).toEqual([]);
      },
    );

    test('from a finding to the signed report it came from', async () => {
      const { page, wrong } = opened;
      await page.goto(base + SCHOOL);
      const finding = page.getByRole('region', { name: 'III.3.2.a', exact: true });
      await finding.locator('summary').first().click();
      await finding.getByText('Do đơn vị đặt; mặc định 70 %.').waitFor();
      await finding.getByRole('cell', { name: /Hiện diện trong mạng: 5 giây/ }).waitFor();
      expect(await faultsOfAccess(page)).toEqual([]);
      await finding.locator('a[href^="/bao-cao/"]').first().click();
      await page.getByText('Chữ ký đúng').waitFor();
      await page.getByText('Camera', { exact: true }).first().waitFor();
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      // A value that is squeezed to a letter a line makes a row of a thousand pixels, most of it blank.
      const cell = page.locator('.values').first();
      expect((await cell.boundingBox())!.width).toBeGreaterThan(180);
      const { x, width: across } = (await cell.boundingBox())!;
      expect(x + across).toBeLessThanOrEqual(width);
      expect(await faultsOfAccess(page)).toEqual([]);
      await page.getByRole('link', { name: 'Về trang Trường thực hành' }).click();
      await page.getByRole('heading', { level: 1, name: 'Trường thực hành' }).waitFor();
      expect(wrong).toEqual([]);
    });

    test('the practice badge and the name of a school are whole', async () => {
      const { page } = opened;
      await page.goto(`${base}/`);
      const badge = page.locator('.whole-badge:visible');
      await badge.waitFor();
      expect(await badge.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
    });
  });

  test('a finding entered by hand costs its points on the sheet, and withdrawing it gives them back', async () => {
    const { page, wrong, leave } = await open(1440, 900);
    await page.goto(`${base}${SCHOOL}/phieu`);
    // Nobody measures Tiêu chuẩn 1, so this item moves by hand only.
    const item = page.locator('.sheet-item', { hasText: /^I\.1\.1\D/ });
    await item.getByText('5/5', { exact: true }).waitFor();
    await item.getByRole('button', { name: 'Chấm I.1.1.a' }).click();
    await item.getByLabel('Có tồn tại').check();
    await item.getByLabel('Lý do (bắt buộc)').fill('Kế hoạch thiếu chỉ tiêu');
    await item.getByRole('button', { name: 'Lưu' }).click();
    await item.getByText('4,5/5', { exact: true }).waitFor();
    await item.getByText(/nhập ngày .*: Kế hoạch thiếu chỉ tiêu/).waitFor();
    await item.getByText('Chấm dở').waitFor();
    await item.getByRole('button', { name: 'Rút lại I.1.1.a' }).click();
    const withdraw = item.getByRole('button', { name: 'Rút lại mục đã nhập' });
    expect(await withdraw.isDisabled()).toBe(true);
    await item.getByLabel('Lý do rút lại').fill('Nhập nhầm trường');
    await withdraw.click();
    await item.getByText('5/5', { exact: true }).waitFor();
    await item.getByText('Lịch sử (2)').click();
    await item.getByText(/rút lại: Nhập nhầm trường/).waitFor();
    await item.getByText(/Có tồn tại: Kế hoạch thiếu chỉ tiêu/).waitFor();
    expect(wrong).toEqual([]);
    await leave();
  });

  test.each([
    ['II.1.1', 'II.1.1.a', /Số lượng/, ['2,5', '-3', '0', '5000', '1e2', ''], '2'],
    ['IV.4', 'IV.4', /Điểm chấm/, ['99', '-1', '0,3', '1.5', 'một'], '1,25'],
  ])('%s takes no number that it cannot mean, and changes none', async (id, rule, field, refused, taken) => {
    const { page, wrong, leave } = await open(390, 844);
    await page.goto(`${base}${SCHOOL}/phieu`);
    const item = page.locator('.sheet-item', { hasText: new RegExp(`^${id.replaceAll('.', '\\.')}\\D`) });
    await item.getByRole('button', { name: `Chấm ${rule}`, exact: true }).click();
    const fault = item.getByLabel('Có tồn tại');
    if (await fault.isVisible()) await fault.check();
    await item.getByLabel('Lý do (bắt buộc)').fill('Thử số');
    const input = item.getByLabel(field);
    const save = item.getByRole('button', { name: 'Lưu' });
    for (const text of refused) {
      await input.fill(text);
      await item.getByText(/phải là số nguyên|dấu phẩy thập phân/).waitFor();
      expect(await input.inputValue()).toBe(text);
      expect(await save.isDisabled()).toBe(true);
    }
    expect(await faultsOfAccess(page)).toEqual([]);
    await input.fill(taken);
    expect(await save.isEnabled()).toBe(true);
    expect(await input.inputValue()).toBe(taken);
    expect(wrong).toEqual([]);
    await leave();
  });

  test('while rules are open the sheet gives no grade, on screen and on paper, and paper has no buttons', async () => {
    const { page, wrong } = await open(1440, 900);
    await page.goto(`${base}${SCHOOL}/phieu`);
    const range = /tạm tính (Loại [AB]|Chưa đạt); khi chấm xong sẽ từ [\d,]+ đến [\d,]+ điểm/;
    await page.locator('.sheet-head').getByText('Chưa xếp loại').waitFor();
    await page.locator('.sheet-head').getByText(range).waitFor();
    await page.locator('.sheet-rule', { hasText: 'III.2.1.a' }).getByText('Đọc là trừ 0,5 điểm.').waitFor();
    await page.emulateMedia({ media: 'print' });
    const paper = page.locator('.print-sheet');
    for (const text of ['THUC-HANH', 'Tiểu học', 'Đơn vị thực hành', 'Đọc là trừ 0,5 điểm.', 'Người chấm'])
      await paper.getByText(text).first().waitFor();
    await paper.locator('.print-total').getByText(range).waitFor();
    expect(await page.locator('button:visible, a:visible').count()).toBe(0);
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test('open evidence stays as it was until its reader asks for the new', async () => {
    const { page, wrong, leave } = await open(1440, 900);
    await page.goto(base + SCHOOL);
    const finding = page.getByRole('region', { name: 'III.3.2.a', exact: true });
    await finding.locator('summary').first().click();
    const links = finding.locator('a[href^="/bao-cao/"]');
    const hrefs = () => links.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    await links.first().waitFor();
    const before = await hrefs();
    const held = finding.getByText(/Danh sách giữ nguyên như lúc/);
    const since = await held.innerText();
    const update = finding.getByRole('button', { name: 'Có dữ liệu mới: cập nhật' });
    await update.waitFor({ timeout: VALUES_MS });
    expect(await hrefs()).toEqual(before);
    expect(await held.innerText()).toBe(since);
    await update.click();
    await expect.poll(() => held.innerText(), { timeout: 20_000 }).not.toBe(since);
    expect(wrong).toEqual([]);
    await leave();
  }, 90_000);

  test('strips and chart share an axis whose labels differ', async () => {
    const { page, wrong, leave } = await open(1440, 900);
    await page.goto(base + SCHOOL);
    const strips = page.getByRole('region', { name: 'III.2.2.b', exact: true });
    await strips.locator('.axis-label').first().waitFor();
    const labels = await strips.locator('.axis-label').allInnerTexts();
    expect(labels.length).toBeGreaterThan(1);
    expect(new Set(labels).size).toBe(labels.length);
    const chart = page.getByRole('region', { name: 'III.2.2.a', exact: true });
    await chart.getByText('Sai số phép đo').waitFor();
    const ticks = chart.locator('.speed-axis .axis-label');
    await ticks.first().waitFor();
    const texts = await ticks.allTextContents();
    expect(new Set(texts).size).toBe(texts.length);
    expect(wrong).toEqual([]);
    await leave();
  });

  test('an administrator corrects the inventory: unit, school, hours, room, device', async () => {
    const { page, wrong, leave } = await open(1440, 900);
    const dialog = page.getByRole('dialog');
    await page.goto(`${base}/quan-tri`);
    await page.getByText('Chưa có đơn vị nào. Thêm đơn vị trước').waitFor();
    await page.getByLabel('Tên đơn vị').fill('Phường Bồ Đề');
    await page.getByRole('button', { name: 'Thêm', exact: true }).click();
    await page.getByRole('button', { name: 'Sửa: Phường Bồ Đề' }).click();
    await dialog.getByLabel('Tên đơn vị').fill('Phường Ngọc Lâm');
    expect(await faultsOfAccess(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('cell', { name: 'Phường Ngọc Lâm', exact: true }).waitFor();

    await page.getByLabel('Tên trường').fill('Trường Tiểu học Thử');
    await page.getByLabel('Mã trường').fill('TH-THU');
    await page.getByRole('button', { name: 'Thêm', exact: true }).last().click();
    const facts = page.getByRole('region', { name: 'Thông tin trường' });
    await facts.getByLabel('Tên trường').fill('Trường THCS Thử');
    await facts.getByLabel('THCS', { exact: true }).check();
    await facts.getByRole('button', { name: 'Lưu' }).click();
    await facts.getByText('Đã lưu.').waitFor();

    const calendar = page.getByRole('region', { name: 'Giờ học và ngày nghỉ' });
    await calendar.getByLabel('Thứ Hai: giờ mở cửa').fill('18:00');
    await calendar.getByText('giờ mở cửa phải trước giờ đóng cửa').waitFor();
    expect(await calendar.getByRole('button', { name: 'Lưu giờ học' }).isDisabled()).toBe(true);
    await calendar.getByLabel('Thứ Hai: giờ mở cửa').fill('7:30');
    await calendar.getByRole('checkbox', { name: 'Thứ Bảy' }).check();
    await calendar.getByRole('button', { name: 'Thêm kỳ nghỉ' }).click();
    await calendar.getByLabel('Từ ngày').fill('2027-06-01');
    await calendar.getByLabel('Đến hết ngày').fill('2027-08-31');
    await calendar.getByText('01/06/2027 – 31/08/2027 (92 ngày)').waitFor();
    await calendar.getByRole('button', { name: 'Lưu giờ học' }).click();
    await calendar.getByText('Đã lưu.').waitFor();

    const rooms = page.getByRole('region', { name: 'Phòng', exact: true });
    await rooms.getByText('Thêm phòng', { exact: true }).click();
    await rooms.getByLabel('Tên phòng').fill('Phòng trống');
    await rooms.getByRole('button', { name: 'Thêm', exact: true }).click();
    await rooms.getByRole('button', { name: 'Xóa: Phòng trống' }).click();
    await dialog.getByRole('button', { name: 'Xóa' }).click();
    await page.getByText('Chưa có phòng nào.').waitFor();

    const devices = page.getByRole('region', { name: 'Thiết bị', exact: true });
    await devices.getByText('Thêm thiết bị', { exact: true }).click();
    await devices.getByLabel('Tên thiết bị').fill('Máy lớp 1A');
    await devices.getByRole('button', { name: 'Thêm', exact: true }).click();
    await devices.getByRole('cell', { name: '! chưa nêu' }).waitFor();
    await devices.getByText('không mục diệt virus nào').first().waitFor();
    await devices.getByRole('button', { name: 'Sửa: Máy lớp 1A' }).click();
    await dialog.getByText('Số hợp đồng hoặc mã bản quyền').waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    await dialog.getByLabel('Mục đích').selectOption({ label: 'Học sinh' });
    await dialog.getByLabel('Bản quyền diệt virus').fill('HĐ 12/2026');
    await dialog.getByRole('button', { name: 'Lưu' }).click();
    await devices.getByRole('cell', { name: 'HĐ 12/2026' }).waitFor();
    await page.reload();
    await calendar.getByText('01/06/2027 – 31/08/2027 (92 ngày)').waitFor();
    expect(await calendar.getByLabel('Thứ Hai: giờ mở cửa').inputValue()).toBe('07:30');

    // The district knows the new unit, and a school that never reported is not the better one.
    await page.goto(`${base}/`);
    await page.getByLabel('Đơn vị').selectOption({ label: 'Phường Ngọc Lâm' });
    await page.getByText('1 trường', { exact: true }).waitFor();
    await page.getByLabel('Đơn vị').selectOption('');
    await page.getByText('2 trường', { exact: true }).waitFor();
    expect(await page.locator('tbody tr').first().innerText()).toContain('Trường THCS Thử');
    expect(await page.locator('tbody tr').first().innerText()).toContain('đã xác định 0');
    await page.getByLabel('Mục', { exact: true }).selectOption('III.3.2.a');
    expect(await page.locator('thead th').count()).toBe(3);
    // Two cameras of the practice school are broken: it may lack data, but never passes this rule.
    await page.getByLabel('Trạng thái').selectOption('pass');
    await page.getByText('Không có trường nào khớp bộ lọc').waitFor();
    expect(wrong).toEqual([]);
    await leave();
  }, 90_000);

  test('a device that is retired while it is measured is named on both pages, and comes back', async () => {
    const { page, wrong, leave } = await open(1440, 900);
    await page.goto(`${base}/quan-tri?truong=practice-school`);
    await page.getByRole('button', { name: 'Ngừng dùng: Máy Tin học 04' }).click();
    await page.getByRole('dialog').getByText('Máy Tin học 04 sẽ không được xét').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Ngừng dùng' }).click();
    const unlisted = page.getByText('Đang đo nhưng chưa có trong danh mục: pc-lab-4 (Hiện diện trong mạng)');
    await unlisted.waitFor();
    await page.goto(base + SCHOOL);
    await unlisted.waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    await page.getByRole('link', { name: 'Vào Quản trị' }).click();
    await page.getByRole('button', { name: 'Đưa trở lại: Máy Tin học 04' }).first().click();
    await unlisted.waitFor({ state: 'hidden' });
    expect(wrong).toEqual([]);
    await leave();
  });

  test('revoking an agent asks first, naming the machine', async () => {
    const { page, wrong, leave } = await open(390, 844);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
    await page.goto(`${base}/quan-tri?truong=practice-school`);
    const revoke = page.getByRole('button', { name: /^Thu hồi: / });
    const host = (await revoke.getAttribute('aria-label'))!.slice('Thu hồi: '.length);
    await revoke.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Máy ${host} sẽ không gửi được báo cáo nữa`).waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Hủy' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(asked.filter((request) => request.includes('/revoke'))).toEqual([]);
    expect(wrong).toEqual([]);
    await leave();
  });

  test('a page that fails leaves a sentence and a way back', async () => {
    const { page } = await open(1440, 900);
    await page.route('**/api/v1/schools/practice-school', (route) => route.fulfill({ json: { name: 'Hỏng' } }));
    await page.goto(base + SCHOOL);
    await page.getByText('Không hiển thị được.').waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    await page.getByRole('link', { name: 'Về trang Toàn quận' }).click();
    await page.getByRole('heading', { level: 1, name: 'Toàn quận' }).waitFor();
    await page.context().close();
  });

  test('in English the page says that verdicts stay in Vietnamese', async () => {
    const { page, wrong } = await open(1440, 900);
    await page.goto(`${base}/`);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByText('stay in Vietnamese').waitFor();
    expect(wrong).toEqual([]);
    await page.context().close();
  });
});
