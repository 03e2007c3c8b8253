import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ReleaseKey } from '../../shared/wire/release.ts';
import type { Acknowledgement, Upgrade } from '../../shared/wire/report.ts';
import { UpgradeError } from './fetch-file.ts';
import { install, prune } from './install.ts';
import { SAYS_EXCUSE, VERSIONS_VARIABLE } from './launched.ts';
import * as kept from './versions.ts';

/** Follows the version that the district names in its acknowledgements. */

export interface FollowOptions {
  /** Without it nothing is ever fetched. */
  releaseKey: ReleaseKey | undefined;
  collector: () => string;
  /** The version that runs. */
  version: string;
  log: Logger;
  say: (line: string) => void;
  /** Another version is current: this process shall end. */
  onSwitched: () => void;
  times?: Partial<FollowTimes>;
  random?: () => number;
}

export interface FollowTimes {
  /** Longest wait before fetching, ms: sixty PCs must not fetch at once. */
  jitterMs: number;
  /** Longest that the fetching of one version may take, ms. */
  deadlineMs: number;
  /** First and longest wait after a failure, ms; it doubles in between. */
  retryMs: number;
  maxRetryMs: number;
}
export const FOLLOW_TIMES: FollowTimes = {
  jitterMs: 5 * 60_000,
  deadlineMs: 30 * 60_000,
  retryMs: 10 * 60_000,
  maxRetryMs: 6 * 3600_000,
};

export interface Following {
  /** An acknowledgement, or null: the collector was not there or could not. */
  heard(answer: Acknowledgement | null): void;
  health(): { upgrade?: Upgrade };
  stop(): Promise<void>;
}

/** Does nothing but under the launcher, which alone can start another version. */
export function followReleases(options: FollowOptions): Following {
  const dir = process.env[VERSIONS_VARIABLE];
  if (dir === undefined) return { heard: () => {}, health: () => ({}), stop: async () => {} };
  return new Follower(dir, { ...options, times: { ...timesOfTests(), ...options.times } });
}

class Follower implements Following {
  readonly #dir: string;
  readonly #options: FollowOptions;
  readonly #times: FollowTimes;
  readonly #stop = new AbortController();
  /** The version that this process was started in; null: the installed one. */
  readonly #started: kept.Current;
  #marked = false;
  #failure: { version: string; why: string; count: number; againMs: number } | null = null;
  #work: Promise<void> | null = null;

  constructor(dir: string, options: FollowOptions) {
    this.#dir = dir;
    this.#options = options;
    this.#times = { ...FOLLOW_TIMES, ...options.times };
    this.#started = kept.readCurrent(dir);
  }

  heard(answer: Acknowledgement | null): void {
    if (answer === null) {
      process.send?.(SAYS_EXCUSE);
      return;
    }
    this.#mark();
    const wanted = answer.release?.version;
    if (wanted === undefined || this.#work || !this.#mayFetch(wanted)) return;
    this.#work = this.#upgrade(wanted)
      .catch((error: unknown) => this.#failed(wanted, error))
      .finally(() => {
        this.#work = null;
      });
  }

  health(): { upgrade?: Upgrade } {
    if (this.#failure) {
      const { version, why } = this.#failure;
      return { upgrade: { version, state: 'failed', why } };
    }
    const { version, wentBackFrom } = this.#started;
    if (wentBackFrom !== null) {
      const why = kept.readFailures(this.#dir).find((one) => one.version === wentBackFrom)?.why ?? 'gone';
      return { upgrade: { version: wentBackFrom, state: 'went-back', why } };
    }
    return version === null ? {} : { upgrade: { version, state: 'ok', why: null } };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  /** The first acknowledgement ends the trial of this version. */
  #mark(): void {
    if (this.#marked) return;
    try {
      if (this.#started.version !== null && !kept.isAcknowledged(this.#dir, this.#started.version))
        kept.markAcknowledged(this.#dir, this.#started.version);
      this.#marked = true;
    } catch (error) {
      this.#options.log.error({ err: error }, 'not marked as acknowledged, trying again');
    }
  }

  #mayFetch(wanted: string): boolean {
    const { version, releaseKey } = this.#options;
    if (releaseKey === undefined || wanted === version || wanted === this.#started.version) return false;
    if (kept.isRefused(this.#dir, wanted)) return false;
    return this.#failure?.version !== wanted || performance.now() >= this.#failure.againMs;
  }

  async #upgrade(wanted: string): Promise<void> {
    const { releaseKey, collector, log, say, onSwitched, random = Math.random } = this.#options;
    const { signal } = this.#stop;
    log.info({ version: wanted }, 'the district names another version');
    await delay(random() * this.#times.jitterMs, undefined, { signal });
    const { entry } = await install({
      dir: this.#dir,
      version: wanted,
      base: collector(),
      releaseKey: releaseKey!,
      platform: `${process.platform}-${process.arch}`,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#times.deadlineMs)]),
    });
    if (signal.aborted) return;
    kept.switchTo(this.#dir, wanted, entry);
    await prune(this.#dir);
    log.info({ version: wanted }, 'another version is current');
    say(`Chuyển sang phiên bản ${wanted} theo yêu cầu của Phòng/Sở`);
    onSwitched();
  }

  #failed(version: string, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const known = error instanceof UpgradeError;
    const why = `${known ? error.code : 'disk'}: ${(error as Error).message}`.slice(0, 200);
    const count = this.#failure?.version === version ? this.#failure.count + 1 : 1;
    const waitMs = Math.min(this.#times.maxRetryMs, this.#times.retryMs * 2 ** Math.min(count - 1, 20));
    this.#failure = { version, why, count, againMs: performance.now() + waitMs };
    this.#options.log.error({ version, err: error }, 'version not fetched');
    if (known && error.code === 'disk-full')
      this.#options.say(`Chưa nâng cấp được lên ${version}: đĩa đầy, hãy dọn bớt chỗ trên máy này`);
  }
}

/** Tests are short of time. */
const timesOfTests = (): Partial<FollowTimes> => JSON.parse(process.env.THDT_UPGRADE_TIMES ?? '{}');
