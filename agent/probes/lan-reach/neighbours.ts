import { isIP } from 'node:net';
import { isLinkLocal } from './host.ts';

/**
 * Reads the system's neighbour table (ARP, RFC 826; IPv6 neighbour discovery, RFC 4861) from each program's output.
 * Every parser takes text and never throws; lines that it does not know are left out.
 */
export interface Neighbour {
  /** A link-local one of IPv6 with its interface where the system tells it: `fe80::1%eth0`, under Windows `fe80::1%5`. */
  address: string;
  /** Six octets in lower case with colons; null when the system has none. */
  mac: string | null;
  /**
   * `reachable`: answered within the last half minute (RFC 4861, 7.3.2). `asking`: is being asked for the first time.
   * `absent`: was asked and did not answer. `unsure`: an older answer, or a system that does not tell. `fixed`: written by
   * hand and never asked.
   */
  state: 'reachable' | 'unsure' | 'asking' | 'absent' | 'fixed';
}

const LINUX_STATES: Readonly<Record<string, Neighbour['state']>> = { REACHABLE: 'reachable', PERMANENT: 'fixed' };

/** `ip neigh`: "192.0.2.1 dev eth0 lladdr 02:00:00:00:00:05 STALE". */
export function parseIpNeigh(text: string): Neighbour[] {
  return lines(text).flatMap((line) => {
    const words = line.split(/\s+/);
    const address = words[0] ?? '';
    const at = words.indexOf('lladdr');
    const mac = at > 0 ? macOf(words[at + 1]) : null;
    const nud = words.findLast((word) => /^[A-Z]+$/.test(word)) ?? '';
    if (!isAddress(address) || nud === '') return [];
    const told = mac === null ? undefined : LINUX_STATES[nud];
    const silent = nud === 'INCOMPLETE' ? 'asking' : mac === null || nud === 'FAILED' ? 'absent' : 'unsure';
    const dev = words[words.indexOf('dev') + 1];
    return [{ address: zoned(address, dev), mac, state: told ?? silent } satisfies Neighbour];
  });
}

/** `/proc/net/arp` (proc(5)): flag 0x2 is ATF_COM, a completed entry, whatever its age. */
export function parseProcNetArp(text: string): Neighbour[] {
  return lines(text).flatMap((line) => {
    const [address = '', , flags = '', hardware] = line.split(/\s+/);
    if (!isAddress(address) || !/^0x[0-9a-f]+$/i.test(flags)) return [];
    const complete = (Number.parseInt(flags, 16) & 0x2) !== 0;
    const mac = complete ? macOf(hardware) : null;
    return [{ address, mac, state: mac ? 'unsure' : 'absent' } satisfies Neighbour];
  });
}

/** `arp -a` of Windows in any language ("192.168.1.1  aa-bb-…  dynamic") and of macOS and BSD ("? (192.168.1.1) at a:b:…"). */
export function parseArpA(text: string): Neighbour[] {
  return lines(text).flatMap((line) => {
    const bsd = /^\S+ \(([\d.]+)\) at (\S+)/.exec(line);
    const windows = /^\s*([\d.]+)\s+([0-9a-f]{2}(?:-[0-9a-f]{2}){5})(?![-\w])/i.exec(line);
    const [, address = '', hardware] = bsd ?? windows ?? [];
    if (!isAddress(address)) return [];
    const mac = macOf(hardware);
    return [{ address, mac, state: mac ? 'unsure' : 'absent' } satisfies Neighbour];
  });
}

/** MSFT_NetNeighbor.State: 0 Unreachable, 1 Incomplete, 2 Probe, 3 Delay, 4 Stale, 5 Reachable, 6 Permanent. */
const WINDOWS_STATES: readonly Neighbour['state'][] = [
  'absent',
  'asking',
  'unsure',
  'unsure',
  'unsure',
  'reachable',
  'fixed',
];
const WINDOWS_NAMES = ['unreachable', 'incomplete', 'probe', 'delay', 'stale', 'reachable', 'permanent'];

/** `Get-NetNeighbor | Select InterfaceIndex,IPAddress,LinkLayerAddress,State | ConvertTo-Json`: one object or an array. */
export function parseNetNeighbor(text: string): Neighbour[] {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  return (Array.isArray(data) ? data : [data]).flatMap((one) => {
    if (typeof one !== 'object' || one === null) return [];
    const { InterfaceIndex, IPAddress, LinkLayerAddress, State } = one as Record<string, unknown>;
    if (typeof IPAddress !== 'string' || !isAddress(IPAddress)) return [];
    const number = typeof State === 'string' ? WINDOWS_NAMES.indexOf(State.toLowerCase()) : Number(State);
    const mac = typeof LinkLayerAddress === 'string' ? macOf(LinkLayerAddress) : null;
    return [
      {
        address: zoned(IPAddress.toLowerCase(), InterfaceIndex),
        mac,
        state: mac ? (WINDOWS_STATES[number] ?? 'unsure') : number === 1 ? 'asking' : 'absent',
      } satisfies Neighbour,
    ];
  });
}

const lines = (text: string) => text.split(/\r?\n/).filter((line) => line.trim() !== '');
/** The zone that some systems print with the address themselves is taken once. */
function zoned(address: string, zone: unknown): string {
  const is = isLinkLocal(address) && !address.includes('%') && (typeof zone === 'number' || typeof zone === 'string');
  return is ? `${address}%${zone}` : address;
}
const isAddress = (word: string) => isIP(word) !== 0;

/** Canonical form, of Windows 8 without dashes; null for anything else and for the all-zero address of an entry without an answer. */
function macOf(word: string | undefined): string | null {
  const plain = (word ?? '').toLowerCase();
  const octets = /^[0-9a-f]{12}$/.test(plain) ? plain.match(/../g)! : plain.split(/[:-]/);
  if (octets.length !== 6 || !octets.every((octet) => /^[0-9a-f]{1,2}$/.test(octet))) return null;
  const mac = octets.map((octet) => octet.padStart(2, '0')).join(':');
  return mac === '00:00:00:00:00:00' ? null : mac;
}
