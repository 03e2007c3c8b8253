import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleAgent, bundleLauncher } from '../../../deploy/package/bundle.ts';
import { type Cost, watchTree } from './tree.ts';

/** The programs that watch over one PC, each installed as it would be, on loopback. */

export interface Ran {
  cost: Cost;
  installedMb: number;
  /** What it left on disk, kB; null: it keeps nothing. */
  dataKb: number | null;
  sentBytes: number | null;
  /** What came of it, so that a program that did nothing is seen. */
  did: string;
}
export interface Program {
  name: string;
  /** What must be installed; null: ours. */
  program: string | null;
  run(directory: string, minutes: number): Promise<Ran>;
}

const ZABBIX = 'zabbix_agent2';
const ZABBIX_PORT = 18_050;
const EXPORTER = 'prometheus-node-exporter';
const EXPORTER_PORT = 18_100;
/** The likes of what an endpoint tells: system, a service, uptime. */
const KEYS = ['system.uname', 'proc.num[clamd]', 'system.uptime'];

export const PROGRAMS: readonly Program[] = [
  { name: 'THĐT endpoint, launcher included', program: null, run: endpoint },
  { name: 'Node, an empty script', program: null, run: emptyNode },
  { name: 'zabbix-agent2, 3 passive items a minute', program: ZABBIX, run: zabbix },
  { name: 'node-exporter, scraped each minute', program: EXPORTER, run: exporter },
];

/** As it runs on a PC: the packages' own files, a Node that nobody else runs, enrolment by code, default probes. */
async function endpoint(directory: string, minutes: number): Promise<Ran> {
  const installed = path.join(directory, 'installed');
  await Promise.all([bundleAgent(installed), bundleLauncher(installed)]);
  const node = nodeIn(installed);
  const installedMb = kbOf(installed) / 1024;
  const district = spawn(process.execPath, [fileURLToPath(new URL('./district.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const { base, code } = JSON.parse(String((await once(district.stdout, 'data'))[0])) as Record<string, string>;
    const line = await countingLine(Number(new URL(base!).port));
    const file = path.join(directory, 'agent.json');
    const dataDir = path.join(directory, 'data');
    const collector = `http://127.0.0.1:${line.port}`;
    writeFileSync(file, JSON.stringify({ role: 'endpoint', collector, code, dataDir }));
    const versions = path.join(directory, 'versions');
    const argv = [path.join(installed, 'launcher.mjs'), '--versions', versions, 'run', '--config', file];
    const cost = await watched(spawn(node, argv, { stdio: ['ignore', 'ignore', 'ignore'] }), minutes);
    let told = '';
    district.stdout.on('data', (piece: Buffer) => {
      told += piece.toString();
    });
    district.stdin.end();
    await once(district, 'close');
    line.server.close();
    const { reports, samples } = JSON.parse(told) as { reports: number; samples: number };
    const dataKb = kbOf(dataDir) + kbOf(versions);
    return { cost, installedMb, dataKb, sentBytes: line.sent(), did: `${reports} reports, ${samples} samples` };
  } finally {
    district.kill('SIGKILL');
  }
}

/** The floor under everything that runs on Node. */
async function emptyNode(directory: string, minutes: number): Promise<Ran> {
  const node = nodeIn(directory);
  const cost = await watched(spawn(node, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' }), minutes);
  return { cost, installedMb: kbOf(node) / 1024, dataKb: null, sentBytes: null, did: '' };
}

async function zabbix(directory: string, minutes: number): Promise<Ran> {
  const file = path.join(directory, 'zabbix.conf');
  const lines = [
    'Server=127.0.0.1',
    `ListenPort=${ZABBIX_PORT}`,
    'ListenIP=127.0.0.1',
    'Hostname=bench',
    'LogType=console',
    `ControlSocket=${path.join(directory, 'zabbix.sock')}`,
    `PidFile=${path.join(directory, 'zabbix.pid')}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn(ZABBIX, ['-c', file], { stdio: 'ignore' });
  const asked = { answers: 0, bytes: 0 };
  const cost = await watched(child, minutes, async () => {
    for (const key of KEYS) {
      const answer = await zabbixItem(key);
      if (!answer.includes('ZBX_NOTSUPPORTED')) asked.answers++;
      asked.bytes += answer.length;
    }
  });
  const installedMb = packageMb('zabbix-agent2');
  return { cost, installedMb, dataKb: null, sentBytes: asked.bytes, did: `${asked.answers} items` };
}

/** A passive check: header `ZBXD`, flags, length, then the key; answered in the same form. */
async function zabbixItem(key: string): Promise<string> {
  const head = Buffer.alloc(13);
  head.write('ZBXD\x01');
  head.writeUInt32LE(key.length, 5);
  const socket = connect(ZABBIX_PORT, '127.0.0.1').setTimeout(10_000, () => socket.destroy(new Error(`no ${key}`)));
  socket.end(Buffer.concat([head, Buffer.from(key)]));
  let answer = '';
  for await (const piece of socket) answer += (piece as Buffer).toString('latin1');
  return answer;
}

async function exporter(directory: string, minutes: number): Promise<Ran> {
  const child = spawn(EXPORTER, [`--web.listen-address=127.0.0.1:${EXPORTER_PORT}`], {
    cwd: directory,
    stdio: 'ignore',
  });
  const line = await countingLine(EXPORTER_PORT);
  let scrapes = 0;
  let fromExporter = 0;
  const cost = await watched(child, minutes, async () => {
    const answer = await fetch(`http://127.0.0.1:${line.port}/metrics`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(10_000),
    });
    if (/^node_uname_info/m.test(await answer.text())) scrapes++;
    fromExporter = line.received();
  });
  line.server.close();
  const installedMb = packageMb(EXPORTER);
  return { cost, installedMb, dataKb: null, sentBytes: fromExporter, did: `${scrapes} scrapes` };
}

/** Watches the program, ends it, and meanwhile asks it each minute. */
async function watched(child: ChildProcess, minutes: number, ask?: () => Promise<void>): Promise<Cost> {
  const over = new AbortController();
  const asking = (async () => {
    // It needs a moment to listen.
    await delay(2000, undefined, over).catch(() => {});
    while (ask && !over.signal.aborted) {
      await ask();
      await delay(60_000, undefined, over).catch(() => {});
    }
  })();
  asking.catch(() => {});
  try {
    const cost = await watchTree(child.pid!, minutes * 60_000);
    over.abort();
    await asking;
    return cost;
  } finally {
    over.abort();
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** A port that passes everything on to another of loopback, and counts: what clients sent, and what they were sent. */
async function countingLine(to: number) {
  let sent = 0;
  let received = 0;
  const server: Server = createServer((client) => {
    const behind = connect(to, '127.0.0.1');
    client.on('data', (piece) => (sent += piece.length));
    behind.on('data', (piece) => (received += piece.length));
    for (const [one, other] of [[client, behind] as const, [behind, client] as const]) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as { port: number }).port, sent: () => sent, received: () => received };
}

/** A copy: pages of a program that others run too would be counted as shared with them. */
function nodeIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const node = path.join(folder, 'node');
  copyFileSync(process.execPath, node);
  return node;
}

const kbOf = (folder: string): number =>
  Number(execFileSync('du', ['-sk', folder], { encoding: 'utf8' }).split('\t')[0]);

/** As Debian says of the package, without what it depends on. */
const packageMb = (name: string): number =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own variable
  Number(execFileSync('dpkg-query', ['-W', '-f', '${Installed-Size}', name], { encoding: 'utf8' })) / 1024;
