import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../in-parallel.ts';
import type { RoundContext, Tell } from '../probe.ts';
import { Names } from '../uplink/resolve.ts';
import { type Asked, type AskOptions, askNeighbours, CONFIRM_MS, PATIENCE_MS } from './ask-neighbours.ts';
import { lookFar, type Seen } from './far.ts';
import { canonical, isLinkLocal } from './host.ts';
import { hasNeighbourEntry, withZone } from './on-link.ts';
import { timeWays } from './quality.ts';
import { addressesIn } from './ranges.ts';
import { NO_ADDRESS, NO_ZONE } from './reach.ts';
import { type Echoes, type Look, summarise } from './summary.ts';
import { type System, thisSystem } from './system.ts';
import type { Config, Target } from './target.ts';

/**
 * Rounds over all devices of a school: presence on the own link by the neighbour table, all at once; across routers by
 * TCP and ICMP, what answered last time first; and the quality of the way (`quality.ts`) once a round, spread over it.
 *
 * Processes that a look starts under Windows, for each 200 devices of the own link: one `arp -a`; in a round's first look
 * one PowerShell as well, for the states (in each look of a round whose first one showed that `arp -a` misleads). One
 * `ping` a round for each device that answers it.
 */

/** Linux keeps 1,024 neighbours by default, Windows 256 for each interface. */
const PART = 512;
const PART_WINDOWS = 200;
const FAR_AT_ONCE = 32;

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
    const timed = due.map((target) => ({ target, resolved: addresses.get(target.id)!, look: seen.get(target.id)! }));
    await timeWays(timed, context, system, (id, times) => echoes.set(id, times));
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
