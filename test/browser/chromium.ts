import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Chromium as the tests use it, where it is installed. */

const require = createRequire(import.meta.url);
const { AxeBuilder } = require('@axe-core/playwright') as typeof import('@axe-core/playwright');
/** The same rules as axe.js, which every page would have to read again at more than twice the length. */
const axeSource = readFileSync(
  createRequire(require.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });

/**
 * What goes wrong on a page from now on: errors of its console, and what it asks of anybody but `base`. A collector that
 * says it is busy (503) is asked again by the page itself; a machine full of tests may well be.
 */
export function watch(page: Page, base: string): string[] {
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 503')) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) wrong.push(`asked ${request.url()}`);
  });
  return wrong;
}

export interface Seat {
  page: Page;
  /** What went wrong on it since it was taken; see `watch`. */
  wrong: string[];
  /** Goes where no news of the collector reaches the page. */
  leave(): Promise<void>;
}

/**
 * Pages that stay signed in from one test of a file to the next: another process of the browser that reads the program
 * anew and signs in costs seconds. A test that changes the browser itself closes its page's context, and the next starts anew.
 */
export class Seats {
  readonly #base: string;
  readonly #taken = new Map<string, Seat>();

  constructor(base: string) {
    this.#base = base;
  }

  /** The page kept by this name; made and signed in when there is none. */
  async take(name: string, make: () => Promise<Page>, signIn: (page: Page) => Promise<void>): Promise<Seat> {
    const kept = this.#taken.get(name);
    if (kept && !kept.page.isClosed()) {
      kept.wrong.length = 0;
      return kept;
    }
    const page = await make();
    const leave = async () => void (await page.goto('about:blank'));
    const seat = { page, wrong: watch(page, this.#base), leave };
    await signIn(page);
    this.#taken.set(name, seat);
    return seat;
  }

  async close(): Promise<void> {
    for (const { page } of this.#taken.values()) await page.context().close();
  }
}

/** By how many pixels the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

export async function faultsOfAccess(page: Page): Promise<string[]> {
  // A colour that is still fading in is not the colour that is read.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  // The pages have no frames of other origins, which is what the slower mode is for; what passed is not listed.
  const { violations } = await new AxeBuilder({ page, axeSource })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Signs in as a person does who was given a name and a password. */
export async function signIn(page: Page, base: string, username: string, password: string): Promise<void> {
  await page.goto(`${base}/dang-nhap`);
  await page.getByLabel('Tên đăng nhập').fill(username);
  await page.getByLabel('Mật khẩu').fill(password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/dang-nhap'));
}
