import { plain } from '../../shared/vietnamese.ts';
import { type Found, foundKey } from '../../shared/wire/discovery.ts';
import type { Config } from '../config.ts';
import { inParallel } from '../in-parallel.ts';
import { canonical } from '../probes/lan-reach/host.ts';
import type { Names } from '../probes/uplink/resolve.ts';
import type { Device } from './who.ts';

/** A device that the configuration measures already. */
export interface Known {
  id: string;
  /** As it is configured, maybe a name; empty where there is none. */
  address: string;
  mac: string | null;
}

export interface Proposal {
  found: Found;
  /** Measured already, under `found.proposedId`. */
  known: boolean;
}

const MAX_ID = 64;

/** All targets of the configuration that have an address. */
export function knownIn(config: Pick<Config, 'probes'>): Known[] {
  return config.probes.flatMap(({ probe, config: own }) =>
    (probe.targets(own) as { id: string; address?: unknown; mac?: unknown }[]).map(({ id, address, mac }) => ({
      id,
      address: typeof address === 'string' ? address : '',
      mac: typeof mac === 'string' ? mac : null,
    })),
  );
}

const RESOLVE_MS = 5_000;
const RESOLVING_AT_ONCE = 16;

/** With the addresses of those that are configured by name, as far as they are told in RESOLVE_MS; spelt as the system does. */
export async function withAddresses(known: readonly Known[], names: Names, signal: AbortSignal): Promise<Known[]> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(RESOLVE_MS)]);
  const addresses = new Map<Known, string>();
  await inParallel(known, RESOLVING_AT_ONCE, late, async (one) => {
    addresses.set(one, canonical((await names.addressOf(one.address, late)) ?? ''));
  });
  return known.map((one) => ({ ...one, address: addresses.get(one) ?? canonical(one.address) }));
}

/**
 * Each device once (a router that answers for many addresses is one device), with the id under which it is measured or
 * could be: by the name that it goes by, else its kind and the end of its Ethernet address; never one that is taken.
 */
export function propose(devices: readonly Device[], known: readonly Known[]): Proposal[] {
  const taken = new Set(known.map(({ id }) => id));
  const seen = new Set<string>();
  return devices.flatMap((device) => {
    const key = foundKey(device);
    if (seen.has(key)) return [];
    seen.add(key);
    const own =
      known.find(({ mac }) => mac !== null && mac === device.mac) ??
      // Whoever has the address of a device whose Ethernet address is known to be another is somebody else.
      known.find(({ address, mac }) => address === device.address && (mac === null || device.mac === null));
    const proposedId = own?.id ?? freeId(device, taken);
    taken.add(proposedId);
    return [{ found: { ...device, proposedId }, known: own !== undefined }];
  });
}

function freeId(device: Device, taken: ReadonlySet<string>): string {
  const { names, mac, address, kind } = device;
  const end = mac === null ? address.replaceAll(/[^0-9a-f]+/g, '-') : mac.replaceAll(':', '').slice(-6);
  const named = [names.netbios, names.mdns, names.dns].map(slug).find((name) => name !== '');
  const base = named ?? `${kind ?? 'other'}-${end}`;
  if (!taken.has(base)) return base;
  const longer = `${base.slice(0, MAX_ID - end.length - 1)}-${end}`;
  for (let count = 1; ; count++) {
    const id = count === 1 ? longer : `${longer.slice(0, MAX_ID - 6)}-${count}`;
    if (!taken.has(id)) return id;
  }
}

/** The first label of a name in letters, digits and dashes; empty when nothing is left. */
function slug(name: string | undefined): string {
  return plain(name?.split('.')[0] ?? '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_ID)
    .replaceAll(/^-+|-+$/g, '');
}
