import { askArp } from '../lan-reach/ask-neighbours.ts';
import { isHost, isLinkLocal } from '../lan-reach/host.ts';
import { hasNeighbourEntry } from '../lan-reach/on-link.ts';
import { reach } from '../lan-reach/reach.ts';
import type { ProbeContext } from '../probe.ts';
import { defaultGateway } from './default-gateway.ts';

/** The school's own way out: what the host calls its default gateway, and whether that answers. */
export interface Gateway {
  /** Null: the host has no default route. */
  address: string | null;
  mac: string | null;
  sent: number;
  answered: number;
  rttMs: number | null;
}

/** An entry of the neighbour table that has rested is confirmed 5 s after it is used again. */
const MAC_MS = 8_000;
const REMEMBER_MS = 10 * 60_000;

/** Asks `configured`, or the default gateway, once by every means of `lan-reach`. Never throws. */
export async function askGateway(configured: string | undefined, context: ProbeContext): Promise<Gateway> {
  const address = configured ?? (await defaultGateway(context));
  if (address === null || !isHost(address)) return { address: null, mac: null, sent: 0, answered: 0, rttMs: null };
  // Without its interface it names nobody: not asked is not silent.
  if (isLinkLocal(address)) return { address, mac: null, sent: 0, answered: 0, rttMs: null };
  const [answer, mac] = await Promise.all([reach({ id: 'gateway', address }, context.signal), macOf(address, context)]);
  const rttMs = answer.ok && typeof answer.values.rttMs === 'number' ? answer.values.rttMs : null;
  return { address, mac, sent: 1, answered: answer.ok ? 1 : 0, rttMs };
}

/** Who answers at the gateway's address, asked every ten minutes: another device there may lead to another line. */
async function macOf(address: string, { memory, signal }: ProbeContext): Promise<string | null> {
  const known = memory.get(address) as { mac: string; until: number } | undefined;
  if (known && known.until > performance.now()) return known.mac;
  const mac = hasNeighbourEntry(address) ? await askArp(address, MAC_MS, signal) : null;
  if (mac !== null) memory.set(address, { mac, until: performance.now() + REMEMBER_MS });
  return mac;
}
