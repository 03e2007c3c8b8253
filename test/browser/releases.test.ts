import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Collector, startCollector } from '../../collector/collector.ts';
import { signFolder } from '../../deploy/release/make.ts';
import type { ReleaseKey } from '../../shared/wire/release.ts';
import { newKeys } from '../collector/harness.ts';
import { placeAgent } from '../collector/running.ts';
import { CHROMIUM, faultsOfAccess, launch, sideways, watch } from './chromium.ts';

/** The page of versions: a release is uploaded as its folder, rolled out to a share, stopped and gone on with. */

describe.skipIf(CHROMIUM === undefined)('versions of the agent (skipped where Chromium is not installed)', () => {
  const root = mkdtempSync(join(tmpdir(), 'thdt-releases-'));
  const out = join(root, 'release');
  let collector: Collector;
  let browser: Browser;

  beforeAll(async () => {
    const { publicKey, privateKey } = await newKeys();
    mkdirSync(join(root, 'bundle', 'app'), { recursive: true });
    writeFileSync(join(root, 'bundle', 'app', 'main.mjs'), 'process.exit(0);');
    await signFolder(join(root, 'bundle'), { privateKey, version: '1.1.0', notes: 'Sửa lỗi đo camera', out });
    collector = await startCollector({
      data: join(root, 'data'),
      host: '127.0.0.1',
      port: 0,
      log: pino({ level: 'fatal' }),
      releaseKey: publicKey as ReleaseKey,
    });
    const { store } = collector;
    await store
      .insertInto('org_unit')
      .values({ id: 'u', parent_id: null, name: 'Phường Bồ Đề', policy: '{}', practice: 0 })
      .execute();
    await store
      .insertInto('school')
      .values({ id: 's', unit_id: 'u', code: 'AM', name: 'Tiểu học Ái Mộ', levels: '["primary"]', calendar: null })
      .execute();
    const { id } = await placeAgent(store, 's');
    await placeAgent(store, 's');
    const health = JSON.stringify({ upgrade: { version: '1.0.5', state: 'failed', why: 'disk-full: 0 bytes there' } });
    await store.updateTable('agent').set({ health, last_report_at: Date.now() }).where('id', '=', id).execute();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await collector?.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('is uploaded, rolled out, stopped and gone on with, at a desk and on a phone', async () => {
    const { address, signInLink } = collector;
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
    const page = await context.newPage();
    const wrong = watch(page, address);
    await page.goto(signInLink!);
    await page.waitForURL(`${address}/`);
    await page.goto(`${address}/phien-ban`);
    await page.getByText('đĩa đầy').waitFor();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Chọn thư mục' }).click();
    await (await chooser).setFiles(out);
    await page.getByText('Đã nhận phiên bản 1.1.0').waitFor();
    await page.getByLabel('Tỷ lệ máy (%)').fill('100');
    await page.getByRole('button', { name: 'Triển khai', exact: true }).click();
    const rollouts = page.getByRole('region', { name: 'Triển khai' });
    await rollouts.getByText('đang triển khai').waitFor();
    const row = (version: string) =>
      page.getByRole('region', { name: 'Các tác tử đang chạy' }).getByRole('row').filter({ hasText: version });
    await row('1.1.0').waitFor();
    expect(await row('1.1.0').getByRole('cell').allInnerTexts()).toEqual(['1.1.0', '0', '0', '2', '0', '0']);
    await page.getByRole('button', { name: 'Dừng: Toàn quận' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Dừng', exact: true }).click();
    await rollouts.getByText('đã dừng').waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await sideways(page), `${width} px`).toBeLessThanOrEqual(0);
      expect(await faultsOfAccess(page), `${width} px`).toEqual([]);
    }
    await page.getByRole('button', { name: 'Tiếp tục: Toàn quận' }).click();
    await rollouts.getByText('đang triển khai').waitFor();
    expect(wrong).toEqual([]);
    await context.close();
  });
});
