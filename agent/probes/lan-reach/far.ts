import type { RoundContext } from '../probe.ts';
import { reach } from './reach.ts';
import type { Look } from './summary.ts';
import type { System } from './system.ts';
import type { Target } from './target.ts';

export type Seen = Omit<Look, 'at'>;

/** In a target's memory: the port that answered last. */
export const PORT = 'port';
export const TCP_MS = 1500;

/** Across a router, or a service: the port that answered last time, else every means of `reach`. */
export async function lookFar(
  target: Target,
  address: string,
  context: RoundContext,
  system: System,
): Promise<Seen | undefined> {
  const { signal } = context;
  const memory = context.memoryOf(target.id);
  const port = memory.get(PORT) as number | undefined;
  if (port !== undefined) {
    const again = await system.connect(address, port, TCP_MS, signal);
    if (again.answer === 'open' || (again.answer === 'refused' && !target.service))
      return {
        answered: true,
        reason: null,
        values: { method: 'tcp', port, answer: again.answer, rttMs: again.rttMs, tried: ['tcp'] },
      };
    if (signal.aborted) return undefined;
  }
  const outcome = await reach({ ...target, address }, signal, system);
  if (signal.aborted && !outcome.ok) return undefined;
  if (outcome.ok && outcome.values.method === 'tcp') memory.set(PORT, outcome.values.port);
  else memory.delete(PORT);
  return outcome.ok
    ? { answered: true, reason: null, values: outcome.values }
    : { answered: outcome.reason === 'unresolved' ? null : false, reason: outcome.reason, values: outcome.values };
}
