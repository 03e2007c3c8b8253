/**
 * Our look or our whole round, for the benchmark, inside a namespace. Argument: `{ addresses, patienceMs, round }`; prints
 * Found. A look tells presence; a round asks in addition each device for its time.
 */

import { askNeighbours, CONFIRM_MS } from '../../../agent/probes/lan-reach/ask-neighbours.ts';
import { measureRound } from '../../../agent/probes/lan-reach/round.ts';
import { probeContext } from '../../agent/context.ts';
import type { Found } from './tools.ts';
import { secondsOf, usageOf } from './usage.ts';

const { addresses, patienceMs, round } = JSON.parse(process.argv[2] ?? '{}') as {
  addresses: string[];
  patienceMs: number;
  round: boolean;
};
const signal = AbortSignal.timeout(120_000);
const before = secondsOf(usageOf('self'));
const start = performance.now();
const found: string[] = [];
if (round) {
  const memories = new Map<string, Map<string, unknown>>();
  const memoryOf = (id: string) => {
    const memory = memories.get(id) ?? new Map();
    memories.set(id, memory);
    return memory;
  };
  const targets = addresses.map((address) => ({ id: address, address }));
  const context = { ...probeContext(signal), memoryOf, everySeconds: null };
  await measureRound(targets, { targets }, context, (id, { ok }) => void (ok && found.push(id)), { patienceMs });
} else {
  const asked = await askNeighbours(addresses, { patienceMs, confirmMs: CONFIRM_MS, signal });
  found.push(...(asked?.found.keys() ?? []));
}
const measured: Found = {
  found,
  wallMs: performance.now() - start,
  cpuSeconds: secondsOf(usageOf('self')) - before,
};
process.stdout.write(JSON.stringify(measured));
