import { isIPv6 } from 'node:net';
import type { FactSample } from '../series.ts';
import { refOf, type SampleRef } from './sample-ref.ts';
import { addWords, type Words, wordsOf } from './tally.ts';

/**
 * By what a line is known from outside and inside, and when that changed: a school that turns to its fallback line, or
 * measures another line than its own, shows here. Each agent is followed by itself.
 */
export interface Identities {
  agents: readonly Followed[];
  /** The newest, oldest first; another line mostly shows in several traits at once. */
  switches: readonly Switch[];
  /** All of them, by trait. */
  counts: Words;
}

export type Trait = 'address' | 'provider' | 'gateway';

export interface Switch {
  /** The first sample that showed the new. */
  sample: SampleRef;
  agentId: string;
  trait: Trait;
  before: string;
  after: string;
}

/** What an agent saw of one trait first and last. */
interface Followed {
  agentId: string;
  trait: Trait;
  first: { sample: SampleRef; text: string };
  last: string;
}

const MOST_SWITCHES = 30;
const MOST_LETTERS = 64;

export function rollIdentities(samples: readonly FactSample[]): Identities {
  const followed = new Map<string, Followed>();
  const switches: Switch[] = [];
  for (const sample of samples)
    for (const [trait, text] of traitsOf(sample)) {
      const { agentId } = sample;
      const key = `${trait} ${agentId}`;
      const before = followed.get(key);
      if (before && before.last !== text)
        switches.push({ sample: refOf(sample), agentId, trait, before: before.last, after: text });
      followed.set(key, {
        agentId,
        trait,
        first: before?.first ?? { sample: refOf(sample), text },
        last: text,
      });
    }
  return bounded({ agents: [...followed.values()], switches, counts: countOf(switches) });
}

export function joinIdentities(a: Identities, b: Identities): Identities {
  const agents = new Map(a.agents.map((own) => [keyOf(own), own]));
  const between: Switch[] = [];
  for (const own of b.agents) {
    const before = agents.get(keyOf(own));
    const { agentId, trait, first } = own;
    if (before && before.last !== first.text)
      between.push({ sample: first.sample, agentId, trait, before: before.last, after: first.text });
    agents.set(keyOf(own), before ? { ...own, first: before.first } : own);
  }
  return bounded({
    agents: [...agents.values()],
    switches: [...a.switches, ...between, ...b.switches],
    counts: addWords(addWords(a.counts, countOf(between)), b.counts),
  });
}

const keyOf = ({ trait, agentId }: Followed) => `${trait} ${agentId}`;

/** In one order whatever they came from; samples of one moment are told apart by who saw what. */
const bounded = ({ agents, switches, counts }: Identities): Identities => ({
  agents: agents.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  switches: switches
    .toSorted((a, b) => a.sample.at - b.sample.at || (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0))
    .slice(-MOST_SWITCHES),
  counts,
});
const countOf = (switches: readonly Switch[]) => wordsOf(switches.map(({ trait }) => trait));
const nameOf = ({ trait, agentId }: Switch) => `${trait} ${agentId}`;

/** What a sample tells; what it leaves out, or could not find out, changes nothing. */
function traitsOf({ values }: FactSample): [Trait, string][] {
  const { publicAddress, provider, gateway } = values;
  const mac = typeof gateway === 'object' && gateway !== null ? (gateway as { mac?: unknown }).mac : null;
  const told: [Trait, string | null][] = [
    ['address', text(publicAddress)],
    ['provider', text(provider)],
    ['gateway', text(mac)?.toLowerCase() ?? null],
  ];
  return told.flatMap(([trait, value]) =>
    value === null ? [] : [[trait, trait === 'address' ? lineOf(value) : value]],
  );
}

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MOST_LETTERS ? value.trim() : null;

/** The half of an IPv6 address that names the line: the other half a host changes daily (RFC 8981). */
function lineOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::') as [string, string?];
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail?.split(':') ?? [])];
  const half = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${half.join(':')}::/64`;
}
