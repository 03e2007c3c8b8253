import { joinNamespaces, makeNamespace, type Namespace } from './namespace.ts';

/** A network of 254 addresses of which 200 live, in namespaces of our own. */

export type HostKind = 'ping' | 'ping-and-445' | 'no-icmp' | 'arp-only';
const KINDS: readonly HostKind[] = ['ping', 'ping-and-445', 'no-icmp', 'arp-only'];

export interface Hosts {
  agent: Namespace;
  /** By address; those that are left out do not live. */
  living: ReadonlyMap<string, HostKind>;
  /** Every address that may be asked, the agent's own left out. */
  addresses: readonly string[];
  device: Namespace;
  remove(): void;
}

/**
 * A quarter each: answers ping; ping and TCP 445 (refused, as a closed port of a Windows PC without its firewall); drops
 * ICMP; drops every IP packet. The agent is 10.77.0.1; addresses are of 10.77.0.0/24.
 */
export function makeHosts(count = 200): Hosts {
  const [agent, device] = [makeNamespace(), makeNamespace()];
  joinNamespaces(agent, device);
  const addresses = Array.from({ length: 253 }, (_, index) => `10.77.0.${index + 2}`);
  // Every address that is no multiple of five, until there are enough: the silent ones lie among them.
  const living = new Map<string, HostKind>();
  for (const [index, address] of addresses.entries())
    if (living.size < count && index % 5 !== 4) living.set(address, KINDS[living.size % 4]!);
  const of = (...kinds: HostKind[]) => [...living].filter(([, kind]) => kinds.includes(kind)).map(([one]) => one);
  const lines = [...living.keys()].filter((one) => one !== '10.77.0.2').map((one) => `address add ${one}/24 dev vb`);
  device.exec('bash', '-c', `ip -batch - <<'END'\n${lines.join('\n')}\nEND`);
  const set = (kinds: HostKind[]) => `ip daddr { ${of(...kinds).join(', ')} }`;
  const rules = `table ip school {
  chain in {
    type filter hook input priority 0; policy accept;
    ${set(['arp-only'])} drop
    ${set(['no-icmp'])} icmp type echo-request drop
    ${set(['ping'])} tcp dport 1-65535 drop
  }
}`;
  device.exec('bash', '-c', `nft -f - <<'END'\n${rules}\nEND`);
  return {
    agent,
    device,
    living,
    addresses,
    remove: () => {
      agent.remove();
      device.remove();
    },
  };
}
