import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { decode, encode } from 'dns-packet';
import { canonical, withoutZone } from '../probes/lan-reach/host.ts';
import { askUdp, wordOf } from './ask-udp.ts';

/**
 * Multicast DNS asked by unicast, straight at one device (RFC 6762, 5.5): its name by reverse lookup and the kinds of
 * service that it offers (RFC 6763, 9). Nobody else on the link hears the question.
 */

const PORT = 5353;
const SERVICES = '_services._dns-sd._udp.local';
const MAX_SERVICES = 32;

export interface Mdns {
  name: string | null;
  /** Such as `_ipp._tcp`. */
  services: string[];
}

/** Undefined when the device does not answer. Never rejects. */
export function askMdns(address: string, withinMs: number, signal: AbortSignal): Promise<Mdns | undefined> {
  const id = randomInt(1, 0x1_0000);
  const reverse = reverseOf(address);
  const packet = encode({
    type: 'query',
    id,
    questions: [reverse, SERVICES].map((name) => ({ type: 'PTR' as const, class: 'IN' as const, name })),
  });
  return askUdp({ address, port: PORT, packet, withinMs, maxBytes: 9000, signal }, (answer) =>
    readMdns(answer, id, reverse),
  );
}

/** The name under which a name server keeps an address (RFC 1035, 3.5; RFC 3596, 2.5). */
export function reverseOf(address: string): string {
  if (!isIPv6(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const [head = '', tail] = canonical(withoutZone(address)).split('::');
  const words = (half: string) => half.split(':').filter((word) => word !== '');
  const end = words(tail ?? '');
  const zeros = Array(8 - words(head).length - end.length).fill('0');
  const digits = [...words(head), ...zeros, ...end].map((word) => word.padStart(4, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}

/** What an answer says; undefined when it is none to request `id`. A query from an ordinary port has its id repeated (6.7). */
export function readMdns(answer: Buffer, id: number, reverse: string): Mdns | undefined {
  let packet: ReturnType<typeof decode>;
  try {
    packet = decode(answer);
  } catch {
    return undefined; // Cut short, or pointers in a circle.
  }
  if (packet.type !== 'response' || (packet.id !== id && packet.id !== 0)) return undefined;
  const told = [...(packet.answers ?? []), ...(packet.additionals ?? [])].flatMap((record) =>
    record.type === 'PTR' && typeof record.data === 'string'
      ? [{ asked: record.name.toLowerCase(), data: record.data }]
      : [],
  );
  const name = told.find(({ asked }) => asked === reverse)?.data;
  const services = told
    .filter(({ asked }) => asked === SERVICES)
    .map(({ data }) => /^(_[a-z0-9-]{1,15}\._(?:tcp|udp))\.local\.?$/i.exec(data)?.[1]?.toLowerCase())
    .filter((service) => service !== undefined)
    .slice(0, MAX_SERVICES);
  return name === undefined && services.length === 0 ? undefined : { name: wordOf(name?.replace(/\.$/, '')), services };
}
