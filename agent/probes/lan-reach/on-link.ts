import { BlockList, isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Whether `address` lies in a network of one of this machine's own interfaces. */
export function isOnLink(address: string, interfaces = networkInterfaces()): boolean {
  return ownOf(interfaces).some((own) => contains(own, address));
}

/**
 * Whether the neighbour table can tell of `address`: it lies in a network of an interface that has neighbours at all
 * (a tunnel has no hardware address), and is none of this machine's own.
 */
export function hasNeighbourEntry(address: string, interfaces = networkInterfaces()): boolean {
  const own = ownOf(interfaces);
  return !own.some((one) => one.address === address) && own.some((one) => one.mac !== NO_MAC && contains(one, address));
}

const NO_MAC = '00:00:00:00:00:00';

const ownOf = (interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>) =>
  Object.values(interfaces).flatMap((list) => (list ?? []).filter(({ internal }) => !internal));

function contains(own: NetworkInterfaceInfo, address: string): boolean {
  const family = isIP(address);
  if (family === 0 || !own.cidr || (own.family === 'IPv6') !== (family === 6)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const network = new BlockList();
  network.addSubnet(own.address, Number(own.cidr.split('/')[1]), type);
  return network.check(address, type);
}
