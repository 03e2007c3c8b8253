import type { Sample } from '../../shared/wire/report.ts';
import type { Config } from '../config.ts';
import type { Watch } from '../uplink/watch.ts';
import { type Row, rowOf } from './rows.ts';

/** What the page knows of the running agent: last results by target, and what is being measured at this moment. */

export interface Activity {
  /** `waiting`: another probe that fills the line has its turn first. */
  state: 'waiting' | 'running';
  /** RFC 3339. */
  since: string;
  /** Targets that this run has told of. */
  done: number;
}

export class Live implements Watch {
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #activity = new Map<string, Activity>();
  readonly #lastEnd = new Map<string, { at: string; how: 'paused' | 'busy' }>();
  readonly #isHeavy: (probe: string) => boolean;
  #runNow: ((probe: string) => boolean) | null = null;
  #idle = Promise.withResolvers<void>();

  constructor(isHeavy: (probe: string) => boolean) {
    this.#isHeavy = isHeavy;
  }

  runs(runNow: ((probe: string) => boolean) | null): void {
    this.#runNow = runNow;
    if (runNow === null) this.#activity.clear();
    this.#tellIdle();
  }

  began(probe: string): void {
    this.#activity.set(probe, { state: 'running', since: new Date().toISOString(), done: 0 });
  }

  sample(sample: Sample): void {
    const rows = this.#rows.get(sample.probe) ?? new Map<string, Row>();
    rows.set(sample.target, rowOf(sample));
    this.#rows.set(sample.probe, rows);
    const activity = this.#activity.get(sample.probe);
    if (activity) activity.done++;
    this.#lastEnd.delete(sample.probe);
  }

  ended(probe: string, how: 'done' | 'paused' | 'busy'): void {
    this.#activity.delete(probe);
    if (how !== 'done') this.#lastEnd.set(probe, { at: new Date().toISOString(), how });
    this.#tellIdle();
  }

  /** Starts a probe out of turn: 'started', 'running' when it is under way already, 'ended' when nothing runs. */
  runNow(probe: string): 'started' | 'running' | 'ended' {
    if (this.#runNow === null) return 'ended';
    // Set before: its turn may come at once.
    const before = this.#activity.get(probe);
    if (!before) this.#activity.set(probe, { state: 'waiting', since: new Date().toISOString(), done: 0 });
    if (this.#runNow(probe)) return 'started';
    if (!before) this.#activity.delete(probe);
    return 'running';
  }

  get isRunning(): boolean {
    return this.#runNow !== null;
  }

  activityOf(probe: string): Activity | null {
    return this.#activity.get(probe) ?? null;
  }

  /** Why its last turn measured nothing, where it did not. */
  lastEndOf(probe: string): { at: string; how: 'paused' | 'busy' } | null {
    return this.#lastEnd.get(probe) ?? null;
  }

  rowOf(probe: string, target: string): Row | null {
    return this.#rows.get(probe)?.get(target) ?? null;
  }

  /** Results of targets that are no longer measured are forgotten. */
  keepOnly(config: Config): void {
    const ids = new Map(
      config.probes.map(({ probe, config: own }) => [probe.name, new Set(idsOf(probe.targets(own)))]),
    );
    for (const [name, rows] of this.#rows)
      for (const target of rows.keys()) if (!ids.get(name)?.has(target)) rows.delete(target);
  }

  /** When no probe that fills the line is under way any more, or after `withinMs`. */
  async noneHeavy(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    while (this.#activity.keys().some(this.#isHeavy) && performance.now() < until) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, until - performance.now());
      await Promise.race([this.#idle.promise, late.promise]);
      clearTimeout(timer);
    }
  }

  #tellIdle(): void {
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }
}

const idsOf = (targets: readonly { id: string }[]) => targets.map(({ id }) => id);
