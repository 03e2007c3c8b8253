import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Browser, Locator, Page } from 'playwright-core';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { main } from '../../agent/main.ts';
import { type AnyProbe, ok } from '../../agent/probes/probe.ts';
import { type Collector, startCollector } from '../../collector/collector.ts';
import { scratch, writeConfig } from '../agent/runtime/helpers.ts';
import { CHROMIUM, faultsOfAccess, launch, sideways, watch } from './chromium.ts';

/** The installation page: codes are made, a PC and the school's own agent enrol by them and turn green without a reload. */

const EXE = 'thdt-agent-0.1.0-windows-x64.exe';
/** What a person takes for each click, and for each key, ms. */
const CLICK_MS = 1500;
const KEY_MS = 150;

const ANTIVIRUS: AnyProbe = {
  name: 'antivirus',
  schema: Type.Object({ target: Type.Optional(Type.String()) }, { additionalProperties: false }),
  everySeconds: 3600,
  deadlineMs: 5000,
  heavy: false,
  concurrency: 1,
  targets: ({ target = 'host' }: { target?: string }) => [{ id: target }],
  run: async () => ok({ platform: 'win32', products: [{ name: 'Microsoft Defender', on: true, upToDate: true }] }),
};

describe.skipIf(CHROMIUM === undefined)('the installation page (skipped where Chromium is not installed)', () => {
  const root = mkdtempSync(join(tmpdir(), 'thdt-install-'));
  let collector: Collector;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(join(root, 'downloads'));
    writeFileSync(join(root, 'downloads', EXE), 'MZ');
    writeFileSync(join(root, 'downloads', 'thdt-agent_0.1.0_amd64.deb'), '!<arch>');
    collector = await startCollector({ data: root, host: '127.0.0.1', port: 0, log: pino({ level: 'fatal' }) });
    const unit = { id: 'u', parent_id: null, name: 'Phường Bồ Đề', policy: '{}', practice: 0 };
    await collector.store.insertInto('org_unit').values(unit).execute();
    await collector.store
      .insertInto('school')
      .values({ id: 's', unit_id: 'u', code: 'AM', name: 'Tiểu học Ái Mộ', levels: '["primary"]', calendar: null })
      .execute();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await collector?.close();
    rmSync(root, { recursive: true, force: true });
  });

  const signedIn = async (): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(collector.signInLink!);
    await page.waitForURL(`${collector.address}/`);
    return page;
  };

  /** The agent that an installer would have started, with that configuration. */
  function install(config: object): { said(): string } {
    const ending = new AbortController();
    let said = '';
    const tell = (text: string) => {
      said += text;
    };
    const machine = { smbios: 'a'.repeat(32), board: null, disk: 'd'.repeat(32), macs: [] };
    const own = { collector: collector.address, log: 'silent', localPage: false, reportEverySeconds: 0.3 };
    const running = main(['run', '--config', writeConfig(scratch(), { ...own, ...config })], {
      probes: [ANTIVIRUS],
      machine: async () => machine,
      enrolWaits: { spreadMs: 0, minMs: 50, maxMs: 200 },
      stdout: tell,
      stderr: tell,
      signal: ending.signal,
    });
    onTestFinished(async () => {
      ending.abort();
      await running;
    });
    return { said: () => said };
  }

  test('from the page to the first green report of a PC and of the school’s agent, at a desk and on a phone', async () => {
    // The first round of each probe comes at once.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    const page = await signedIn();
    const wrong = watch(page, collector.address);
    let clicks = 0;
    const click = async (what: Locator) => {
      clicks++;
      await what.click();
    };
    await page.goto(`${collector.address}/truong/s`);
    await click(page.getByRole('link', { name: 'Cài đặt' }));
    await page.getByRole('heading', { name: 'Cài đặt ở Tiểu học Ái Mộ' }).waitFor();
    const startedAt = performance.now();
    const pcs = page.getByRole('region', { name: 'Máy tính (nhiều máy)' });
    await click(pcs.getByRole('button', { name: 'Tạo mã cho máy tính' }));
    const silent = pcs.getByText(`${EXE} /S /CODE=`);
    await silent.waitFor();
    await expect.poll(() => silent.innerText()).toMatch(/\/CODE=\w{4}(-\w{4}){3} /);
    await click(pcs.getByRole('button', { name: /^Chép: Cài sáu mươi máy/ }));
    await pcs
      .getByRole('button', { name: /^Chép: Cài sáu mươi máy/ })
      .getByText('Đã chép')
      .waitFor();
    const arrivals = page.getByRole('region', { name: 'Máy vừa cài' });
    await arrivals.getByText('Mã cho máy tính: đang chờ báo cáo đầu tiên…').waitFor();
    const file = page.waitForEvent('download');
    await click(pcs.getByRole('link', { name: /Tải cho Windows/ }));
    expect((await file).suggestedFilename()).toBe(EXE);

    const [, code, address] = /\/CODE=(\S+) \/COLLECTOR=(\S+)/.exec(await silent.innerText())!;
    expect(address).toBe(collector.address);
    install({ role: 'endpoint', collector: address, code });
    const green = arrivals.getByText('✓ đã báo về');
    await green.waitFor();
    const machineMs = performance.now() - startedAt;
    await arrivals.getByText('Diệt virus 1/1').waitFor();
    expect(await arrivals.getByText('đang chờ báo cáo đầu tiên').count()).toBe(0);
    const personMs = clicks * CLICK_MS;
    process.stdout.write(
      `installation: ${clicks} clicks, 0 fields on the page; ${Math.round(machineMs)} ms of the machine + ${personMs} ms of the person (${CLICK_MS} a click, ${KEY_MS} a key, 0 keys)\n`,
    );
    expect(clicks).toBe(4);

    const site = page.getByRole('region', { name: 'Máy đo của trường' });
    await site.getByRole('button', { name: 'Tạo mã cho máy đo' }).click();
    const siteCode = await site.getByRole('status').locator('code').innerText();
    install({ role: 'site', code: siteCode, probes: { antivirus: { target: 'pc' } } });
    await expect.poll(() => green.count(), { timeout: 8000 }).toBe(2);
    // The same one-use code on another computer.
    const second = install({ role: 'site', code: siteCode, probes: { antivirus: {} } });
    await expect.poll(second.said, { timeout: 8000 }).toContain('Mã cài đặt không dùng được');
    await page.getByRole('region', { name: 'Mã đã tạo' }).getByText('mã đã dùng hết, hãy tạo mã khác').waitFor();

    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await sideways(page), `${width} px`).toBeLessThanOrEqual(0);
      expect(await faultsOfAccess(page), `${width} px`).toEqual([]);
    }
    // A code is shown once; the page says how it went.
    await page.reload();
    await arrivals.getByText('✓ đã báo về').first().waitFor();
    expect(await page.content()).not.toContain(siteCode);
    expect(wrong).toEqual([]);
  });
});
