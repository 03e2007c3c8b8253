import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepFound } from '../../agent/discovery/report-found.ts';
import { camera } from '../../agent/probes/camera/camera.ts';
import { lanReach } from '../../agent/probes/lan-reach/lan-reach.ts';
import { ok } from '../../agent/probes/probe.ts';
import { found } from '../agent/local-page/found.ts';
import { startSite, written } from '../agent/local-page/running-site.ts';
import { FakeCollector } from '../agent/runtime/fake-collector.ts';
import { probeOf } from '../agent/runtime/probe-of.ts';
import { startCamera } from '../school/camera.ts';
import { CHROMIUM, faultsOfAccess, launch, sideways, watch } from './chromium.ts';

/** The agent's own page, worked by a teacher: at a desk and on a narrow window. All devices are on loopback. */

describe.skipIf(CHROMIUM === undefined)('the page of the agent (skipped where Chromium is not installed)', () => {
  let browser: Browser;
  const open: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    for (const context of open) await context.close();
    await browser?.close();
  });

  test('a camera gets its password, a speed test runs now, a device is adopted; at a desk and in a narrow window', async () => {
    const collector = await FakeCollector.start();
    const simulated = await startCamera();
    // A line of its own: this test measures nobody's.
    const speed = probeOf('internet-speed', {
      heavy: true,
      everySeconds: 3600,
      run: async () => ok({ lineMbps: 87.25, latency: { idleMs: 4.2 }, provider: 'collector', marks: ['wifi'] }),
    });
    const site = await startSite({
      probes: [speed, lanReach, camera],
      collector,
      config: {
        schedule: { camera: { everySeconds: 3600 } },
        probes: {
          'internet-speed': { targets: [{ id: 'internet' }] },
          'lan-reach': { targets: [{ id: 'pc-01', address: '127.0.0.1', icmp: false, ports: [9] }] },
          camera: { targets: [{ id: 'cam-cong', address: '127.0.0.1', port: simulated.port }], gapMs: 100 },
        },
      },
    });
    const name = '<img src=x onerror=alert(1)>';
    await keepFound(`${site.dir}/data`, new Date(), [
      found({ proposedId: 'pc-01', address: '127.0.0.1' }),
      found({ proposedId: 'may-in', address: '127.0.0.2', names: { dns: name }, kind: 'printer' }),
    ]);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
    open.push(context);
    const page = await context.newPage();
    const wrong = watch(page, site.base);

    await page.goto(`${site.base}/#${await site.token()}`);
    await page.getByText('✓ Trường 1').waitFor();
    expect(page.url()).toBe(`${site.base}/`);
    const speedPart = page.locator('#probe-internet-speed');
    await page.getByRole('button', { name: 'Đo ngay: Tốc độ Internet' }).click();
    await page.getByText('Đã bắt đầu đo: Tốc độ Internet.').waitFor();
    await speedPart.getByText('87,3 Mbps xuống · trễ 4,2 ms · đo bằng collector · có gì đó cản: qua Wi-Fi').waitFor();

    const cameraPart = page.getByRole('group', { name: 'cam-cong' });
    await cameraPart.getByLabel('Tên người dùng').fill(simulated.username);
    await cameraPart.getByLabel('Mật khẩu').fill(simulated.password);
    await cameraPart.getByRole('button', { name: 'Lưu và thử' }).click();
    await page.getByRole('status').getByText('cam-cong: có hình').waitFor();
    await cameraPart.getByText('đã có mật khẩu').waitFor();
    expect(await cameraPart.getByLabel('Mật khẩu').inputValue()).toBe('');
    expect(written(site).probes.camera.targets[0].password).toBe(simulated.password);
    expect(await page.content()).not.toContain(simulated.password);

    // Public addresses are nobody's to sweep.
    await page.getByLabel('Dải địa chỉ').fill('8.8.8.0/24');
    await page.getByRole('button', { name: 'Quét dải này' }).click();
    await page.getByRole('status').getByText('không phải mạng nội bộ').waitFor();
    await page.getByLabel('may-in').check();
    await page.getByRole('button', { name: 'Thêm vào danh sách đo (1)' }).click();
    await page.getByText('✓ may-in (đã khai)').waitFor();
    expect(readFileSync(site.file, 'utf8')).toContain('"may-in"');
    await page.getByText(name).waitFor();

    await page.getByRole('button', { name: 'Tạm ngừng' }).click();
    await page.getByRole('button', { name: 'Đo lại ngay' }).click();
    await page.getByRole('button', { name: 'Tạm ngừng' }).waitFor();
    await page.getByRole('button', { name: 'Kiểm tra', exact: true }).click();
    await page.getByText('Đạt · Đồng hồ').or(page.getByText('Chú ý · Đồng hồ')).waitFor();

    expect(await faultsOfAccess(page)).toEqual([]);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await faultsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Measurements' }).waitFor();
    // Another tab has not the session's other half.
    const second = await context.newPage();
    await second.goto(site.base);
    await second
      .getByText(/lối tắt|shortcut/)
      .first()
      .waitFor();
    expect(wrong.filter((line) => !line.includes('422'))).toEqual([]);
    await simulated.close();
  });
});
