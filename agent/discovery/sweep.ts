import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isOnLink } from '../probes/lan-reach/arp.ts';
import {
  type Neighbour,
  parseArpA,
  parseIpNeigh,
  parseNetNeighbor,
  parseProcNetArp,
} from '../probes/lan-reach/neighbours.ts';
import { tcpAny } from '../probes/lan-reach/tcp.ts';
import { inParallel } from './in-parallel.ts';
import { numberOf } from './ranges.ts';

/**
 * Which of many addresses are somebody's. On the own link by one datagram to each and the system's neighbour table, read
 * whole and not once for each address (probes/lan-reach/arp.ts tells why that is an answer); elsewhere by TCP.
 */

export interface Answering {
  address: string;
  /** Null where ARP does not reach. */
  mac: string | null;
}

/** Linux keeps 1,024 neighbours and throws out the oldest of more: room for what else the host talks to. */
const PART = 768;
/** Datagrams that wait for ARP fill a socket's send buffer, and the next would wait for them. */
const PER_SOCKET = 64;
const DISCARD_PORT = 9; // RFC 863
const POLL_MS = process.platform === 'win32' ? 1500 : 200; // PowerShell takes a second to start
/** Linux asks three times, a second apart (RFC 4861, 10). */
const SILENT_MS = 3_500;
/** An old entry is confirmed 5 s after it is used, and given up 3 s later (RFC 4861, 7.3.3). */
const UNSURE_MS = 8_500;
const TCP_AT_ONCE = 48;
const TCP_MS = 1_500;
const TCP_PORTS = [445, 135, 80, 443, 22, 3389, 9100, 554];

/**
 * Those of `addresses` that answer, in the order given. Ends within moments of `signal` with what was found until then;
 * `onProgress` is told how many addresses are settled. Own addresses are left out.
 */
export async function sweep(
  addresses: readonly string[],
  signal: AbortSignal,
  onProgress: (settled: number, found: number) => void,
): Promise<Answering[]> {
  const interfaces = networkInterfaces();
  const own = new Set(Object.values(interfaces).flatMap((list) => (list ?? []).map(({ address }) => address)));
  const others = addresses.filter((address) => !own.has(address));
  const onLink = others.filter((address) => isOnLink(address, interfaces));
  const near = new Set(onLink);
  const offLink = others.filter((address) => !near.has(address));
  const found = new Map<string, string | null>();
  let settled = addresses.length - others.length;

  for (let at = 0; at < onLink.length && !signal.aborted; at += PART) {
    const part = onLink.slice(at, at + PART);
    for (const [address, mac] of await askByArp(part, signal)) found.set(address, mac);
    settled += part.length;
    onProgress(settled, found.size);
  }
  await inParallel(offLink, TCP_AT_ONCE, signal, async (address) => {
    const { first } = await tcpAny(address, TCP_PORTS, TCP_MS, signal, ({ answer }) => answer !== 'none');
    if (first) found.set(address, null);
    onProgress(++settled, found.size);
  });
  return others.flatMap((address) => (found.has(address) ? [{ address, mac: found.get(address) ?? null }] : []));
}

/** IPv4 addresses that the system's table holds, in order, asked of nobody; undefined where this machine cannot tell. */
export async function knownNeighbours(signal: AbortSignal): Promise<string[] | undefined> {
  const table = await readTable(signal);
  // Windows lists broadcast and multicast as neighbours; so is no device.
  const devices = table?.neighbours.filter(({ address, mac, state }) => isDevice(address, mac) && state !== 'absent');
  return (
    devices &&
    [...new Set(devices.map(({ address }) => address))].sort((one, other) => numberOf(one)! - numberOf(other)!)
  );
}

const isDevice = (address: string, mac: string | null) =>
  (numberOf(address) ?? 0xffff_ffff) < 0xe000_0000 && mac !== null && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;

async function askByArp(addresses: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const start = performance.now();
  await sendToAll(addresses, signal);
  const wanted = new Set(addresses);
  const found = new Map<string, string>();
  while (!signal.aborted) {
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
    const table = await readTable(signal);
    if (table === undefined) break;
    const late = performance.now() - start;
    let unsure = false;
    const asked = new Set<string>();
    for (const { address, mac, state } of table.neighbours) {
      if (!wanted.has(address)) continue;
      asked.add(address);
      if (mac === null || !isDevice(address, mac)) continue;
      // A table without states keeps a completed entry only while the device answers, give or take a minute.
      if (state === 'reachable' || (!table.tellsState && late > SILENT_MS)) found.set(address, mac);
      else if (state === 'unsure' && table.tellsState && !found.has(address)) unsure = true;
    }
    if (found.size === wanted.size || late > UNSURE_MS || (late > SILENT_MS && !unsure)) break;
  }
  return found;
}

/** One byte to each, a few hundred a second at most, so that a school's switches do not see a burst. */
async function sendToAll(addresses: readonly string[], signal: AbortSignal): Promise<void> {
  for (let at = 0; at < addresses.length && !signal.aborted; at += PER_SOCKET) {
    const socket = createSocket('udp4');
    socket.on('error', () => {});
    await Promise.all(
      addresses
        .slice(at, at + PER_SOCKET)
        .map((address) => new Promise<void>((resolve) => socket.send('\0', DISCARD_PORT, address, () => resolve()))),
    );
    socket.close();
    await delay(40, undefined, { signal }).catch(() => {});
  }
}

/** The whole table from the first source that this machine has. */
async function readTable(signal: AbortSignal): Promise<{ neighbours: Neighbour[]; tellsState: boolean } | undefined> {
  if (process.platform === 'linux') {
    const ip = await output('ip', ['-4', 'neigh', 'show'], signal);
    if (ip !== undefined) return { neighbours: parseIpNeigh(ip), tellsState: true };
    const proc = await readFile('/proc/net/arp', 'utf8').catch(() => undefined);
    return proc === undefined ? undefined : { neighbours: parseProcNetArp(proc), tellsState: false };
  }
  if (process.platform === 'win32') {
    const command =
      "Get-NetNeighbor -AddressFamily IPv4 | Select-Object IPAddress,LinkLayerAddress,@{n='State';e={[int]$_.State}} | ConvertTo-Json";
    const json = await output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command], signal);
    if (json?.trim()) return { neighbours: parseNetNeighbor(json), tellsState: true }; // no output is no answer
  }
  const arp = await output('arp', ['-a', ...(process.platform === 'darwin' ? ['-n'] : [])], signal);
  return arp === undefined ? undefined : { neighbours: parseArpA(arp), tellsState: false };
}

function output(program: string, args: string[], signal: AbortSignal): Promise<string | undefined> {
  const limits = { signal, timeout: 4000, maxBuffer: 4 << 20, windowsHide: true, killSignal: 'SIGKILL' as const };
  return new Promise((resolve) =>
    execFile(program, args, limits, (error, stdout) => resolve(error ? undefined : stdout)),
  );
}
