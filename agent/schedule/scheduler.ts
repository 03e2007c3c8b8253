import type { Logger } from 'pino';

/** When each probe runs: at its own interval, never over itself, and never two heavy ones at once. */

export interface Job {
  name: string;
  everySeconds: number;
  heavy: boolean;
  /** The work; what it throws is logged and does not end the schedule. */
  run(signal: AbortSignal): Promise<unknown>;
}

export interface SchedulerOptions {
  log: Logger;
  /** Largest deviation of one start from its beat, as a fraction of the interval; it does not add up. Default 0.1. */
  jitter?: number;
  /** First runs are spread over this time (or over the interval, if shorter), seconds. Default 10. */
  firstWithinSeconds?: number;
  /** Uniform in [0, 1). */
  random?: () => number;
  /** Milliseconds that only go forward: the wall clock of a school PC is set while it runs. */
  monotonicMs?: () => number;
}

export class Scheduler {
  readonly #jobs: readonly Job[];
  readonly #options: Required<SchedulerOptions>;
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  /** Settles when the last heavy job that asked for the line has ended. */
  #line: Promise<void> = Promise.resolve();

  constructor(jobs: readonly Job[], options: SchedulerOptions) {
    this.#jobs = jobs;
    this.#options = {
      jitter: 0.1,
      firstWithinSeconds: 10,
      random: Math.random,
      monotonicMs: () => performance.now(),
      ...options,
    };
  }

  start(): void {
    const { firstWithinSeconds, random, monotonicMs } = this.#options;
    this.#jobs.forEach((job, index) => {
      const spreadMs = Math.min(firstWithinSeconds, job.everySeconds) * 1000;
      // Each job has its own slot in the spread, so that chance cannot put them all into one second.
      const firstMs = (spreadMs * (index + random())) / this.#jobs.length;
      this.#at(job, monotonicMs() + firstMs, firstMs);
    });
  }

  /** No further starts; running jobs are aborted. Resolves when they have ended, or after `graceMs`. */
  async stop(graceMs = 2000): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([Promise.all(this.#running), over]);
    clearTimeout(timer);
  }

  #at(job: Job, beatMs: number, delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const running = this.#runOnce(job).finally(() => {
        this.#running.delete(running);
        this.#next(job, beatMs);
      });
      this.#running.add(running);
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Beats that a long run has covered are left out: a late start is not made up for by a hurried one. */
  #next(job: Job, lastBeatMs: number): void {
    const { jitter, random, monotonicMs } = this.#options;
    const everyMs = job.everySeconds * 1000;
    const nowMs = monotonicMs();
    const passed = Math.max(1, Math.ceil((nowMs - lastBeatMs) / everyMs));
    const beatMs = lastBeatMs + passed * everyMs;
    const startMs = beatMs + (random() * 2 - 1) * jitter * everyMs;
    this.#at(job, beatMs, Math.max(0, startMs - nowMs));
  }

  async #runOnce(job: Job): Promise<void> {
    let release = () => {};
    if (job.heavy) {
      const before = this.#line;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#line = promise;
      release = resolve;
      await before;
    }
    try {
      if (!this.#stop.signal.aborted) await job.run(this.#stop.signal);
    } catch (error) {
      this.#options.log.error({ err: error, probe: job.name }, 'scheduled run broke: this is a bug');
    } finally {
      release();
    }
  }
}
