import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Job, Scheduler, type SchedulerOptions } from '../../../agent/schedule/scheduler.ts';
import { silent } from './helpers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A job that takes `takesMs` and writes its starts and ends, ms since the test began. */
function recorded(name: string, everySeconds: number, takesMs: number, heavy = false) {
  const begun = performance.now();
  const spans: { from: number; to: number | null }[] = [];
  const job: Job = {
    name,
    everySeconds,
    heavy,
    run: async () => {
      const span: (typeof spans)[number] = { from: Math.round(performance.now() - begun), to: null };
      spans.push(span);
      await new Promise((resolve) => setTimeout(resolve, takesMs));
      span.to = Math.round(performance.now() - begun);
    },
  };
  return { job, spans };
}

function started(jobs: Job[], options: Partial<SchedulerOptions> = {}): Scheduler {
  const scheduler = new Scheduler(jobs, { log: silent, random: () => 0.5, ...options });
  scheduler.start();
  return scheduler;
}

/** A small generator with a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('the schedule', () => {
  it('runs a probe soon after the start and then at its interval, without drifting by how long it takes', async () => {
    const { job, spans } = recorded('a', 60, 7000);
    started([job]);
    await vi.advanceTimersByTimeAsync(5000 + 4 * 60_000);
    expect(spans.map(({ from }) => from)).toEqual([5000, 65_000, 125_000, 185_000, 245_000]);
  });

  it('spreads first runs', async () => {
    const all = Array.from({ length: 5 }, (_, index) => recorded(`p${index}`, 3600, 1));
    started(all.map(({ job }) => job));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(all.map(({ spans }) => spans[0]?.from)).toEqual([1000, 3000, 5000, 7000, 9000]);
  });

  it('starts within the jitter of each beat, for ever', async () => {
    const { job, spans } = recorded('a', 100, 1000);
    started([job], { random: seeded(7), jitter: 0.2, firstWithinSeconds: 0 });
    await vi.advanceTimersByTimeAsync(100 * 100_000);
    const off = spans.map(({ from }, index) => from - index * 100_000);
    expect(spans.length).toBeGreaterThanOrEqual(100);
    expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(20_000);
    expect(new Set(off).size).toBeGreaterThan(90);
  });

  it('never lets a probe overlap itself: beats that a long run covers are left out', async () => {
    const { job, spans } = recorded('slow', 10, 25_000);
    started([job], { firstWithinSeconds: 0 });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(spans.slice(0, 3)).toEqual([
      { from: 0, to: 25_000 },
      { from: 30_000, to: 55_000 },
      { from: 60_000, to: 85_000 },
    ]);
  });

  it('never runs two heavy probes at once, while light ones go on', async () => {
    const heavy = [recorded('h1', 30, 20_000, true), recorded('h2', 30, 20_000, true), recorded('h3', 50, 9000, true)];
    const light = recorded('light', 5, 10);
    started(
      [...heavy, light].map(({ job }) => job),
      { random: seeded(3) },
    );
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    const spans = heavy.flatMap((one) => one.spans).sort((a, b) => a.from - b.from);
    const overlaps = spans.filter((span, index) => index > 0 && span.from < (spans[index - 1]?.to ?? Infinity));
    expect(overlaps, `${spans.length} heavy runs in 20 minutes`).toEqual([]);
    expect(Math.min(...heavy.map((one) => one.spans.length))).toBeGreaterThan(10);
    expect(light.spans.length).toBeGreaterThan(200);
  });

  it('goes on after a run that threw, heavy or not', async () => {
    let runs = 0;
    const run = async () => {
      runs++;
      throw new Error('boom');
    };
    started([{ name: 'a', everySeconds: 10, heavy: true, run }], { firstWithinSeconds: 0 });
    await vi.advanceTimersByTimeAsync(35_000);
    expect(runs).toBe(4);
  });

  it('ends: aborts what runs, starts nothing more, and does not wait for ever', async () => {
    const signals: AbortSignal[] = [];
    const deaf: Job = {
      name: 'deaf',
      everySeconds: 10,
      heavy: true,
      run: (signal) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    };
    const scheduler = started([deaf, { ...deaf, name: 'waits for the line' }], { firstWithinSeconds: 0 });
    await vi.advanceTimersByTimeAsync(1000);
    const stopping = scheduler.stop(2000);
    await vi.advanceTimersByTimeAsync(2000);
    await stopping;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
