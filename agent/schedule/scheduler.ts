import type { Logger } from 'pino';
import type { Run } from './spread.ts';

/** When each probe runs: at its own interval or by the school's hours, never over itself, and never two heavy ones at once. */

export interface Job {
  name: string;
  everySeconds: number;
  heavy: boolean;
  /** Where given, the job runs by the wall clock instead of by its interval: the first run after `lastAt` that is not over. */
  next?(lastAt: number, now: number): Run;
  /** When it last ran by the wall clock, before this process began. */
  lastAt?: number;
  /** Told of each run by the wall clock as it begins. */
  onRun?(at: number): void;
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
  /** Epoch milliseconds. */
  wallMs?: () => number;
}

/** The wall clock is looked at this often: it is set while a PC runs, and stands still while it sleeps. */
const LOOK_MS = 30_000;
/** A last run further in the future than this was made by a clock that was wrong. */
const CLOCK_BACK_MS = 3_600_000;

export class Scheduler {
  readonly #jobs: readonly Job[];
  readonly #options: Required<SchedulerOptions>;
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  /** Names of jobs that run, or wait for the line. */
  readonly #busy = new Set<string>();
  /** Settles when the last heavy job that asked for the line has ended. */
  #line: Promise<void> = Promise.resolve();

  constructor(jobs: readonly Job[], options: SchedulerOptions) {
    this.#jobs = jobs;
    this.#options = {
      jitter: 0.1,
      firstWithinSeconds: 10,
      random: Math.random,
      monotonicMs: () => performance.now(),
      wallMs: Date.now,
      ...options,
    };
  }

  start(): void {
    const { firstWithinSeconds, random, monotonicMs } = this.#options;
    this.#jobs.forEach((job, index) => {
      if (job.next) {
        this.#byClock(job, job.lastAt ?? Number.NEGATIVE_INFINITY);
        return;
      }
      const spreadMs = Math.min(firstWithinSeconds, job.everySeconds) * 1000;
      // Each job has its own slot in the spread, so that chance cannot put them all into one second.
      const firstMs = (spreadMs * (index + random())) / this.#jobs.length;
      this.#at(job, monotonicMs() + firstMs, firstMs);
    });
  }

  /**
   * Starts a job out of turn, a heavy one in the line behind others; its own schedule stays as it is. False when it is under
   * way already, unknown, or the end has come.
   */
  runNow(name: string): boolean {
    const job = this.#jobs.find((one) => one.name === name);
    if (!job || this.#busy.has(name) || this.#stop.signal.aborted) return false;
    this.#start(job, () => {});
    return true;
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

  /** Waits for the next run by the wall clock, in short steps, and runs it while its interval goes on. */
  #byClock(job: Job, lastAt: number): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.wallMs();
    const last = lastAt > now + CLOCK_BACK_MS ? Number.NEGATIVE_INFINITY : lastAt;
    const { at } = job.next!(last, now);
    if (now >= at) {
      job.onRun?.(at);
      this.#start(job, () => this.#byClock(job, at));
      return;
    }
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#byClock(job, last);
      },
      Math.min(LOOK_MS, at - now),
    );
    this.#timers.add(timer);
  }

  #start(job: Job, then: () => void): void {
    // Somebody has started it out of turn: this turn is that one.
    if (this.#busy.has(job.name)) {
      then();
      return;
    }
    this.#busy.add(job.name);
    const running = this.#runOnce(job).finally(() => {
      this.#running.delete(running);
      this.#busy.delete(job.name);
      then();
    });
    this.#running.add(running);
  }

  #at(job: Job, beatMs: number, delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(job, () => this.#next(job, beatMs));
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
