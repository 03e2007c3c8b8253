import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import { Sample } from '../shared/wire/report.ts';
import { type KeptFiles, keptFiles } from './kept.ts';
import { type AnyProbe, type CollectorAccess, failed, type Outcome, type Tell } from './probes/probe.ts';

/** Runs one probe over its targets and turns every outcome into a sample that the collector can accept. */

/** Most that the figures of one sample may weigh, bytes of JSON. */
export const MAX_VALUES_BYTES = 16 * 1024;

/** How long a round that was told to end may take to tell what it knows, ms. */
const ROUND_GRACE_MS = 1000;

const sampleSchema = Compile(Sample);

export interface RunOptions {
  /** Ends the run early (shutdown). A target that was cut short by it gives no sample: nobody measured it. */
  signal?: AbortSignal;
  /** Called with each sample as soon as it is there, in the order of completion. */
  onSample?: (sample: Sample) => void;
  /** The schedule's interval: a probe that measures in rounds may spread its round over it. Without it, at once. */
  everySeconds?: number;
}

/** What probes are given beside their configuration. */
export interface Around {
  kept?: KeptFiles;
  /** Asked at each run: an agent may be enrolled anew while it runs. */
  collector?: () => CollectorAccess | null;
}

export class Runner {
  /** Targets whose measurement ended by a bug or by the deadline since start. */
  failedRuns = 0;
  readonly #log: Logger;
  readonly #now: () => Date;
  readonly #around: Required<Around>;
  /** Probe and target to what the probe remembers of it; lives as long as the process. */
  readonly #memory = new Map<string, Map<string, unknown>>();

  constructor(log: Logger, now: () => Date = () => new Date(), around: Around = {}) {
    this.#log = log;
    this.#now = now;
    this.#around = { kept: keptFiles(null, log), collector: () => null, ...around };
  }

  /** Measures every target, at most `probe.concurrency` at once. Never rejects for what a probe does. */
  async run(probe: AnyProbe, config: unknown, options: RunOptions = {}): Promise<Sample[]> {
    const { signal, onSample } = options;
    if (probe.round) return this.#round(probe, config, options);
    const waiting: { id: string }[] = [...probe.targets(config)];
    const samples: Sample[] = [];
    const worker = async () => {
      for (let target = waiting.shift(); target && !signal?.aborted; target = waiting.shift()) {
        const sample = await this.#measure(probe, target, config, signal);
        if (!sample) continue;
        samples.push(sample);
        onSample?.(sample);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, probe.concurrency) }, worker));
    return samples;
  }

  /** Targets that a round did not tell of until its deadline are `timeout`; those of a round that the end cut short, nothing. */
  async #round(probe: AnyProbe, config: unknown, { signal: outer, onSample, everySeconds }: RunOptions) {
    const targets: { id: string }[] = probe.targets(config);
    const startedAt = this.#now();
    const log = this.#log.child({ probe: probe.name });
    const samples: Sample[] = [];
    const waiting = new Set(targets.map(({ id }) => id));
    const add = (id: string, outcome: () => Outcome, at = startedAt) => {
      if (!waiting.delete(id)) return;
      let sample: Sample;
      try {
        sample = toSample(probe.name, id, at.toISOString(), outcome());
      } catch (error) {
        sample = this.#broken(probe.name, id, startedAt.toISOString(), error, log);
      }
      samples.push(sample);
      onSample?.(sample);
    };
    const tell: Tell = (id, outcome, at) => add(id, () => outcome, at);
    const deadlineMs = everySeconds === undefined ? probe.deadlineMs : Math.max(probe.deadlineMs, everySeconds * 1000);
    const deadline = AbortSignal.timeout(Math.ceil(deadlineMs));
    const signal = outer ? AbortSignal.any([outer, deadline]) : deadline;
    const context = {
      signal,
      memoryOf: (id: string) => this.#remembered(probe.name, id),
      kept: this.#around.kept.of(probe.name),
      collector: this.#around.collector(),
      everySeconds: everySeconds ?? null,
      log: (message: string, detail: Record<string, unknown> = {}) => log.info(detail, message),
    };
    const { promise: over, resolve } = Promise.withResolvers<void>();
    let grace: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', () => {
      grace = setTimeout(resolve, ROUND_GRACE_MS);
    });
    let broke: { error: unknown } | undefined;
    const running = (async () => probe.round!(targets, config, context, tell))().catch((error: unknown) => {
      broke = { error };
    });
    await Promise.race([running, over]);
    clearTimeout(grace);
    if (outer?.aborted) {
      waiting.clear();
      return samples;
    }
    for (const id of [...waiting]) {
      add(id, () => {
        if (broke) throw broke.error;
        this.failedRuns++;
        log.warn({ deadlineMs, target: id }, 'round did not tell of a target within its deadline');
        return failed('timeout', { deadlineMs });
      });
    }
    return samples;
  }

  #broken(probe: string, target: string, at: string, error: unknown, log: Logger): Sample {
    this.failedRuns++;
    log.error({ err: error, target }, 'probe broke: this is a bug');
    return toSample(probe, target, at, failed('internal', { message: messageOf(error) }));
  }

  async #measure(probe: AnyProbe, target: { id: string }, config: unknown, outer?: AbortSignal) {
    const at = this.#now().toISOString();
    const log = this.#log.child({ probe: probe.name, target: target.id });
    const abort = new AbortController();
    const { promise: cut, resolve: cutShort } = Promise.withResolvers<'deadline' | 'shutdown'>();
    const timer = setTimeout(() => cutShort('deadline'), probe.deadlineMs);
    const onShutdown = () => cutShort('shutdown');
    outer?.addEventListener('abort', onShutdown, { once: true });
    const context = {
      signal: abort.signal,
      memory: this.#remembered(probe.name, target.id),
      kept: this.#around.kept.of(probe.name),
      collector: this.#around.collector(),
      log: (message: string, detail: Record<string, unknown> = {}) => log.info(detail, message),
    };
    // Wrapped, so that a probe that throws before its first await is caught like any other.
    const running = (async (): Promise<Outcome> => probe.run(target, config, context))().then(
      (outcome) => ({ outcome }),
      (error: unknown) => ({ error }),
    );
    // The first to happen stands; a probe that ignores its signal is left behind, and what it answers later is dropped.
    const first = await Promise.race([running, cut]);
    clearTimeout(timer);
    outer?.removeEventListener('abort', onShutdown);
    if (first === 'shutdown') {
      abort.abort(new DOMException('the agent is ending', 'AbortError'));
      return null;
    }
    if (first === 'deadline') {
      abort.abort(new DOMException(`deadline of ${probe.deadlineMs} ms`, 'TimeoutError'));
      this.failedRuns++;
      log.warn({ deadlineMs: probe.deadlineMs }, 'target did not end within the deadline');
      return toSample(probe.name, target.id, at, failed('timeout', { deadlineMs: probe.deadlineMs }));
    }
    try {
      if ('error' in first) throw first.error;
      return toSample(probe.name, target.id, at, first.outcome);
    } catch (error) {
      return this.#broken(probe.name, target.id, at, error, log);
    }
  }

  #remembered(probe: string, target: string): Map<string, unknown> {
    const key = `${probe}\n${target}`;
    const known = this.#memory.get(key) ?? new Map<string, unknown>();
    this.#memory.set(key, known);
    return known;
  }
}

/**
 * The outcome as a sample of the wire, its values being what JSON keeps of them. Values over MAX_VALUES_BYTES become a
 * `too-large` failure. Throws when the outcome is no outcome, which is a bug of the probe.
 */
export function toSample(probe: string, target: string, at: string, outcome: Outcome): Sample {
  const json = JSON.stringify(outcome.values);
  if (json === undefined) throw new TypeError('values is missing');
  const bytes = Buffer.byteLength(json);
  const sample: Sample =
    bytes > MAX_VALUES_BYTES
      ? { probe, target, at, ok: false, reason: 'too-large', values: { bytes, limitBytes: MAX_VALUES_BYTES } }
      : { probe, target, at, ok: outcome.ok, reason: outcome.ok ? null : outcome.reason, values: JSON.parse(json) };
  if (sampleSchema.Check(sample)) return sample;
  const error = sampleSchema.Errors(sample)[0];
  throw new TypeError(`outcome does not fit the wire: ${error?.instancePath} ${error?.message}`);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
}
