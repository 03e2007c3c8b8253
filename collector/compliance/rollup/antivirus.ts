import type { FactSample } from '../series.ts';
import { refOf, type SampleRef } from './sample-ref.ts';

/** What one PC told of its antivirus. */
export interface Antivirus {
  /** The newest status that could be read. */
  read: { sample: SampleRef; products: readonly Product[] } | null;
  /** Who spoke for the PC in turns, oldest first: as many of the newest turns as show that two agents dispute it, or all. */
  turns: readonly Turn[];
}
export interface Turn {
  agentId: string;
  /** Its last sample before another agent's. */
  lastAt: number;
}
export interface Product {
  name: string;
  on: boolean | null;
  upToDate: boolean | null;
  definitionsAt: number | null;
  /** What it says beyond on or off; null: no more than that. */
  state: ProductState | null;
}
const STATES = ['on', 'off', 'snoozed', 'expired', 'passive'] as const;
export type ProductState = (typeof STATES)[number];

/** Longest product name that is shown. */
const MAX_NAME = 128;

export function rollAntivirus(samples: readonly FactSample[]): Antivirus {
  const last = samples.findLast((sample) => sample.ok && readProducts(sample) !== undefined);
  return {
    read: last ? { sample: refOf(last), products: readProducts(last)! } : null,
    turns: joinTurns(samples.map(({ agentId, at }) => ({ agentId, lastAt: at }))),
  };
}

export const mergeAntivirus = (a: Antivirus, b: Antivirus): Antivirus => ({
  read: b.read ?? a.read,
  turns: joinTurns([...a.turns, ...b.turns]),
});

/** Neighbouring turns of one agent are one; what lies before the newest dispute decides nothing. */
function joinTurns(turns: readonly Turn[]): readonly Turn[] {
  if (turns.every(({ agentId }) => agentId === turns[0]!.agentId)) return turns.slice(-1);
  const joined = turns.filter(({ agentId }, index) => agentId !== turns[index + 1]?.agentId);
  const heard = new Set<string>();
  for (let index = joined.length - 1; index >= 0; index--) {
    const { agentId } = joined[index]!;
    if (heard.has(agentId)) return joined.slice(index);
    heard.add(agentId);
  }
  return joined;
}

/**
 * Whether two agents speak for one PC in turns from `from` on. Any agent of a school may sign for any target, so one PC
 * could vouch for another; an agent that another took over from and that says no more was reinstalled.
 */
export function isDisputed({ turns }: Antivirus, from: number): boolean {
  const recent = turns.filter(({ lastAt }) => lastAt >= from);
  return new Set(recent.map(({ agentId }) => agentId)).size < recent.length;
}

/** The products of a status, or undefined where the sample does not hold a list of them. */
export function readProducts(sample: FactSample): Product[] | undefined {
  const { products } = sample.values;
  if (!Array.isArray(products)) return undefined;
  const read = products.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || typeof (entry as Product).name !== 'string') return [];
    const { name, on, upToDate, definitionsAt, state } = entry as Record<string, unknown>;
    const at = typeof definitionsAt === 'string' ? Date.parse(definitionsAt) : Number.NaN;
    return [
      {
        name: (name as string).slice(0, MAX_NAME),
        on: typeof on === 'boolean' ? on : null,
        upToDate: typeof upToDate === 'boolean' ? upToDate : null,
        definitionsAt: Number.isNaN(at) ? null : at,
        state: STATES.find((known) => known === state) ?? null,
      },
    ];
  });
  // Entries that nobody can read are not the same as no product at all.
  return read.length === 0 && products.length > 0 ? undefined : read;
}
