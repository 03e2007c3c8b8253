import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Neighbour, parseArpA, parseIpNeigh, parseNetNeighbor, parseProcNetArp } from './neighbours.ts';

/**
 * Asks by ARP without a raw socket: one byte by UDP makes the system ask, its neighbour table tells who answered. An
 * old entry proves nothing: the system confirms it only 5 s after it is used again, and gives up 3 s later (RFC 4861,
 * 7.3.2 and 10, which Linux follows for ARP as well), so the table is read until it is sure or `untilMs` is reached.
 */
export const DISCARD_PORT = 9; // RFC 863
export const POLL_MS = process.platform === 'win32' ? 1500 : 300; // PowerShell takes a second to start
const SETTLE_MS = 1000;

/** The MAC address that answered for `address`, or null. `untilMs` by performance.now. */
export async function askArp(address: string, untilMs: number, signal: AbortSignal): Promise<string | null> {
  const start = performance.now();
  await sendByte(address);
  let last: Neighbour | undefined;
  let tellsState = false;
  while (!signal.aborted) {
    await delay(Math.min(POLL_MS, Math.max(0, untilMs - performance.now())), undefined, { signal }).catch(() => {});
    const table = await readTable(address, signal);
    if (table === undefined) return null;
    tellsState = table.tellsState;
    last = table.neighbours.find((one) => one.address === address);
    if (last?.state === 'reachable') return last.mac;
    const silentFor = performance.now() - start;
    if (last?.state !== 'unsure' && silentFor > SETTLE_MS) return null;
    if (performance.now() >= untilMs) break;
  }
  // A table without states keeps a completed entry only while the device answers, give or take a minute.
  return last?.state === 'unsure' && !tellsState ? last.mac : null;
}

function sendByte(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const finish = () => {
      socket.removeAllListeners();
      socket.close();
      resolve();
    };
    socket.once('error', finish);
    socket.send(Buffer.from([0]), DISCARD_PORT, address, finish);
  });
}

export interface NeighbourTable {
  neighbours: Neighbour[];
  /** Whether the system says how old an answer is. */
  tellsState: boolean;
}

/** The system's table, of one address or (null) whole, by the first means that this machine has; undefined when it has none. */
export async function readTable(address: string | null, signal: AbortSignal): Promise<NeighbourTable | undefined> {
  if (process.platform === 'linux') {
    const ip = await output('ip', ['neigh', 'show', ...(address === null ? [] : ['to', address])], signal);
    if (ip !== undefined) return { neighbours: parseIpNeigh(ip), tellsState: true };
    const proc = await readFile('/proc/net/arp', 'utf8').catch(() => undefined);
    return proc === undefined ? undefined : { neighbours: parseProcNetArp(proc), tellsState: false };
  }
  if (process.platform === 'win32') {
    const which = address === null ? '' : ` -IPAddress '${address}'`;
    const command = `Get-NetNeighbor${which} | Select-Object IPAddress,LinkLayerAddress,@{n='State';e={[int]$_.State}} | ConvertTo-Json`;
    const json = await output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command], signal);
    if (json?.trim()) return { neighbours: parseNetNeighbor(json), tellsState: true }; // no output is no answer
  }
  const arp = await output('arp', ['-a', ...(process.platform === 'darwin' ? ['-n'] : [])], signal);
  return arp === undefined ? undefined : { neighbours: parseArpA(arp), tellsState: false };
}

function output(program: string, args: string[], signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const limits = {
      signal,
      timeout: 4000,
      maxBuffer: 4 * 1024 * 1024,
      windowsHide: true,
      killSignal: 'SIGKILL' as const,
    };
    execFile(program, args, limits, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

/** Whether `address` lies in a network of one of this machine's own interfaces: only there does ARP reach. */
export function isOnLink(address: string, interfaces = networkInterfaces()): boolean {
  const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) return false;
  return Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .some((own) => !own.internal && own.cidr && contains(own, address, type));
}

function contains(own: NetworkInterfaceInfo, address: string, type: 'ipv4' | 'ipv6'): boolean {
  if ((own.family === 'IPv6') !== (type === 'ipv6')) return false;
  const prefix = Number(own.cidr?.split('/')[1]);
  const network = new BlockList();
  network.addSubnet(own.address, prefix, type);
  return network.check(address, type);
}
