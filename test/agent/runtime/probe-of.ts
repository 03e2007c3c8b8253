import Type from 'typebox';
import { type AnyProbe, ok, type Probe } from '../../../agent/probes/probe.ts';

export interface ProbeConfig {
  targets: { id: string; note?: string }[];
}

/** A probe `name` that is in order whatever it looks at; `change` replaces parts of it. */
export function probeOf(name: string, change: Partial<Probe<ProbeConfig, { id: string }>> = {}): AnyProbe {
  const target = Type.Object(
    { id: Type.String(), note: Type.Optional(Type.String()) },
    { additionalProperties: false },
  );
  return {
    name,
    schema: Type.Object({ targets: Type.Array(target) }, { additionalProperties: false }),
    everySeconds: 60,
    deadlineMs: 5000,
    heavy: false,
    concurrency: 2,
    targets: (config: ProbeConfig) => config.targets,
    run: async () => ok({ rttMs: 1 }),
    ...change,
  };
}
