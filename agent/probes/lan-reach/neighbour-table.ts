import { readFile } from 'node:fs/promises';
import { type Neighbour, parseArpA, parseIpNeigh, parseNetNeighbor, parseProcNetArp } from './neighbours.ts';
import type { System } from './system.ts';

/** The system's neighbour table, whole, by the first means that this machine has. */
export interface NeighbourTable {
  neighbours: Neighbour[];
  /** Whether the system says how old an answer is. */
  tellsState: boolean;
}

const LIMITS = { timeoutMs: 4000, maxBytes: 4 * 1024 * 1024 };
const GET_NET_NEIGHBOR =
  "Get-NetNeighbor | Select-Object InterfaceIndex,IPAddress,LinkLayerAddress,@{n='State';e={[int]$_.State}} | ConvertTo-Json";

/** With states, where the system can tell them: under Windows it starts PowerShell, which costs a second of processor. */
export async function readTable(system: System, signal: AbortSignal): Promise<NeighbourTable | undefined> {
  const output = async (program: string, args: string[]) => {
    const { output: text, ended } = await system.run(program, args, { ...LIMITS, signal });
    return ended === 'well' ? text : undefined;
  };
  if (system.platform === 'linux') {
    const ip = await output('ip', ['neigh', 'show']);
    if (ip !== undefined) return { neighbours: parseIpNeigh(ip), tellsState: true };
    const proc = await readFile('/proc/net/arp', 'utf8').catch(() => undefined);
    return proc === undefined ? undefined : { neighbours: parseProcNetArp(proc), tellsState: false };
  }
  if (system.platform === 'win32') {
    const json = await output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', GET_NET_NEIGHBOR]);
    if (json?.trim()) return { neighbours: parseNetNeighbor(json), tellsState: true }; // no output is no answer
  }
  return listTable(system, signal);
}

/** Who has answered, without states, by `arp`: a few milliseconds of processor. For systems other than Linux. */
export async function listTable(system: System, signal: AbortSignal): Promise<NeighbourTable | undefined> {
  const args = ['-a', ...(system.platform === 'darwin' ? ['-n'] : [])];
  const { output, ended } = await system.run('arp', args, { ...LIMITS, signal });
  return ended === 'well' ? { neighbours: parseArpA(output), tellsState: false } : undefined;
}
