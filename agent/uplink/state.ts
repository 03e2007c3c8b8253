import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { writeDurably } from '../spool/durable.ts';

/** What `status` tells of a running agent, in `dataDir/state.json`. Nothing is decided by it; losing it loses no report. */

export interface State {
  /** The last report that the collector acknowledged; `at` by the agent's clock, all times RFC 3339. */
  lastAcknowledgement: { id: string; stored: 'new' | 'duplicate'; at: string } | null;
  /** Collector's clock minus the agent's at the last acknowledgement, ms; positive: the agent is slow. */
  clockOffsetMs: number | null;
  /** Why sending is paused until a person acts. */
  paused: { code: string; message: string; since: string } | null;
  /** The last failed attempt, null after a success. */
  lastError: { message: string; at: string } | null;
  acknowledged: number;
  /** Reports that were not kept because the spool was full, with their samples. */
  skippedReports: number;
  skippedSamples: number;
  /** Rejected reports deleted to keep the rejected within bounds. */
  rejectedDropped: number;
}

export const emptyState = (): State => ({
  lastAcknowledgement: null,
  clockOffsetMs: null,
  paused: null,
  lastError: null,
  acknowledged: 0,
  skippedReports: 0,
  skippedSamples: 0,
  rejectedDropped: 0,
});

const FILE = 'state.json';

/** The last state that was written; an empty one when there is none or it is damaged. */
export async function loadState(dataDir: string): Promise<State> {
  try {
    return { ...emptyState(), ...JSON.parse(await readFile(path.join(dataDir, FILE), 'utf8')) };
  } catch {
    return emptyState();
  }
}

/** Holds the state of a running agent and writes it soon after each change, at most once every `delayMs`. */
export class StateFile {
  readonly state: State;
  readonly #dataDir: string;
  readonly #log: Logger;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(dataDir: string, state: State, log: Logger, delayMs: number) {
    this.#dataDir = dataDir;
    this.state = state;
    this.#log = log;
    this.#delayMs = delayMs;
  }

  static async open(dataDir: string, log: Logger, delayMs = 500): Promise<StateFile> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return new StateFile(dataDir, await loadState(dataDir), log, delayMs);
  }

  set(change: Partial<State>): void {
    Object.assign(this.state, change);
    this.#timer ??= setTimeout(() => void this.flush(), this.#delayMs);
  }

  /** Writes now. A disk that refuses is logged: a full one must not stop the sending that empties it. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing
      .then(() => writeDurably(this.#dataDir, FILE, `${JSON.stringify(this.state, null, 2)}\n`))
      .catch((error: unknown) => this.#log.warn({ err: error }, 'state not written'));
    return this.#writing;
  }
}
