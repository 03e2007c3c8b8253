import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import {
  type Health,
  MAX_REPORT_BYTES,
  MAX_SAMPLES,
  parseReport,
  type Report,
  type Sample,
} from '../../shared/wire/report.ts';
import { signReport } from '../../shared/wire/signature.ts';
import { type Spool, SpoolFullError } from '../spool/spool.ts';
import type { Identity } from './identity.ts';
import type { StateFile } from './state.ts';

/** Bundles samples into signed reports and puts them into the spool. */

/**
 * Room for the samples of one report, bytes of JSON. Base64url makes 4 bytes of 3; the rest of the report (health with
 * 32 probes at most) and the JWS around it take less than 8 KiB.
 */
export const MAX_SAMPLES_BYTES = Math.floor((MAX_REPORT_BYTES * 3) / 4) - 8 * 1024;
/** An agent that measures nothing for so long says that it is alive with a report of no samples, ms. */
const HEARTBEAT_MS = 10 * 60_000;
/** Samples kept in memory while the disk refuses to take reports for another reason than being full. */
const MAX_UNWRITTEN = 10 * MAX_SAMPLES;
/** From so many waiting reports on, reports are made ten times as rarely: a school cut off for months has room longer. */
const STRETCH_FROM = 1000;

export interface ReporterOptions {
  spool: Spool;
  identity: () => Identity;
  /** The agent's state without what the spool knows. */
  health: () => Omit<Health, 'queued' | 'setAside'>;
  state: StateFile;
  log: Logger;
  everySeconds: number;
  /** A first report so soon, ms: a PC may be switched off again before the first round of the clock. */
  firstAfterMs?: number;
  /** Called when a report is in the spool. */
  onReport: () => void;
}

export class Reporter {
  readonly #options: ReporterOptions;
  #samples: Sample[] = [];
  #timer: NodeJS.Timeout | null = null;
  #first: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();
  #lastReportMs = Number.NEGATIVE_INFINITY;
  #ticks = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  start(): void {
    const { firstAfterMs } = this.#options;
    if (firstAfterMs !== undefined) this.#first = setTimeout(() => void this.flush(), firstAfterMs);
    this.#timer = setInterval(() => {
      this.#ticks++;
      if (this.#options.spool.pending >= STRETCH_FROM && this.#ticks % 10 !== 0) return;
      void this.flush();
    }, this.#options.everySeconds * 1000);
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#samples.length >= MAX_SAMPLES) void this.flush();
  }

  /** Puts what there is into the spool. Never rejects; what could not be written is tried again with the next flush. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  /** No more reports by the clock; the last samples go into the spool. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#first) clearTimeout(this.#first);
    await this.flush();
  }

  async #flush(): Promise<void> {
    const idle = performance.now() - this.#lastReportMs < HEARTBEAT_MS;
    if (this.#samples.length === 0 && idle) return;
    const batches = split(this.#samples);
    this.#samples = [];
    for (const [index, batch] of batches.entries()) {
      try {
        await this.#keep(batch);
      } catch (error) {
        if (error instanceof SpoolFullError) {
          this.#skip(batch.length, error.message);
          continue;
        }
        this.#options.log.error({ err: error }, 'report not kept, trying again');
        this.#samples = [...batches.slice(index).flat(), ...this.#samples];
        const over = this.#samples.length - MAX_UNWRITTEN;
        if (over > 0) this.#skip(this.#samples.splice(MAX_UNWRITTEN).length, 'the disk does not take reports');
        return;
      }
    }
  }

  async #keep(samples: Sample[]): Promise<void> {
    const { spool, identity, health, log, onReport } = this.#options;
    const { agentId, privateKey } = identity();
    const report: Report = {
      id: uuidv7(),
      agent: agentId,
      createdAt: new Date().toISOString(),
      samples,
      health: { ...health(), queued: spool.pending + 1, setAside: spool.rejected },
    };
    const jws = await signReport(parseReport(report), privateKey);
    await spool.add(report.id, jws);
    this.#lastReportMs = performance.now();
    log.debug({ report: report.id, samples: samples.length, bytes: jws.length }, 'report kept');
    onReport();
  }

  #skip(samples: number, why: string): void {
    const { state, log } = this.#options;
    const { skippedReports, skippedSamples } = state.state;
    state.set({ skippedReports: skippedReports + 1, skippedSamples: skippedSamples + samples });
    log.error({ samples, why }, 'no room: newest samples not kept, older reports stay');
  }
}

/** Samples in order, in batches that fit one report each; one empty batch when there are none. */
export function split(samples: readonly Sample[]): Sample[][] {
  const batches: Sample[][] = [[]];
  let bytes = 0;
  for (const sample of samples) {
    const size = Buffer.byteLength(JSON.stringify(sample)) + 1;
    const last = batches.at(-1)!;
    if (last.length > 0 && (last.length === MAX_SAMPLES || bytes + size > MAX_SAMPLES_BYTES)) {
      batches.push([sample]);
      bytes = size;
    } else {
      last.push(sample);
      bytes += size;
    }
  }
  return batches;
}
