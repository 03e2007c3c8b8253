import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeAgent, type Running, send, startRunning } from '../collector/running.ts';
import { CHROMIUM, faultsOfAccess, launch, sideways, watch } from './chromium.ts';
import { lineSamples, TARGET } from './line-samples.ts';

/** The internet line on a school's page: its tests, one of them opened, what stands beside; at a desk and on a phone. */

const REPORT = 300;

describe.skipIf(CHROMIUM === undefined)('the internet line (skipped where Chromium is not installed)', () => {
  let running: Running;
  let browser: Browser;
  let path: string;
  const open: BrowserContext[] = [];

  beforeAll(async () => {
    running = await startRunning();
    browser = await launch();
    const { admin, store, base } = running;
    const unit = await admin<{ id: string }>('POST', '/units', { name: 'Phường Bồ Đề', parentId: null });
    const school = { unitId: unit.id, code: 'AM', name: 'Tiểu học Ái Mộ', levels: ['primary'] };
    const { id } = await admin<{ id: string }>('POST', '/schools', school);
    const asset = { roomId: null, kind: 'internet', use: null, name: 'Đường chính', target: TARGET };
    await admin('POST', `/schools/${id}/assets`, asset);
    const agent = await placeAgent(store, id);
    const samples = lineSamples(Date.now());
    for (let at = 0; at < samples.length; at += REPORT) await send(base, agent, samples.slice(at, at + REPORT));
    path = `/truong/${id}`;
  });
  afterAll(async () => {
    for (const context of open) await context.close();
    await browser?.close();
    await running?.close();
  });

  async function enter(width: number, height: number) {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'vi-VN' });
    open.push(context);
    const page = await context.newPage();
    const wrong = watch(page, running.base);
    await page.goto(running.link);
    await page.waitForURL(`${running.base}/`);
    await page.goto(running.base + path);
    const band = page.getByRole('region', { name: 'III.2.2.a', exact: true });
    await band
      .getByText(/lần đo/)
      .first()
      .waitFor();
    return { page, wrong, band };
  }

  test.each([
    ['desk', 1440, 900],
    ['phone', 390, 844],
  ])('on a %s each test is reached by keyboard and opens what its agent signed', async (_, width, height) => {
    const { page, wrong, band } = await enter(width, height);
    const dots = band.getByRole('group', { name: /Các lần đo tốc độ/ });
    // Shapes have words, so that nothing rests on colour.
    for (const word of [/bị đánh dấu: đường truyền ít nhất/, /không có kết quả/, /không khớp/, /ngoài giờ học, vẽ ở/])
      await band.locator('.legend').first().getByText(word).waitFor();
    expect(await dots.locator('button[tabindex="0"]').count()).toBe(1);
    await dots.locator('button[tabindex="0"]').focus();
    await page.keyboard.press('End');
    const isMarked = () => page.evaluate(() => document.activeElement?.className.includes('least') ?? false);
    for (let steps = 0; steps < 40 && !(await isMarked()); steps++) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    const run = band.getByRole('region', { name: /^Lần đo / });
    await run.getByText(/kết quả chỉ là mức tối thiểu/).waitFor();
    await run.getByText(/Cắm dây mạng cho máy đo|Thêm nguồn đo khác/).waitFor();
    await run.getByRole('img', { name: /Tốc độ trong lúc đo: 42 bước trong 4,2 giây/ }).waitFor();
    await run.getByText(/khoảng tin cậy 95 %: \d/).waitFor();
    await run.getByText('25,4 MB').waitFor();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await faultsOfAccess(page)).toEqual([]);
    await run.getByRole('link', { name: 'Báo cáo đã ký' }).click();
    await page.getByText('Chữ ký đúng').waitFor();
    await page
      .getByRole('img', { name: /Tốc độ trong lúc đo/ })
      .first()
      .waitFor();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(wrong).toEqual([]);
  });

  test('beside the tests stand figures, outages and changes, and a table says what the picture shows', async () => {
    const { page, wrong, band } = await enter(1440, 900);
    const figures = band.locator('.line-figures');
    const said = await figures.innerText();
    for (const part of ['31,5 Mbps', '7 → 58 ms', 'khi tải lên 72 ms', '2 lần', 'cao nhất 95 Mbps'])
      expect(said).toContain(part);
    await band.getByRole('img', { name: /Kết nối Internet: mất kết nối 2 lần, tổng 30 phút/ }).waitFor();
    await band.getByText('Từng lần mất kết nối và đổi đường truyền').click();
    await band.getByRole('cell', { name: 'Viettel' }).first().waitFor();
    await band.getByText(/^Bảng các lần đo/).click();
    await band
      .getByRole('cell', { name: /^≠ \d+,?\d* Mbps \(M-Lab/ })
      .first()
      .waitFor();
    await band
      .getByRole('button', { name: /^Xem lần đo/ })
      .first()
      .click();
    await band.getByRole('region', { name: /^Lần đo / }).waitFor();
    expect(await faultsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    await band.getByText('Latency idle → under load').waitFor();
    await band.getByRole('region', { name: /^Test of / }).waitFor();
    expect(wrong).toEqual([]);
  });
});
