import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chain, startChain } from '../chain.ts';

/** Every page in a real browser over a running collector, agent and practice school, at the widths of a desk and a phone. */

const { AxeBuilder } = createRequire(import.meta.url)('@axe-core/playwright') as typeof import('@axe-core/playwright');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const SCHOOL = '/truong/practice-school';
const VALUES_MS = 60_000;

describe.skipIf(CHROMIUM === undefined)('the pages in Chromium (skipped where it is not installed)', () => {
  let browser: Browser;
  let chain: Chain;
  let link: string;
  let base: string;

  beforeAll(async () => {
    chain = await startChain();
    ({ link, base } = chain);
    browser = await chromium.launch({
      executablePath: CHROMIUM!,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await chain?.stop();
  });

  /** A signed-in page that remembers what went wrong on it. */
  async function open(width: number, height: number) {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'vi-VN' });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith('data:')) wrong.push(`asked ${request.url()}`);
    });
    await page.goto(link);
    await page.waitForURL(`${base}/`);
    return { context, page, wrong };
  }

  test('the district page shows measured values of the practice school', async () => {
    const { context, page, wrong } = await open(1440, 900);
    const row = page.locator('tr', { hasText: 'Trường thực hành' });
    await row.getByText(/Mbps/).waitFor({ timeout: VALUES_MS });
    await row.getByText('1/3').waitFor({ timeout: VALUES_MS });
    expect(await row.innerText()).toMatch(/\d+\/15/);
    expect(await row.innerText()).toContain('THỰC HÀNH');
    expect(wrong).toEqual([]);
    await context.close();
  }, 130_000);

  describe.each([
    ['desk', 1440, 900],
    ['phone', 390, 844],
  ])('on a %s', (_name, width, height) => {
    let opened: { context: BrowserContext; page: Page; wrong: string[] };
    beforeAll(async () => {
      opened = await open(width, height);
    });
    afterAll(() => opened?.context.close());

    test.each([
      ['district', '/', 'Toàn quận'],
      ['school', SCHOOL, 'Trường thực hành'],
      ['sheet', `${SCHOOL}/phieu`, 'Phiếu chấm điểm'],
      ['administration', '/quan-tri', 'Quản trị'],
    ])(
      '%s: its title, no sideways scrolling, no fault of access, nothing wrong on the console',
      async (_page, path, title) => {
        const { page, wrong } = opened;
        await page.goto(base + path);
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        await page.waitForLoadState('load');
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
          0,
        );
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(wrong).toEqual([]);
      },
    );

    test('from a finding to the signed report it came from', async () => {
      const { page, wrong } = opened;
      await page.goto(base + SCHOOL);
      const finding = page.getByRole('region', { name: 'III.3.2.a', exact: true });
      await finding.locator('summary').first().click();
      await finding.locator('a[href^="/bao-cao/"]').first().click();
      await page.getByText('Chữ ký đúng').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      expect(wrong).toEqual([]);
    });
  });

  test('a finding entered by hand costs its points on the sheet, and withdrawing it gives them back', async () => {
    const { context, page, wrong } = await open(1440, 900);
    await page.goto(`${base}${SCHOOL}/phieu`);
    // Nobody measures Tiêu chuẩn 1, so this item moves by hand only.
    const item = page.locator('.sheet-item', { hasText: /^I\.1\.1\D/ });
    await item.getByText('5/5', { exact: true }).waitFor();
    await item.getByRole('button', { name: 'Chấm I.1.1.a' }).click();
    await item.getByLabel('Có tồn tại').check();
    await item.getByLabel('Lý do').fill('Kế hoạch thiếu chỉ tiêu');
    await item.getByRole('button', { name: 'Lưu' }).click();
    await item.getByText('4,5/5', { exact: true }).waitFor();
    await item.getByText('Kế hoạch thiếu chỉ tiêu').waitFor();
    await item.getByRole('button', { name: 'Chấm I.1.1.a' }).click();
    await item.getByLabel('Lý do').fill('Nhập nhầm trường');
    await item.getByRole('button', { name: 'Rút' }).click();
    await item.getByText('5/5', { exact: true }).waitFor();
    expect(wrong).toEqual([]);
    await context.close();
  });
});
