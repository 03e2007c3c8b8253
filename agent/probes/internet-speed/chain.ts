import { failed, type Outcome, type ProbeContext } from '../probe.ts';
import { type LineOptions, type Measured, measureLine } from './measure-line.ts';
import type { Provider, ProviderName } from './providers/provider.ts';

/** Providers in order: the first that measures is the result, a later one may be asked for a second opinion. */

/** A provider that did not measure. */
export interface Tried {
  provider: ProviderName;
  reason: string;
  message: string;
}

export interface Run {
  provider: ProviderName;
  measured: Measured;
  /** What the server says that it gives at most, Mbps of payload. */
  limitMbps: number | null;
}

export interface Result {
  run: Run | null;
  /** The last failure when nothing measured. */
  outcome: Outcome | null;
  tried: Tried[];
  /** Providers that were not needed, in order. */
  left: Provider[];
  /** Of everything that was tried, failures too. */
  totalBytes: number;
}

/** Asks one provider after the other until one measures. */
export async function firstThatMeasures(
  providers: readonly Provider[],
  options: Omit<LineOptions, 'signal' | 'memory'>,
  context: ProbeContext,
): Promise<Result> {
  const tried: Tried[] = [];
  let totalBytes = 0;
  let outcome: Outcome | null = null;
  for (const [index, provider] of providers.entries()) {
    // What failed has cost bytes too.
    const maxBytes = options.maxBytes - totalBytes;
    if (context.signal.aborted || maxBytes <= 0) break;
    const done = await measureWith(provider, { ...options, maxBytes }, context);
    totalBytes += done.totalBytes;
    if ('run' in done) return { run: done.run, outcome: null, tried, left: providers.slice(index + 1), totalBytes };
    outcome ??= done.outcome;
    const { reason, values } = done.outcome as Extract<Outcome, { ok: false }>;
    tried.push({ provider: provider.name, reason, message: String(values.message ?? '').slice(0, 200) });
    context.log('provider did not measure', { provider: provider.name, reason, message: values.message });
  }
  return { run: null, outcome: outcome ?? failed('timeout'), tried, left: [], totalBytes };
}

async function measureWith(
  provider: Provider,
  options: Omit<LineOptions, 'signal' | 'memory'>,
  context: ProbeContext,
): Promise<{ run: Run; totalBytes: number } | { outcome: Outcome; totalBytes: number }> {
  const opened = await provider.open(context);
  if ('outcome' in opened) return { outcome: opened.outcome, totalBytes: 0 };
  const { line } = opened;
  try {
    const done = await measureLine(line, { ...options, memory: context.memory, signal: context.signal });
    if ('outcome' in done) return done;
    const { measured } = done;
    return { run: { provider: provider.name, measured, limitMbps: line.limitMbps }, totalBytes: measured.totalBytes };
  } finally {
    await line.close();
  }
}
