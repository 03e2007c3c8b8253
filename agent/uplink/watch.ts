import type { Sample } from '../../shared/wire/report.ts';

/** Who looks on while the agent runs. What it throws would break a measurement: it must not. */
export interface Watch {
  /** The schedule runs from now on, and `runNow` starts a probe out of turn (Scheduler.runNow); null: it ends. */
  runs(runNow: ((probe: string) => boolean) | null): void;
  /** A probe's turn has come; it may still wait for the line, which another process may keep. */
  began(probe: string): void;
  sample(sample: Sample): void;
  /** `paused`: somebody paused what fills the line; `busy`: another process kept it all the while. Both measured nothing. */
  ended(probe: string, how: 'done' | 'paused' | 'busy'): void;
}
