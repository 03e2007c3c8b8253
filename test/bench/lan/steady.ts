import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleAgent } from '../../../deploy/package/bundle.ts';
import { type Hosts, makeHosts } from '../../agent/lan-reach/hosts.ts';
import { askAll, BLACKBOX, BLACKBOX_PORT, isInstalled, startBlackbox, startIn } from './tools.ts';
import { type Usage, usageOf } from './usage.ts';

/**
 * What it costs to keep watch over a network, minute by minute: each program over a network of its own, at the same time.
 * Not more than three: the neighbours of all namespaces share one table of Linux, of 1,024 entries.
 */

export interface Steady {
  name: string;
  /** Devices that the last round, or the last minute, found. */
  found: number;
  usage: Usage;
}
interface Watcher {
  name: string;
  program: string | null;
  watch(hosts: Hosts, directory: string, minutes: number): Promise<Omit<Steady, 'name'>>;
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const ZABBIX = 'zabbix_agent2';
const ZABBIX_PORT = 10050;

export const WATCHERS: readonly Watcher[] = [
  {
    name: 'THĐT agent as it is installed: a look a minute, times, signed reports',
    program: null,
    watch: agent,
  },
  { name: 'blackbox exporter, icmp, each target once a minute', program: BLACKBOX, watch: blackbox },
  { name: 'zabbix-agent2, fping by user parameter, each target once a minute', program: ZABBIX, watch: zabbix },
];

/** `say` is told of programs that are missing. */
export async function steady(minutes: number, directory: string, say: (line: string) => void): Promise<Steady[]> {
  const here = WATCHERS.filter(({ program, name }) => {
    const is = program === null || (isInstalled(program) && (program !== ZABBIX || isInstalled('fping')));
    if (!is) say(`absent: ${name}`);
    return is;
  });
  return Promise.all(
    here.map(async ({ name, watch }, index) => {
      const own = path.join(directory, String(index));
      mkdirSync(own, { mode: 0o700 });
      const hosts = makeHosts();
      try {
        return { name, ...(await watch(hosts, own, minutes)) };
      } finally {
        hosts.remove();
      }
    }),
  );
}

/** As it runs at a school, its schedule and its quality being the defaults; from its start on. */
async function agent(hosts: Hosts, directory: string, minutes: number): Promise<Omit<Steady, 'name'>> {
  const main = path.join(await bundleAgent(directory), 'main.mjs');
  const dataDir = path.join(directory, 'data');
  const district = startIn(hosts, process.execPath, script('./district.ts'), JSON.stringify({ dataDir }));
  try {
    await once(district.stdout!, 'data');
    const file = path.join(directory, 'agent.json');
    const targets = hosts.addresses.map((address) => ({ id: address, address, kind: 'pc' }));
    writeFileSync(file, JSON.stringify({ dataDir, log: 'warn', probes: { 'lan-reach': { targets } } }));
    const child = startIn(hosts, process.execPath, main, 'run', '--config', file);
    child.stdout!.resume();
    let usage: Usage;
    try {
      await delay(minutes * 60_000);
      usage = usageOf(child.pid);
    } finally {
      child.kill('SIGTERM');
    }
    await once(child, 'exit');
    let told = '';
    district.stdout!.on('data', (piece: Buffer) => {
      told += piece.toString();
    });
    district.stdin!.end();
    await once(district, 'close');
    return { found: (JSON.parse(told) as { found: number }).found, usage };
  } finally {
    district.kill('SIGKILL');
  }
}

async function blackbox(hosts: Hosts, directory: string, minutes: number): Promise<Omit<Steady, 'name'>> {
  const child = await startBlackbox(hosts, directory);
  try {
    const { found } = await askAll(hosts, { what: 'blackbox', port: BLACKBOX_PORT, minutes });
    return { found: found.length, usage: usageOf(child.pid) };
  } finally {
    child.kill('SIGKILL');
  }
}

/** It has no question of its own that takes an echo or a refusal for an answer, so it is given fping, as Zabbix' server uses. */
async function zabbix(hosts: Hosts, directory: string, minutes: number): Promise<Omit<Steady, 'name'>> {
  const file = path.join(directory, 'zabbix.conf');
  const lines = [
    'Server=127.0.0.1',
    `ListenPort=${ZABBIX_PORT}`,
    'ListenIP=127.0.0.1',
    'Hostname=bench',
    'LogType=console',
    'Timeout=5',
    `ControlSocket=${path.join(directory, 'zabbix.sock')}`,
    'UserParameter=thdt.ping[*],fping -q -r1 -t500 $1 2>/dev/null && echo 1 || echo 0',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = startIn(hosts, ZABBIX, '-c', file);
  child.stdout!.resume();
  try {
    await hosts.agent.listens('tcp', ZABBIX_PORT);
    const { found } = await askAll(hosts, { what: 'zabbix', port: ZABBIX_PORT, minutes });
    return { found: found.length, usage: usageOf(child.pid) };
  } finally {
    child.kill('SIGKILL');
  }
}
