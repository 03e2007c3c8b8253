import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { inParallel } from '../in-parallel.ts';
import { askNeighbours, CONFIRM_MS, PATIENCE_MS } from '../probes/lan-reach/ask-neighbours.ts';
import { isLinkLocal } from '../probes/lan-reach/host.ts';
import { readTable } from '../probes/lan-reach/neighbour-table.ts';
import { hasNeighbourEntry } from '../probes/lan-reach/on-link.ts';
import { numberOf } from '../probes/lan-reach/ranges.ts';
import { type System, thisSystem } from '../probes/lan-reach/system.ts';
import { tcpAny } from '../probes/lan-reach/tcp.ts';

/**
 * Which of many addresses are somebody's. On the own link by one datagram to each and the system's neighbour table, read
 * whole and not once for each address (probes/lan-reach/on-link.ts tells why that is an answer); elsewhere by TCP.
 */

export interface Answering {
  address: string;
  /** Null where ARP does not reach. */
  mac: string | null;
}

/** Linux keeps 1,024 neighbours (Windows 256) and throws out the oldest of more: room for what else the host talks to. */
const PART = process.platform === 'win32' ? 200 : 768;
const TCP_AT_ONCE = 48;
const TCP_MS = 1_500;
const TCP_PORTS = [445, 135, 80, 443, 22, 3389, 9100, 554];

/**
 * Those of `addresses` that answer, in the order given. Ends within moments of `signal` with what was found until then;
 * `onProgress` is told how many addresses are settled. Own addresses are left out.
 */
export async function sweep(
  addresses: readonly string[],
  signal: AbortSignal,
  onProgress: (settled: number, found: number) => void,
): Promise<Answering[]> {
  const interfaces = networkInterfaces();
  const own = new Set(Object.values(interfaces).flatMap((list) => (list ?? []).map(({ address }) => address)));
  const others = addresses.filter((address) => !own.has(address));
  const onLink = others.filter((address) => hasNeighbourEntry(address, interfaces));
  const near = new Set(onLink);
  const offLink = others.filter((address) => !near.has(address));
  const found = new Map<string, string | null>();
  let settled = addresses.length - others.length;

  for (let at = 0; at < onLink.length && !signal.aborted; at += PART) {
    const part = onLink.slice(at, at + PART);
    for (const [address, mac] of await askByArp(part, signal)) found.set(address, mac);
    settled += part.length;
    onProgress(settled, found.size);
  }
  await inParallel(offLink, TCP_AT_ONCE, signal, async (address) => {
    const { first } = await tcpAny(address, TCP_PORTS, TCP_MS, signal, ({ answer }) => answer !== 'none');
    if (first) found.set(address, null);
    onProgress(++settled, found.size);
  });
  return others.flatMap((address) => (found.has(address) ? [{ address, mac: found.get(address) ?? null }] : []));
}

/**
 * Addresses that the system's table holds, asked of nobody: those of IPv4 in order, and of a device that has none of them
 * one of IPv6, a link-local one (with its interface) only where it has no other. Undefined where this machine cannot tell.
 */
export async function knownNeighbours(signal: AbortSignal, system: System = thisSystem): Promise<string[] | undefined> {
  const table = await readTable(system, signal);
  const known = table?.neighbours.filter(({ address, mac, state }) => isDevice(address, mac) && state !== 'absent');
  if (known === undefined) return undefined;
  const byIpv4 = known.filter(({ address }) => isIPv4(address));
  const taken = new Set(byIpv4.map(({ mac }) => mac));
  const byIpv6 = new Map<string | null, string>();
  for (const { address, mac } of known)
    if (!taken.has(mac) && (!byIpv6.has(mac) || isLinkLocal(byIpv6.get(mac)!))) byIpv6.set(mac, address);
  const numbers = [...new Set(byIpv4.map(({ address }) => address))].sort((a, b) => numberOf(a)! - numberOf(b)!);
  return [...numbers, ...[...byIpv6.values()].sort()];
}

/** Windows lists broadcast and multicast as neighbours; so is no device. */
const isDevice = (address: string, mac: string | null) =>
  (isIPv6(address) ? !/^ff/i.test(address) : (numberOf(address) ?? 0xffff_ffff) < 0xe000_0000) &&
  mac !== null &&
  (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;

async function askByArp(addresses: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const asked = await askNeighbours(addresses, { patienceMs: PATIENCE_MS, confirmMs: CONFIRM_MS, signal });
  return new Map([...(asked?.found ?? [])].filter(([address, mac]) => isDevice(address, mac)));
}
