import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../in-parallel.ts';
import type { RoundContext, Tell } from '../probe.ts';
import { Names } from '../uplink/resolve.ts';
import { type Asked, type AskOptions, askNeighbours, CONFIRM_MS, PATIENCE_MS } from './ask-neighbours.ts';
import { canonical, isLinkLocal } from './host.ts';
import { icmpEchoes } from './icmp.ts';
import { hasNeighbourEntry, withZone } from './on-link.ts';
import { addressesIn } from './ranges.ts';
import { NO_ADDRESS, NO_ZONE, PORTS, reach } from './reach.ts';
import { type Echoes, type Look, summarise } from './summary.ts';
import { type System, thisSystem } from './system.ts';
import type { Config, Target } from './target.ts';
import { tcpAny } from './tcp.ts';

/**
 * Rounds over all devices of a school: presence on the own link by the neighbour table, all at once; across routers by
 * TCP and ICMP, what answered last time first; and the quality of the way by a few echoes a round, spread over it.
 *
 * Processes that a look starts under Windows, for each 200 devices of the own link: one `arp -a`; in a round's first look
 * one PowerShell as well, for the states (in each look of a round whose first one showed that `arp -a` misleads). One
 * `ping` a round for each device that answers it.
 */

/** Linux keeps 1,024 neighbours by default, Windows 256 for each interface. */
const PART = 512;
const PART_WINDOWS = 200;
const FAR_AT_ONCE = 32;
const ECHOES = 3;
const ECHO_MS = 1000;
const ECHOING_AT_ONCE = 8;
const ECHOING_AT_ONCE_NOW = 32;
/** A device that dropped every echo is asked again so much later. */
const SILENT_MS = 3600_000;
const TCP_MS = 1500;

export interface RoundOptions {
  /** See `AskOptions`. */
  patienceMs?: number;
  confirmMs?: number;
  /** The machine, and its resolver; this one's where they are left out. */
  system?: System;
  names?: Names;
}

/** One look, or as many as fit between this round and the next; then one sample a device. */
export async function measureRound(
  targets: readonly Target[],
  config: Config,
  context: RoundContext,
  tell: Tell,
  { patienceMs = PATIENCE_MS, confirmMs = CONFIRM_MS, system = thisSystem, names = new Names() }: RoundOptions = {},
): Promise<void> {
  const { signal, everySeconds } = context;
  const lookSeconds = Math.min(config.lookSeconds ?? 60, everySeconds ?? Number.POSITIVE_INFINITY);
  const count = everySeconds === null ? 1 : Math.max(1, Math.floor(everySeconds / lookSeconds));
  const looks = new Map<string, Look[]>(targets.map(({ id }) => [id, []]));
  const echoes = new Map<string, Echoes>();
  const kept = textsOf(await context.kept.get(REPLACED));
  const replaced = new Map([...kept].filter(([id]) => looks.has(id)));
  const start = performance.now();
  let listMisleads = false;
  for (let index = 0; index < count && !signal.aborted; index++) {
    await delay(Math.max(0, start + index * lookSeconds * 1000 - performance.now()), undefined, { signal }).catch(
      () => {},
    );
    if (signal.aborted) break;
    if (performance.now() >= start + (index + 1) * lookSeconds * 1000) {
      // The look before took its time as well: letters are `lookSeconds` apart.
      for (const own of looks.values()) own.push({ at: Date.now(), answered: null, reason: 'skipped', values: {} });
      continue;
    }
    const how = { config, replaced, context, patienceMs, confirmMs, system, names, isFirst: index === 0, listMisleads };
    const { looks: seen, addresses, listMisleads: misled } = await lookAtAll(targets, how);
    listMisleads ||= misled;
    for (const [id, look] of seen) looks.get(id)!.push(look);
    // Every device once a round; each look leaves its part of them to echo until the next.
    const due = targets.filter((target, place) => place % count === index && seen.get(target.id)?.answered);
    await inParallel(due, everySeconds === null ? ECHOING_AT_ONCE_NOW : ECHOING_AT_ONCE, signal, async (target) => {
      const timed = await timeWay(target, addresses.get(target.id)!, seen.get(target.id)!, context, system);
      if (timed) echoes.set(target.id, timed);
    });
  }
  if (JSON.stringify([...replaced]) !== JSON.stringify([...kept]))
    await context.kept.set(REPLACED, Object.fromEntries(replaced));
  for (const { id } of targets) {
    const own = looks.get(id)!;
    if (own.length > 0) tell(id, summarise(own, echoes.get(id) ?? NO_ECHOES, lookSeconds), new Date(own[0]!.at));
  }
}

const REPLACED = 'replaced';
const textsOf = (value: unknown): Map<string, string> =>
  new Map(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

const NO_ECHOES: Echoes = { sent: 0, rttsMs: [] };

interface LookContext {
  config: Config;
  /** MAC addresses of those that answer in a device's place, by its id, until it is seen again: its silence tells nothing. */
  replaced: Map<string, string>;
  context: RoundContext;
  patienceMs: number;
  confirmMs: number;
  system: System;
  names: Names;
  /** A round's first look takes the states of the neighbour table where they are dear, and looks for lost devices. */
  isFirst: boolean;
  /** See `Asked`, from an earlier look of this round. */
  listMisleads: boolean;
}

/** One look at each; a device that the end of the round cut short has none. */
async function lookAtAll(
  targets: readonly Target[],
  how: LookContext,
): Promise<{ looks: Map<string, Look>; addresses: ReadonlyMap<string, string | null>; listMisleads: boolean }> {
  const { context, system, names } = how;
  const { signal } = context;
  const at = Date.now();
  const looks = new Map<string, Look>();
  const addresses = new Map<string, string | null>();
  const interfaces = system.interfaces();
  await inParallel(targets, FAR_AT_ONCE, signal, async ({ id, address }) => {
    const found = isIP(address) ? address : await names.addressOf(address, signal);
    addresses.set(id, found && withZone(canonical(found), interfaces));
  });
  const near: Target[] = [];
  const far: Target[] = [];
  for (const target of targets) {
    const address = addresses.get(target.id);
    if (address === undefined) continue;
    if (address === null)
      looks.set(target.id, {
        at,
        answered: null,
        reason: 'unresolved',
        values: { message: isIP(target.address) ? NO_ZONE : NO_ADDRESS },
      });
    else if (!target.service && hasNeighbourEntry(address, interfaces)) near.push(target);
    else far.push(target);
  }
  const lookFrom = (list: readonly Target[]) =>
    inParallel(list, FAR_AT_ONCE, signal, async (target) => {
      const look = await lookFar(target, addresses.get(target.id)!, context, system);
      if (look) looks.set(target.id, { at, ...look });
    });
  const [{ unseen, listMisleads }] = await Promise.all([
    lookNear(near, addresses, how, (id, look) => looks.set(id, { at, ...look })),
    lookFrom(far),
  ]);
  // A machine that shows no neighbour table, and addresses that are not asked by ARP.
  await lookFrom(unseen);
  return { looks, addresses, listMisleads };
}

type Seen = Omit<Look, 'at'>;

/** Presence on the own link. `unseen` are the targets that could not be looked at so. */
async function lookNear(
  targets: readonly Target[],
  addresses: ReadonlyMap<string, string | null>,
  { config, replaced, context, patienceMs, confirmMs, system, isFirst, listMisleads }: LookContext,
  seen: (id: string, look: Seen) => void,
): Promise<{ unseen: readonly Target[]; listMisleads: boolean }> {
  if (targets.length === 0) return { unseen: [], listMisleads };
  const { signal } = context;
  const addressOf = (target: Target) =>
    (context.memoryOf(target.id).get(MOVED) as string | undefined) ?? addresses.get(target.id)!;
  const sure = isFirst || listMisleads;
  const ask = (list: readonly string[]) => askInParts(list, { patienceMs, confirmMs, signal, sure, system });
  const asked = await ask([...new Set(targets.flatMap((target) => [addresses.get(target.id)!, addressOf(target)]))]);
  if (signal.aborted) return { unseen: [], listMisleads };
  if (asked === undefined) return { unseen: targets, listMisleads };
  // A device has several addresses, a router many: it is told to have moved only where it is not at its own.
  const placeOf = new Map(asked.neighbours.map(({ address, mac }) => [mac, address]));
  for (const { address, mac } of asked.neighbours)
    if (isIP(address) === 4 || (isLinkLocal(placeOf.get(mac)!) && !isLinkLocal(address))) placeOf.set(mac, address);
  const lost = targets.filter(({ mac }) => mac !== undefined && !placeOf.has(mac));
  // A device that DHCP gave another address is looked for where the configuration says that it may be: once a round, since
  // at night every PC is lost.
  const interfaces = system.interfaces();
  const ranges = isFirst
    ? (config.ranges ?? []).flatMap(addressesIn).filter((address) => hasNeighbourEntry(address, interfaces))
    : [];
  if (lost.length > 0 && ranges.length > 0) {
    const elsewhere = await ask(ranges);
    for (const { address, mac } of elsewhere?.neighbours ?? []) if (!placeOf.has(mac)) placeOf.set(mac, address);
  }
  if (signal.aborted) return { unseen: [], listMisleads };
  const unasked: Target[] = [];
  for (const target of targets) {
    const memory = context.memoryOf(target.id);
    const written = addresses.get(target.id)!;
    const base = { method: 'arp', tried: ['arp'] };
    if (target.mac === undefined) {
      const mac = asked.found.get(written);
      if (mac) seen(target.id, { answered: true, reason: null, values: { ...base, mac } });
      else if (asked.silent.has(written)) seen(target.id, SILENT);
      else unasked.push(target);
      continue;
    }
    const place = asked.found.get(written) === target.mac ? written : placeOf.get(target.mac);
    if (place !== undefined) {
      replaced.delete(target.id);
      // By its link-local address it is there, and says nothing of the one that it was given.
      const isElsewhere = place !== written && !isLinkLocal(place);
      if (isElsewhere) memory.set(MOVED, place);
      else memory.delete(MOVED);
      const moved = isElsewhere ? { address: place } : {};
      seen(target.id, { answered: true, reason: null, values: { ...base, mac: target.mac, ...moved } });
      continue;
    }
    const other = asked.found.get(written) ?? replaced.get(target.id);
    if (other) replaced.set(target.id, other);
    if (other) seen(target.id, { answered: null, reason: 'other-device', values: { mac: other, tried: ['arp'] } });
    else if (asked.silent.has(written)) seen(target.id, SILENT);
    else unasked.push(target);
  }
  return { unseen: unasked, listMisleads: listMisleads || asked.listMisleads };
}

const SILENT: Seen = { answered: false, reason: 'timeout', values: { tried: ['arp'] } };

/** Where a device was found last that is not at its written address any more. */
const MOVED = 'moved-to';

async function askInParts(addresses: readonly string[], options: AskOptions & { system: System }) {
  const all: Asked = { found: new Map(), silent: new Set(), neighbours: [], listMisleads: false };
  const size = options.system.platform === 'win32' ? PART_WINDOWS : PART;
  for (let at = 0; at < addresses.length && !options.signal.aborted; at += size) {
    const asked = await askNeighbours(addresses.slice(at, at + size), options);
    if (asked === undefined) return undefined;
    for (const [address, mac] of asked.found) all.found.set(address, mac);
    for (const address of asked.silent) all.silent.add(address);
    all.neighbours.push(...asked.neighbours);
    all.listMisleads ||= asked.listMisleads;
  }
  return all;
}

/** Across a router, or a service: the port that answered last time, else every means of `reach`. */
async function lookFar(
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

const PORT = 'port';

/** Some echoes; where they are dropped, the handshake of a port that answers. Null where neither can be had. */
async function timeWay(
  target: Target,
  resolved: string,
  look: Look,
  context: RoundContext,
  system: System,
): Promise<Echoes | null> {
  const { signal } = context;
  const memory = context.memoryOf(target.id);
  const address = (look.values.address as string | undefined) ?? resolved;
  if (target.service || signal.aborted) return null;
  const now = performance.now();
  if (target.icmp !== false && ((memory.get(SILENT_UNTIL) as number | undefined) ?? 0) <= now) {
    const { sent, rttsMs } = await icmpEchoes(address, ECHOES, ECHO_MS, signal, system);
    if (rttsMs.length > 0) {
      look.values = { ...look.values, echoedBy: 'icmp' };
      return { sent, rttsMs };
    }
    if (sent > 0 && !signal.aborted) memory.set(SILENT_UNTIL, now + SILENT_MS);
  }
  const known = memory.get(PORT) as number | undefined;
  if (known === undefined && ((memory.get(PORTLESS_UNTIL) as number | undefined) ?? 0) > now) return null;
  const { first } = await tcpAny(
    address,
    known === undefined ? (target.ports ?? PORTS) : [known],
    TCP_MS,
    signal,
    ({ answer }) => answer !== 'none',
    system.connect,
  );
  if (first === undefined || first.answer === 'none') {
    memory.delete(PORT);
    if (!signal.aborted) memory.set(PORTLESS_UNTIL, now + SILENT_MS);
    return null;
  }
  memory.set(PORT, first.port);
  look.values = { ...look.values, echoedBy: 'tcp', port: first.port, answer: first.answer };
  return { sent: 1, rttsMs: [first.rttMs] };
}

const SILENT_UNTIL = 'silent-until';
const PORTLESS_UNTIL = 'portless-until';
