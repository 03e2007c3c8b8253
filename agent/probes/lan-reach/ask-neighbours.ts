import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DISCARD_PORT, POLL_MS, readTable } from './arp.ts';
import type { Neighbour } from './neighbours.ts';

/**
 * Asks many addresses of the own link by ARP (RFC 826) at once: one datagram to each, then the whole neighbour table with
 * each look into it, which costs the same for one address and for a thousand. See `askArp` for why a table has to be
 * read until it is sure.
 */
export interface Asked {
  /** Addresses that answered, with the MAC address that did. */
  found: Map<string, string>;
  /** Addresses that the system asked by ARP in vain. One that is in neither was not asked so: the host's own, a tunnel's. */
  silent: Set<string>;
  /** Every neighbour that surely answers, whether it was asked or not. */
  neighbours: Neighbour[];
}

export interface AskOptions {
  /** How long an address that is asked for the first time is waited for, ms; the system asks it once a second. */
  patienceMs: number;
  /** How long an older answer is waited for to be confirmed, ms. */
  confirmMs: number;
  signal: AbortSignal;
}

/** Linux sends three requests, a second apart, and then gives up. */
export const PATIENCE_MS = 3500;
/** An entry that has rested is asked 5 s after it is used again, and given up 3 s later. */
export const CONFIRM_MS = 8500;

/** First looks into the table, ms after each other; POLL_MS from then on. */
const FIRST_LOOKS = [60, 120, 200, 300];
/** Datagrams that wait for ARP fill a socket's send buffer, and the next would wait for them: so many a socket. */
const BURST = 64;
/** So that a school's switches see no burst. */
const BURST_MS = 20;

/** Addresses of IPv4 or IPv6 on the own link. Undefined where this machine shows no table. Never rejects. */
export async function askNeighbours(
  addresses: readonly string[],
  { patienceMs, confirmMs, signal }: AskOptions,
): Promise<Asked | undefined> {
  const asked = new Set(addresses);
  const start = performance.now();
  await sendAll([...asked], signal);
  for (let look = 0; ; look++) {
    const pause = process.platform === 'win32' ? POLL_MS : (FIRST_LOOKS[look] ?? POLL_MS);
    await delay(pause, undefined, { signal }).catch(() => {});
    const table = await readTable(null, signal);
    if (table === undefined) return undefined;
    const { neighbours, tellsState } = table;
    const passed = performance.now() - start;
    const known = new Map(neighbours.filter(({ address }) => asked.has(address)).map((one) => [one.address, one]));
    const waits = [...asked].some((address) => {
      const state = known.get(address)?.state ?? 'asking';
      return (state === 'asking' && passed < patienceMs) || (state === 'unsure' && tellsState && passed < confirmMs);
    });
    if (waits && !signal.aborted) continue;
    const sure = neighbours.filter(
      (one): one is Neighbour & { mac: string } =>
        one.mac !== null && (one.state === 'reachable' || (one.state === 'unsure' && !tellsState)),
    );
    const found = new Map(sure.filter(({ address }) => asked.has(address)).map(({ address, mac }) => [address, mac]));
    return { found, silent: new Set([...known.keys()].filter((address) => !found.has(address))), neighbours: sure };
  }
}

async function sendAll(addresses: readonly string[], signal: AbortSignal): Promise<void> {
  const byte = Buffer.from([0]);
  const families = Map.groupBy(addresses, (address) => (isIPv6(address) ? 'udp6' : 'udp4'));
  for (const [family, list] of families)
    for (let at = 0; at < list.length && !signal.aborted; at += BURST) {
      const socket = createSocket(family).on('error', () => {});
      const sent = list
        .slice(at, at + BURST)
        .map((address) => new Promise<void>((resolve) => socket.send(byte, DISCARD_PORT, address, () => resolve())));
      await Promise.all(sent);
      socket.close();
      if (at + BURST < list.length) await delay(BURST_MS);
    }
}
