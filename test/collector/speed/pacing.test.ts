import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type District, district, download, rateOf } from './district.ts';

/** Rates in real time: these tests run alone (vitest.config.ts). */

let of: District;
beforeAll(async () => {
  of = await district();
});
afterEach(() => of.closeApps());
afterAll(() => of.close());

test('downloads of several streams keep the rate of the turn within a few percent', async () => {
  for (const limitMbps of [10, 100]) {
    const { base } = await of.serve({ limitMbps });
    const token = await of.newTurn(base);
    const streams = Array.from({ length: 4 }, () => download(base, token));
    await expect.poll(() => streams.every(({ state }) => state.bytes > 0)).toBe(true);
    await delay(300);
    const mbps = await rateOf(streams, 2000);
    for (const { stop } of streams) stop();
    expect(mbps).toBeGreaterThan(limitMbps * 0.95);
    expect(mbps).toBeLessThan(limitMbps * 1.05);
    const parts = streams.map(({ state }) => state.bytes);
    expect(Math.min(...parts)).toBeGreaterThan(Math.max(...parts) * 0.8);
  }
});

test('a download without a limit is faster than any line of a school', async () => {
  const { base } = await of.serve({ limitMbps: null, maxBytes: 1e10 });
  const token = await of.newTurn(base);
  const streams = Array.from({ length: 4 }, () => download(base, token));
  await expect.poll(() => streams.every(({ state }) => state.bytes > 0)).toBe(true);
  expect(await rateOf(streams, 1000)).toBeGreaterThan(250);
  for (const { stop } of streams) stop();
});

test('a download leaves its part to the others when its client vanishes', async () => {
  const { base } = await of.serve({ limitMbps: 20 });
  const token = await of.newTurn(base);
  const [gone, stays] = [download(base, token), download(base, token)];
  await expect.poll(() => gone.state.bytes > 0 && stays.state.bytes > 0).toBe(true);
  gone.state.response!.socket.resetAndDestroy();
  await delay(200);
  expect(await rateOf([stays], 1000)).toBeGreaterThan(18);
  stays.stop();
});

test('uploads of several streams keep it too, and are told how long they took', async () => {
  const { base } = await of.serve({ limitMbps: 40 });
  const token = await of.newTurn(base);
  const start = performance.now();
  const answers = await Promise.all(
    [1, 2].map(async () =>
      (await fetch(`${base}/upload?token=${token}`, { method: 'POST', body: Buffer.alloc(5_000_000) })).json(),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  expect(80 / seconds).toBeGreaterThan(36);
  expect(80 / seconds).toBeLessThan(42);
  for (const answer of answers) {
    expect(answer).toMatchObject({ bytes: 5_000_000 });
    expect((answer as { seconds: number }).seconds).toBeGreaterThan(1.6);
  }
});
