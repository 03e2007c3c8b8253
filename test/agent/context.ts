import type { ProbeContext } from '../../agent/probes/probe.ts';

/** What the runner gives to a probe, in memory. */
export function probeContext(signal: AbortSignal, more: Partial<ProbeContext> = {}): ProbeContext {
  const kept = new Map<string, unknown>();
  return {
    signal,
    memory: new Map(),
    kept: {
      get: async (key) => kept.get(key),
      set: async (key, value) => {
        kept.set(key, value);
      },
    },
    collector: null,
    log: () => {},
    ...more,
  };
}
