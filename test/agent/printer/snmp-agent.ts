import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { askSnmp } from '../../../agent/probes/printer/ask-snmp.ts';
import type { Namespace } from '../lan-reach/namespace.ts';

/** Net-SNMP's own agent, serving what a printer would (RFC 2790, RFC 3805), on a loopback port of its own or in a namespace. */
export interface SnmpAgent {
  port: number;
  stop(): Promise<void>;
}

export interface PrinterMib {
  device: number;
  printer: number;
  /** hrPrinterDetectedErrorState, hexadecimal. */
  errors: string;
  supplies?: readonly (readonly [name: string, max: number, level: number])[];
  community?: string;
  /** Only v1 is answered. */
  onlyV1?: boolean;
}

/** Why it cannot run here; undefined when it can. */
export function whyNoSnmpd(): string | undefined {
  try {
    execFileSync('snmpd', ['-v'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'snmpd is missing: install snmpd';
  }
}

const HR = '.1.3.6.1.2.1.25.3';
const SUPPLIES = '.1.3.6.1.2.1.43.11.1.1';

export async function startSnmpd(mib: PrinterMib): Promise<SnmpAgent> {
  const port = await freePort();
  const { child, stop } = await launch(mib, [], `127.0.0.1:${port}`, '127.0.0.1');
  await answers(port, mib.community ?? 'public', child).catch(async (error) => {
    await stop();
    throw error;
  });
  return { port, stop };
}

/** On every address of a namespace, at the usual port. */
export async function startSnmpdIn(namespace: Namespace, mib: PrinterMib): Promise<SnmpAgent> {
  const port = 161;
  const { stop } = await launch(mib, ['ip', 'netns', 'exec', namespace.name], String(port), 'default');
  await namespace.listens('udp', port).catch(async (error) => {
    await stop();
    throw error;
  });
  return { port, stop };
}

/** `at`: where it listens; `from`: who may ask it. */
async function launch(mib: PrinterMib, before: readonly string[], at: string, from: string) {
  const { device, printer, errors, supplies = [], community = 'public', onlyV1 = false } = mib;
  const folder = await mkdtemp(path.join(tmpdir(), 'thdt-snmpd-'));
  const lines = [
    `agentAddress udp:${at}`,
    ...(onlyV1
      ? [`com2sec reader ${from} ${community}`, 'group readers v1 reader', 'view all included .1']
      : [`rocommunity ${community} ${from}`]),
    ...(onlyV1 ? ['access readers "" v1 noauth exact all none none'] : []),
    `override .1.3.6.1.2.1.1.1.0 octet_str "HP LaserJet MFP M428fdw"`,
    `override .1.3.6.1.2.1.1.5.0 octet_str "may-in-van-phong"`,
    `override ${HR}.2.1.5.1 integer ${device}`,
    `override ${HR}.5.1.1.1 integer ${printer}`,
    `override ${HR}.5.1.2.1 octet_str 0x${errors}`,
    ...supplies.flatMap(([name, max, level], index) => [
      `override ${SUPPLIES}.6.1.${index + 1} octet_str "${name}"`,
      `override ${SUPPLIES}.8.1.${index + 1} integer ${max}`,
      `override ${SUPPLIES}.9.1.${index + 1} integer ${level}`,
    ]),
  ];
  const file = path.join(folder, 'snmpd.conf');
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const [program = 'snmpd', ...args] = [...before, 'snmpd', '-f', '-C', '-c', file, '-Le', '-I', '-hr_device,hr_print'];
  const child = spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: '' },
  });
  const stop = async () => {
    if (child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { child, stop };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** Asks until it answers; each question waits for its answer, so nothing sleeps here. */
async function answers(port: number, community: string, child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(15_000);
  while (!signal.aborted && child.exitCode === null) {
    const answer = await askSnmp({ address: '127.0.0.1', port, community }, signal);
    if ('state' in answer) return;
  }
  throw new Error(`snmpd did not answer on port ${port} (exit code ${child.exitCode})`);
}
