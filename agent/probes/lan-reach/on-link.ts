import { BlockList, isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isLinkLocal, withoutZone } from './host.ts';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;
type Own = NetworkInterfaceInfo & { name: string };

/** Whether `address` lies in a network of one of this machine's own interfaces. */
export function isOnLink(address: string, interfaces: Interfaces = networkInterfaces()): boolean {
  return ownOf(interfaces).some((own) => contains(own, address));
}

/**
 * Whether the neighbour table can tell of `address`: it lies in a network of an interface that has neighbours at all
 * (a tunnel has no hardware address), and is none of this machine's own.
 */
export function hasNeighbourEntry(address: string, interfaces: Interfaces = networkInterfaces()): boolean {
  const own = ownOf(interfaces);
  return (
    !own.some((one) => one.address === withoutZone(address) && isInZone(one, address)) &&
    own.some((one) => one.mac !== NO_MAC && contains(one, address))
  );
}

/**
 * A link-local address with the zone that it needs: the only interface that has such addresses; null where there are
 * several, so that it names nobody. Any other address as it is.
 */
export function withZone(address: string, interfaces: Interfaces = networkInterfaces()): string | null {
  if (!isLinkLocal(address) || address.includes('%')) return address;
  const zones = new Set(ownOf(interfaces).flatMap((own) => (isLinkLocal(own.address) ? [zoneOf(own)] : [])));
  const [zone] = zones;
  return zone === undefined || zones.size > 1 ? null : `${address}%${zone}`;
}

const NO_MAC = '00:00:00:00:00:00';

const ownOf = (interfaces: Interfaces): Own[] =>
  Object.entries(interfaces).flatMap(([name, list]) =>
    (list ?? []).filter(({ internal }) => !internal).map((own) => ({ ...own, name })),
  );

const zoneOf = (own: Own): string => (process.platform === 'win32' && own.scopeid ? String(own.scopeid) : own.name);

function isInZone(own: Own, address: string): boolean {
  const [, zone] = address.split('%');
  return zone === undefined || zone === own.name || zone === String(own.scopeid);
}

function contains(own: Own, address: string): boolean {
  const family = isIP(address);
  if (family === 0 || !own.cidr || (own.family === 'IPv6') !== (family === 6) || !isInZone(own, address)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const network = new BlockList();
  network.addSubnet(own.address, Number(own.cidr.split('/')[1]), type);
  return network.check(withoutZone(address), type);
}
