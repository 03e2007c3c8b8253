import { isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { listTable, type NeighbourTable, readTable } from './neighbour-table.ts';
import type { Neighbour } from './neighbours.ts';
import { type System, thisSystem } from './system.ts';

/**
 * Asks many addresses of the own link by ARP (RFC 826) without a raw socket: one datagram to each, then the system's whole
 * neighbour table, which costs the same for one address and for a thousand.
 *
 * An old entry proves nothing. RFC 4861, 7.3.2 and 10, which Linux and Windows follow for ARP as well (Microsoft's
 * article 949589): an entry that has rested is asked 5 s after it is used again, three times in 3 s, and is then given up.
 * Linux' table tells the states: it is read until it is sure, by a process each time, at the moments at which it can have
 * changed, since what is confirmed stays so for 15 s at least. Elsewhere it is read once, `confirmMs` after the datagrams,
 * when every entry was confirmed or given up.
 *
 * Processes under Windows: one `arp -a`, which does not list what was given up, and, where `sure`, one PowerShell for the
 * states beside it. The states decide; where they contradict the list, `listMisleads` says so.
 */
export interface Asked {
  /** Addresses that answered, with the MAC address that did. */
  found: Map<string, string>;
  /** Addresses that the system asked by ARP in vain. One that is in neither was not asked so, or nobody can tell. */
  silent: Set<string>;
  /** Every neighbour that surely answers, whether it was asked or not. */
  neighbours: SureNeighbour[];
  /** The list without states held an address that did not answer by the states: on this machine it is no answer. */
  listMisleads: boolean;
}
type SureNeighbour = Pick<Neighbour, 'address'> & { mac: string };

export interface AskOptions {
  /** How long an address that is asked for the first time is waited for, ms; the system asks it once a second. */
  patienceMs: number;
  /** How long an older answer is waited for to be confirmed, ms. */
  confirmMs: number;
  signal: AbortSignal;
  /** false: without the states where they are dear (Windows). */
  sure?: boolean;
  system?: System;
}

/** Linux sends three requests, a second apart, and then gives up. */
export const PATIENCE_MS = 3500;
/** An entry that has rested is asked 5 s after it is used again, and given up 3 s later. */
export const CONFIRM_MS = 8500;

/**
 * When Linux' table is read, ms after the datagrams, besides the end of each wait. Who is asked for the first time answers
 * within milliseconds of a request, and is asked three times, a second apart; with nobody else to wait for, a look ends with
 * the last answer. An older answer is asked for after 5 s, three times as well. 0.3 s more for the datagrams themselves.
 */
const ASKED_AT = [60, 200, 500, 1100, 2100, 3300];
const CONFIRMED_AT = [5300, 6300, 7300, 8300];

/**
 * Addresses of IPv4 or IPv6 on the own link. Undefined where this machine shows no table; what was found until `signal`
 * ended it. Never rejects.
 */
export async function askNeighbours(addresses: readonly string[], options: AskOptions): Promise<Asked | undefined> {
  const { signal, system = thisSystem } = options;
  const asked = new Set(addresses);
  const start = performance.now();
  await system.sendByte([...asked], signal);
  return system.platform === 'linux' ? readUntilSure(asked, start, options) : readOnce(asked, start, options);
}

async function readUntilSure(asked: ReadonlySet<string>, start: number, options: AskOptions) {
  const { patienceMs, confirmMs, signal, system = thisSystem } = options;
  // Kept from look to look: an answer may grow old, and what was given up be forgotten, while others are waited for.
  const found = new Map<string, string>();
  const silent = new Set<string>();
  const others = new Map<string, SureNeighbour>();
  const asking = new Set<string>();
  let table: NeighbourTable | undefined;
  for (let next: number | undefined = ASKED_AT[0]!; next !== undefined; ) {
    await delay(Math.max(0, start + next - performance.now()), undefined, { signal }).catch(() => {});
    const passed = performance.now() - start;
    if (!signal.aborted) table = await readTable(system, signal);
    if (table === undefined) return undefined;
    const awaited = { asking: false, unsure: false };
    const states = new Map(table.neighbours.map((one) => [one.address, one]));
    for (const { address, mac, state } of table.neighbours)
      if (state === 'reachable' && mac !== null) {
        if (asked.has(address)) found.set(address, mac);
        else others.set(address, { address, mac });
      }
    for (const address of asked) {
      const state = states.get(address)?.state;
      if (state === 'asking') asking.add(address);
      // Linux drops an entry that it gave up with the next sweep over its table, but none that it is still asking for.
      const isDropped = state === undefined && asking.has(address);
      if (table.tellsState && (state === 'absent' || isDropped)) silent.add(address);
      if (found.has(address) || silent.has(address)) continue;
      if (state === 'unsure') awaited.unsure = true;
      else if (state !== 'fixed') awaited.asking = true;
    }
    next = signal.aborted ? undefined : nextMoment(passed, awaited, patienceMs, confirmMs);
  }
  if (!table!.tellsState && !signal.aborted) takeListed(table!, asked, found);
  for (const { address, state } of table!.neighbours) if (state !== 'fixed' && asked.has(address)) silent.add(address);
  for (const address of found.keys()) silent.delete(address);
  return { found, silent, neighbours: [...sureOf(found), ...others.values()], listMisleads: false };
}

/**
 * When the table is read next, ms after the datagrams; undefined when nobody is awaited any more. Where an older answer is
 * waited for, whoever is asked for the first time need not be seen at once.
 */
function nextMoment(
  passed: number,
  awaited: { asking: boolean; unsure: boolean },
  patienceMs: number,
  confirmMs: number,
): number | undefined {
  const asking = awaited.asking && passed < patienceMs;
  const unsure = awaited.unsure && passed < confirmMs;
  const moments = [
    ...(asking ? [...(unsure ? ASKED_AT.slice(-1) : ASKED_AT), patienceMs] : []),
    ...(unsure ? [...CONFIRMED_AT, confirmMs] : []),
  ].filter((moment) => moment > passed);
  return moments.length > 0 ? Math.min(...moments) : undefined;
}

async function readOnce(asked: ReadonlySet<string>, start: number, options: AskOptions): Promise<Asked | undefined> {
  const { confirmMs, signal, sure = true, system = thisSystem } = options;
  await delay(Math.max(0, start + confirmMs - performance.now()), undefined, { signal }).catch(() => {});
  if (signal.aborted) return undefined;
  const told = sure && system.platform === 'win32' ? readTable(system, signal) : undefined;
  const [listed, states] = await Promise.all([listTable(system, signal), told]);
  const found = new Map<string, string>();
  if (!states?.tellsState) {
    if (listed === undefined) return undefined;
    takeListed(listed, asked, found);
    // `arp` knows nothing of IPv6.
    const silent = new Set([...asked].filter((address) => !found.has(address) && !isIPv6(address)));
    return { found, silent, neighbours: sureOf(found), listMisleads: false };
  }
  const unsure = new Set<string>();
  const others: SureNeighbour[] = [];
  for (const { address, mac, state } of states.neighbours) {
    if (state === 'unsure' || state === 'fixed') unsure.add(address);
    if (state !== 'reachable' || mac === null) continue;
    if (asked.has(address)) found.set(address, mac);
    else others.push({ address, mac });
  }
  const silent = new Set([...asked].filter((address) => !found.has(address) && !unsure.has(address)));
  const listMisleads = (listed?.neighbours ?? []).some(
    ({ address, mac }) => mac !== null && asked.has(address) && !found.has(address),
  );
  return { found, silent, neighbours: [...sureOf(found), ...others], listMisleads };
}

/** Only of addresses that were asked: any other entry may be a day old. */
function takeListed(table: NeighbourTable, asked: ReadonlySet<string>, found: Map<string, string>): void {
  for (const { address, mac } of table.neighbours) if (mac !== null && asked.has(address)) found.set(address, mac);
}

const sureOf = (found: ReadonlyMap<string, string>): SureNeighbour[] =>
  [...found].map(([address, mac]) => ({ address, mac }));

/** For a single address that ICMP or TCP has used before, so that the system has asked already. */
const ALONE_PATIENCE_MS = 1000;

/** The MAC address that answers for `address` within `confirmMs`, or null. */
export async function askArp(
  address: string,
  confirmMs: number,
  signal: AbortSignal,
  system: System = thisSystem,
): Promise<string | null> {
  const asked = await askNeighbours([address], { patienceMs: ALONE_PATIENCE_MS, confirmMs, signal, system });
  return asked?.found.get(address) ?? null;
}
