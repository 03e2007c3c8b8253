import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { boundedChild } from './bounded-child.ts';

/** What the test runs over, as far as the system tells; null where it does not. */
export interface OutgoingInterface {
  name: string | null;
  medium: 'ethernet' | 'wifi' | 'loopback' | 'virtual' | null;
  /** Nominal speed of the port or the radio link, Mbps (10^6 bits a second). */
  linkMbps: number | null;
  /** What this host itself received just before the test, Mbps: the test measures what is left beside it. */
  busyMbps: number | null;
  mtu: number | null;
  /** A tunnel: what is measured is the way to its other end. */
  vpn: boolean | null;
  /** Paid by the byte, as the system was told. */
  metered: boolean | null;
}

/** Bytes that an interface has carried, and when they were read, ms. */
export interface Counter {
  rxBytes: number;
  txBytes: number;
  at: number;
}

export const UNKNOWN: OutgoingInterface = {
  name: null,
  medium: null,
  linkMbps: null,
  busyMbps: null,
  mtu: null,
  vpn: null,
  metered: null,
};
/** PowerShell takes seconds to begin, on an old PC each time. */
const DEADLINE_MS = process.platform === 'win32' ? 20_000 : 8_000;
const CONNECT_MS = 5_000;

/** Name of the interface that leads to a server: that of the address which a connection to it has here. */
export async function interfaceTo(
  { host, port }: { host: string; port: number },
  signal: AbortSignal,
): Promise<string | null> {
  const local = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host, port });
    const finish = (address?: string) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(address);
    };
    const onAbort = () => finish();
    const timer = setTimeout(finish, CONNECT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => finish(socket.localAddress));
    socket.on('error', () => finish());
  });
  return local === undefined ? null : interfaceOf(local);
}

/** Which interface has an address; an IPv4 address may come mapped into IPv6. */
export function interfaceOf(address: string, interfaces = networkInterfaces()): string | null {
  const bare = address.replace(/^::ffff:/, '').replace(/%.*$/, '');
  const found = Object.entries(interfaces).find(([, own]) => own?.some((one) => one.address === bare));
  return found?.[0] ?? null;
}

/** Never throws, ends within DEADLINE_MS. What is not told in time is what was told last (`memory`), traffic aside. */
export async function outgoingInterface(
  name: string | null,
  signal: AbortSignal,
  memory = new Map<string, unknown>(),
): Promise<OutgoingInterface> {
  if (name === null) return UNKNOWN;
  if (networkInterfaces()[name]?.some(({ internal }) => internal)) return { ...UNKNOWN, name, medium: 'loopback' };
  try {
    const found = readInterface(name, await child({ name }, signal));
    memory.set(`interface ${name}`, { ...found, busyMbps: null });
    return found;
  } catch {
    return (memory.get(`interface ${name}`) as OutgoingInterface | undefined) ?? { ...UNKNOWN, name };
  }
}

/** What an interface receives from now on, as a curve. */
export interface Counting {
  /** Ends it: readings in order of time, `at` in ms of `performance.now()`; fewer than two where nothing is told. */
  end(): Promise<Counter[]>;
}

const COUNT_EVERY_MS = 100;

/** Linux tells in sysfs (sysfs-class-net), read ten times a second; others through systeminformation, before and after. */
export async function countInterface(name: string | null, signal: AbortSignal): Promise<Counting> {
  const readings: Counter[] = [];
  const take = (reading: Counter | null) => {
    if (reading) readings.push(reading);
  };
  if (name === null || /[/\\]|^\.\.?$/.test(name)) return { end: async () => readings };
  if (process.platform !== 'linux') {
    const read = () => readOnce(name, signal).then(take, () => {});
    await read();
    return { end: () => read().then(() => readings) };
  }
  take(fromSysfs(name));
  const timer = setInterval(() => take(fromSysfs(name)), COUNT_EVERY_MS);
  return {
    end: async () => {
      clearInterval(timer);
      take(fromSysfs(name));
      return readings;
    },
  };
}

/** A file of the kernel's memory: reading it waits for nothing. */
function fromSysfs(name: string): Counter | null {
  try {
    const read = (what: string) => Number(readFileSync(`/sys/class/net/${name}/statistics/${what}`, 'utf8'));
    return { rxBytes: read('rx_bytes'), txBytes: read('tx_bytes'), at: performance.now() };
  } catch {
    return null;
  }
}

/** The child's clock is the wall's. */
async function readOnce(name: string, signal: AbortSignal): Promise<Counter | null> {
  const found = readCounter(await child({ name, countOnly: true }, signal));
  return found && { ...found, at: found.at - Date.now() + performance.now() };
}

/** Bytes received between two moments, by the readings around them; null where they do not reach that far. */
export function receivedBetween(readings: readonly Counter[], from: number, to: number): number | null {
  const [a, b] = [receivedAt(readings, from), receivedAt(readings, to)];
  return a === null || b === null || b < a ? null : b - a;
}

function receivedAt(readings: readonly Counter[], at: number): number | null {
  const after = readings.findIndex((reading) => reading.at >= at);
  if (after < 1) return null;
  const [before, next] = [readings[after - 1]!, readings[after]!];
  const share = (at - before.at) / Math.max(1e-9, next.at - before.at);
  return before.rxBytes + share * (next.rxBytes - before.rxBytes);
}

const child = (input: unknown, signal: AbortSignal): Promise<unknown> =>
  boundedChild(new URL('./interface-child.ts', import.meta.url), input, {
    deadlineMs: DEADLINE_MS,
    maxHeapMb: 128,
    signal,
  });

/** Names that tunnels give to their interfaces, or their makers to the adapter. */
const TUNNEL =
  /^(tun|tap|wg|utun|ipsec)\d*$|^zt\w{8,}$|wireguard|openvpn|tap-windows|wintun|anyconnect|globalprotect|fortinet|forticlient|zerotier|tailscale|cloudflare warp|nordlynx|proton|vpn/i;
const METERED_WORDS = /^(yes|fixed|variable)\b/i;
const UNMETERED_WORDS = /^(no|unrestricted)\b/i;

/** The child's answer in our words; systeminformation's `type` is wired or wireless, its `speed` -1 or null when unknown. */
export function readInterface(name: string, answer: unknown): OutgoingInterface {
  if (typeof answer !== 'object' || answer === null) return { ...UNKNOWN, name };
  const { facts, before, after, cost, mtus } = answer as Record<string, unknown>;
  const { type, speed, virtual, ifaceName, mtu } = (facts ?? {}) as Record<string, unknown>;
  const words = typeof cost === 'string' ? cost.trim() : '';
  const vpn = [name, ifaceName].some((word) => typeof word === 'string' && TUNNEL.test(word));
  return {
    name: name.slice(0, 64),
    medium: type === 'wireless' ? 'wifi' : virtual === true ? 'virtual' : type === 'wired' ? 'ethernet' : null,
    linkMbps: positive(speed) || null,
    busyMbps: rateBetween(readCounter(before), readCounter(after)),
    mtu: positive(mtu) || mtuIn(typeof mtus === 'string' ? mtus : '', name),
    vpn: facts === undefined && !vpn ? null : vpn,
    metered: METERED_WORDS.test(words) ? true : UNMETERED_WORDS.test(words) ? false : null,
  };
}

const positive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

function readCounter(value: unknown): Counter | null {
  const { rxBytes, txBytes, at } = (value ?? {}) as Record<string, unknown>;
  const [rx, tx, when] = [positive(rxBytes), positive(txBytes), positive(at)];
  return rx === null || tx === null || when === null ? null : { rxBytes: rx, txBytes: tx, at: when };
}

/** Mbps received between two readings; null when they do not follow each other. */
export function rateBetween(before: Counter | null, after: Counter | null): number | null {
  if (!before || !after || after.at <= before.at || after.rxBytes < before.rxBytes) return null;
  return ((after.rxBytes - before.rxBytes) * 8) / (after.at - before.at) / 1000;
}

/** `netsh interface ipv4 show subinterfaces`: MTU, state, bytes in, bytes out, name; the words above differ by language. */
export function mtuIn(text: string, name: string): number | null {
  for (const line of text.split(/\r?\n/)) {
    const found = /^\s*(\d+)\s+\d+\s+\d+\s+\d+\s+(.+?)\s*$/.exec(line);
    // Loopback's is 2^32 - 1.
    if (found?.[2] === name && Number(found[1]) <= 65_535) return Number(found[1]);
  }
  return null;
}
