import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pause, pausedUntil, resume, unlessPaused } from '../../../agent/schedule/pause.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'thdt-pause-'));
});
afterEach(() => rm(dir, { recursive: true }));

const NOW = Date.parse('2026-11-25T02:00:00Z');

test('a pause holds until its time, or until somebody ends it', async () => {
  expect(await pausedUntil(dir, NOW)).toBeNull();
  await pause(dir, NOW + 60_000);
  expect(await pausedUntil(dir, NOW)).toBe(NOW + 60_000);
  expect(await pausedUntil(dir, NOW + 60_000)).toBeNull();
  expect(await resume(dir, NOW)).toBe(true);
  expect(await resume(dir, NOW)).toBe(false);
  expect(await pausedUntil(dir, NOW)).toBeNull();
});

test.for(['', '{', '[]', 'null', '{"until":5}', '{"until":"mai"}', '{"until":"2031-01-01T00:00:00Z"}'])(
  'a file that says %s pauses nothing',
  async (text) => {
    await writeFile(path.join(dir, 'pause.json'), text);
    expect(await pausedUntil(dir, NOW)).toBeNull();
  },
);

test('what is under way ends when somebody pauses; what has not begun does not begin', async () => {
  const stop = new AbortController();
  let began = 0;
  const measure = (signal: AbortSignal) => {
    began++;
    return new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('cut'), { once: true }));
  };
  const measuring = unlessPaused(dir, stop.signal, measure);
  await pause(dir, Date.now() + 3_600_000);
  expect(await measuring).toBe('paused');
  expect(await unlessPaused(dir, stop.signal, measure)).toBe('paused');
  expect(began).toBe(1);
  await resume(dir);
  expect(await unlessPaused(dir, stop.signal, async () => 'measured')).toBe('measured');
});
