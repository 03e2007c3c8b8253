import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Hosts } from '../../agent/lan-reach/hosts.ts';
import type { Asking } from './ask.ts';
import { secondsOf, usageOf } from './usage.ts';

/** The tools that find out who is on a network, each run once over the same addresses. */

export interface Found {
  found: string[];
  wallMs: number;
  cpuSeconds: number;
}
export interface Tool {
  name: string;
  /** What must be installed; null: ours. */
  program: string | null;
  run(hosts: Hosts, directory: string): Promise<Found>;
}

const OURS = new URL('./ours.ts', import.meta.url);
const ASK = new URL('./ask.ts', import.meta.url);
export const BLACKBOX = 'prometheus-blackbox-exporter';
export const BLACKBOX_PORT = 9115;
const BLACKBOX_CONFIG = 'modules:\n  icmp:\n    prober: icmp\n    timeout: 1s\n';

const ours = (patienceMs: number, round: boolean) => (hosts: Hosts) =>
  hosts.agent.script(OURS, { addresses: hosts.addresses, patienceMs, round }) as Promise<Found>;

export const TOOLS: readonly Tool[] = [
  { name: 'THĐT, one look, silent ones 0.8 s', program: null, run: ours(800, false) },
  { name: 'THĐT, one look as by schedule (3.5 s)', program: null, run: ours(3500, false) },
  { name: 'THĐT, a round at once: look and times', program: null, run: ours(800, true) },
  { name: 'blackbox exporter, icmp, 1 s', program: BLACKBOX, run: blackbox },
  {
    name: 'fping -r1 -t500',
    program: 'fping',
    run: timed((list) => `fping -q -r1 -t500 -a -f ${list} || true`, /^[\d.]+$/gm),
  },
  {
    name: 'nmap -sn -PE -PS445,135',
    program: 'nmap',
    run: timed(
      (list) => `nmap -n -sn -T4 --disable-arp-ping -PE -PS445,135 -iL ${list} -oG -`,
      /(?<=^Host: )[\d.]+(?=.*Status: Up)/gm,
    ),
  },
  {
    name: 'nmap -sn (ARP, raw socket)',
    program: 'nmap',
    run: timed((list) => `nmap -n -sn -T4 -iL ${list} -oG -`, /(?<=^Host: )[\d.]+(?=.*Status: Up)/gm),
  },
];

export function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts a program in the agent's namespace; `ip` becomes the program, so its process id is the program's. */
export const startIn = ({ agent }: Hosts, ...command: string[]): ChildProcess & { pid: number } =>
  spawn('ip', ['netns', 'exec', agent.name, ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, NODE_OPTIONS: '' },
  }) as ChildProcess & { pid: number };

export const askAll = (hosts: Hosts, asking: Omit<Asking, 'addresses'>) =>
  hosts.agent.script(ASK, { ...asking, addresses: hosts.addresses }) as Promise<Pick<Found, 'found' | 'wallMs'>>;

export async function startBlackbox(hosts: Hosts, directory: string) {
  const file = path.join(directory, 'blackbox.yml');
  writeFileSync(file, BLACKBOX_CONFIG);
  const at = `127.0.0.1:${BLACKBOX_PORT}`;
  const child = startIn(hosts, BLACKBOX, `--config.file=${file}`, `--web.listen-address=${at}`);
  await hosts.agent.listens('tcp', BLACKBOX_PORT);
  return child;
}

/** Its processor time is the exporter's alone; that of the program that asks it is left out. */
async function blackbox(hosts: Hosts, directory: string): Promise<Found> {
  const child = await startBlackbox(hosts, directory);
  try {
    const before = secondsOf(usageOf(child.pid));
    const asked = await askAll(hosts, { what: 'blackbox', port: BLACKBOX_PORT, minutes: null });
    return { ...asked, cpuSeconds: secondsOf(usageOf(child.pid)) - before };
  } finally {
    child.kill('SIGKILL');
  }
}

/** A program that ends by itself, timed by bash; `pattern` finds the addresses in its output. */
function timed(command: (list: string) => string, pattern: RegExp): Tool['run'] {
  return async (hosts, directory) => {
    const list = path.join(directory, 'addresses.txt');
    writeFileSync(list, `${hosts.addresses.join('\n')}\n`);
    const script = `TIMEFORMAT='TIME %R %U %S'; time { ${command(list)}; } 2>/dev/null`;
    const args = ['netns', 'exec', hosts.agent.name, 'bash', '-c', script];
    const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, times] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
    });
    child.stderr.on('data', (piece: Buffer) => {
      times += piece.toString();
    });
    await new Promise((resolve) => child.once('close', resolve));
    const [wall, user, system] = /TIME (\S+) (\S+) (\S+)/.exec(times)!.slice(1).map(Number) as [number, number, number];
    return { found: output.match(pattern) ?? [], wallMs: wall * 1000, cpuSeconds: user + system };
  };
}
