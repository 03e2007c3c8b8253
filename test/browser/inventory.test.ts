import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CALENDAR, lastPeriods } from '../../shared/calendar.ts';
import { type Found, foundKey } from '../../shared/wire/discovery.ts';
import { sample } from '../collector/harness.ts';
import { workbook } from '../collector/imports/workbook.ts';
import { placeAgent, type Running, send, startRunning } from '../collector/running.ts';
import { CHROMIUM, faultsOfAccess, launch, sideways, watch } from './chromium.ts';

/** A school's devices: what agents found is adopted, and a file with errors comes in; at a desk and on a phone. */

/** Answers of a PC each five minutes from the opening of the last school day that is over. */
const onFor = (target: string, looks: number) => {
  const { from } = lastPeriods(DEFAULT_CALENDAR, 'school-day', Date.now(), 2)[0]!;
  return Array.from({ length: looks }, (_, index) => sample('lan-reach', target, from + index * 5 * 60_000));
};

const NAMES = ['may-01', 'may-02', 'may-03', 'may-04', 'may-05'];

describe.skipIf(CHROMIUM === undefined)('the devices of a school (skipped where Chromium is not installed)', () => {
  let running: Running;
  let browser: Browser;
  let id: string;
  const open: BrowserContext[] = [];

  beforeAll(async () => {
    running = await startRunning();
    browser = await launch();
    const { admin, store, base } = running;
    const unit = await admin<{ id: string }>('POST', '/units', { name: 'Phường Bồ Đề', parentId: null });
    const school = { unitId: unit.id, code: 'AM', name: 'Tiểu học Ái Mộ', levels: ['primary'] };
    ({ id } = await admin<{ id: string }>('POST', '/schools', school));
    await admin('POST', `/schools/${id}/rooms`, { name: 'Tin học 1', kind: 'it', expectedPcs: 4, expectedPrinters: 1 });
    const found = NAMES.map(
      (dns, index): Found => ({
        address: `192.168.1.${20 + index}`,
        mac: `02:00:00:00:00:0${index}`,
        vendor: 'Dell Inc.',
        names: { dns },
        snmp: null,
        printer: null,
        onvif: null,
        ports: [445],
        kind: 'pc',
        kindBy: 'ports',
        via: 'sweep',
        proposedId: `pc-${index}`,
      }),
    );
    await send(base, await placeAgent(store, id), [
      ...found.map((device) => sample('discovery', foundKey(device), Date.now(), device)),
      ...onFor('pc-0', 25).concat(onFor('pc-2', 13)),
    ]);
  });
  afterAll(async () => {
    for (const context of open) await context.close();
    await browser?.close();
    await running?.close();
  });

  test.each([
    ['desk', 1440, 900, ['may-01', 'may-02'], 'Đã thấy 2/4 máy tính', '5', 'may-01', '2 giờ'],
    ['phone', 390, 844, ['may-03', 'may-04'], 'Đã thấy 4/5 máy tính', '4', 'may-03', '1 giờ'],
  ])('on a %s two found devices are adopted into a room', async (_, width, height, names, says, count, used, hours) => {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'vi-VN' });
    open.push(context);
    const page = await context.newPage();
    const wrong = watch(page, running.base);
    await page.goto(running.link);
    await page.waitForURL(`${running.base}/`);
    await page.goto(`${running.base}/truong/${id}/thiet-bi`);
    const room = page.getByRole('article', { name: 'Tin học 1' });
    await room.getByText('Đã thấy 0/1 máy in – thiếu 1').waitFor();
    const found = page.getByRole('region', { name: 'Thiết bị tác tử tìm thấy', exact: true });
    for (const name of names) {
      await found.getByRole('checkbox', { name: `Chọn ${name}` }).focus();
      await page.keyboard.press('Space');
    }
    await found.getByText('Đã chọn 2').waitFor();
    await found.getByLabel('Phòng').selectOption('Tin học 1');
    await found.getByLabel('Mục đích').selectOption('student');
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await faultsOfAccess(page)).toEqual([]);
    await found.getByRole('button', { name: 'Đưa vào danh mục' }).click();
    await room.getByText(says).waitFor();
    if (width > 1000) {
      await found.getByRole('checkbox', { name: 'Chọn may-05' }).check();
      await found.getByRole('button', { name: 'Bỏ qua' }).click();
      await found.getByText('Đã bỏ qua (1)').waitFor();
    }

    await room.getByRole('button', { name: 'Sửa' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Số máy tính quy định').fill(count);
    expect(await form.getByLabel('Số máy in quy định').inputValue()).toBe('1');
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await faultsOfAccess(page)).toEqual([]);
    await form.getByRole('button', { name: 'Lưu' }).click();
    await room.getByText(`/${count} máy tính`).waitFor();

    await page.getByRole('link', { name: 'Trường', exact: true }).click();
    const use = page.getByRole('figure', { name: 'Số giờ máy bật trong giờ học' });
    await use.getByRole('listitem').filter({ hasText: used }).getByText(hours).waitFor();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await faultsOfAccess(page)).toEqual([]);
    await page.goBack();

    await page.getByRole('link', { name: 'Nhập từ Excel' }).first().click();
    const rows = [
      ['Phòng', 'Thiết bị', 'Loại', 'Mã theo dõi'],
      ['Tin học 1', `Máy in ${width}`, 'Máy in', `in-${width}`],
      ['Phòng lạ', 'Máy', 'Máy tính', null],
    ];
    await page.getByText('mẫu Excel (.xlsx)').waitFor();
    await page.locator('input[type="file"]').setInputFiles({
      name: 'thiet-bi.xlsx',
      mimeType: 'application/octet-stream',
      buffer: await workbook('Thiết bị', rows),
    });
    await page.getByText('Xem trước: 2 dòng – thêm 1, đổi 0, giữ nguyên 0, lỗi 1.').waitFor();
    await page.getByText('không có phòng này: sửa tên, hoặc ghi “có” ở cột Tạo phòng').waitFor();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await faultsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'Nhập 1 dòng đúng' }).click();
    await page.getByText(/^Đã nhập: 2 dòng – thêm 1/).waitFor();
    expect(wrong).toEqual([]);
  });
});
