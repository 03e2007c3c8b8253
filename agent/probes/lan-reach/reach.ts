import { failed, type Outcome, ok, type Reason } from '../probe.ts';
import { Names } from '../uplink/resolve.ts';
import { askArp } from './ask-neighbours.ts';
import { canonical } from './host.ts';
import { icmpEcho } from './icmp.ts';
import { hasNeighbourEntry, withZone } from './on-link.ts';
import { type System, thisSystem } from './system.ts';
import type { Target } from './target.ts';
import { type TcpAnswer, tcpAny } from './tcp.ts';

/** Windows file sharing and RPC first: what PCs that drop ICMP leave open or refuse; then what devices serve. */
export const PORTS = [445, 135, 139, 22, 80, 443, 3389, 9100];
const ICMP_MS = 2_000;
const TCP_MS = 2_000;
/** From the start; leaves the runner's deadline a second and a half. */
const ARP_UNTIL_MS = 8_500;

/** `values.tried` names the methods asked, in order; `values.method` the one that answered. */
export async function reach(
  target: Target,
  signal: AbortSignal,
  system: System = thisSystem,
  names: Names = new Names(),
): Promise<Outcome> {
  const start = performance.now();
  const tried: string[] = [];
  const resolved = await names.addressOf(target.address, signal);
  if (resolved === null) return failed('unresolved', { tried, message: NO_ADDRESS });
  const address = withZone(canonical(resolved), system.interfaces());
  if (address === null) return failed('unresolved', { tried, message: NO_ZONE });

  if (target.icmp !== false && !target.service) {
    tried.push('icmp');
    const icmp = await icmpEcho(address, ICMP_MS, signal, system);
    if (icmp.answered) return ok({ method: 'icmp', rttMs: icmp.rttMs, tried });
    if (icmp.why === 'tool-missing') tried[0] = 'icmp-missing';
  }

  tried.push('tcp');
  const counts = ({ answer }: TcpAnswer) => answer === 'open' || (answer === 'refused' && !target.service);
  const { first, all } = await tcpAny(address, target.ports ?? PORTS, TCP_MS, signal, counts, system.connect);
  if (first && first.answer !== 'none') {
    return ok({ method: 'tcp', rttMs: first.rttMs, port: first.port, answer: first.answer, tried });
  }

  if (!target.service && hasNeighbourEntry(address, system.interfaces())) {
    tried.push('arp');
    const mac = await askArp(address, start + ARP_UNTIL_MS - performance.now(), signal, system);
    if (mac) return ok({ method: 'arp', rttMs: null, mac, tried });
    // EHOSTUNREACH on the own link is this host's own word for "nobody answered ARP".
    if (!signal.aborted && whyNot(all) === 'unreachable') return failed('timeout', { tried });
  }
  return failed(whyNot(all), { tried });
}

export const NO_ADDRESS = 'the name has no address';
/** Why a link-local address cannot be asked. */
export const NO_ZONE = 'a link-local address names nobody without its interface: fe80::1%eth0';

/** Silence from one port may be a filter; only what all ports agree on is said of the host. */
function whyNot(answers: readonly TcpAnswer[]): Reason {
  if (answers.some(({ answer }) => answer === 'refused')) return 'refused';
  const reasons = new Set(answers.map((answer) => (answer.answer === 'none' ? answer.reason : 'refused')));
  return reasons.size === 1 ? [...reasons][0]! : 'timeout';
}
