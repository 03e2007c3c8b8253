/**
 * Runs rounds of lan-reach in this process; for namespaces. Argument: `{ config, everySeconds, rounds, options }`; prints
 * `{ wallMs, cpuMs, told }` of the last round, memory being kept from one to the next.
 */

import { measureRound } from '../../../agent/probes/lan-reach/round.ts';
import type { Outcome } from '../../../agent/probes/probe.ts';
import { probeContext } from '../context.ts';

const { config, everySeconds = null, rounds = 1, options = {} } = JSON.parse(process.argv[2] ?? '{}');
const memories = new Map<string, Map<string, unknown>>();
const memoryOf = (id: string) => {
  const memory = memories.get(id) ?? new Map();
  memories.set(id, memory);
  return memory;
};
let last: unknown;
for (let round = 0; round < rounds; round++) {
  const told: Record<string, Outcome> = {};
  const cpu = process.cpuUsage();
  const start = performance.now();
  const context = { ...probeContext(AbortSignal.timeout(120_000)), memoryOf, everySeconds };
  const tell = (id: string, outcome: Outcome) => {
    told[id] = outcome;
  };
  await measureRound(config.targets, config, context, tell, options);
  const { user, system } = process.cpuUsage(cpu);
  last = { wallMs: performance.now() - start, cpuMs: (user + system) / 1000, told };
}
process.stdout.write(JSON.stringify(last));
