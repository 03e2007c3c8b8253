import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Namespace } from '../lan-reach/namespace.ts';
import { attribute } from './ipp-bytes.ts';

/**
 * `ippeveprinter`, the IPP Everywhere printer of CUPS, on loopback or in a namespace. It begins only where a D-Bus system bus answers, and
 * is given one of its own: nothing announces it on a network.
 */
export interface IppPrinter {
  port: number;
  /** Sends a job (Print-Job, RFC 8011, 4.2.1), which the printer keeps processing while it says its reasons. */
  print(): Promise<void>;
  stop(): Promise<void>;
}

/** Why it cannot run here; undefined when it can. */
export function whyNoIppPrinter(): string | undefined {
  for (const [program, ...args] of [
    ['ippeveprinter', '--version'],
    ['dbus-daemon', '--version'],
  ] as const) {
    try {
      execFileSync(program, args, { stdio: 'ignore' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return `${program} is missing: install cups-ipp-utils, dbus-daemon`;
    }
  }
  return undefined;
}

/** `reasons`: what its command writes to standard error as `STATE:` during a job (ippeveprinter(1)). */
export async function startIppPrinter(reasons: readonly string[] = []): Promise<IppPrinter> {
  const port = await freePort();
  const { child, stop } = await launch(reasons, [], ['-n', 'localhost', '-p', String(port)]);
  await answers(port, child).catch(async (error) => {
    await stop();
    throw error;
  });
  return { port, print: () => print(port), stop };
}

/** On every address of a namespace, at the usual port. */
export async function startIppPrinterIn(namespace: Namespace): Promise<Omit<IppPrinter, 'print'>> {
  const port = 631;
  const { stop } = await launch([], ['ip', 'netns', 'exec', namespace.name], ['-p', String(port)]);
  await namespace.listens('tcp', port).catch(async (error) => {
    await stop();
    throw error;
  });
  return { port, stop };
}

/** `at`: where it listens; without a host name on every address. */
async function launch(reasons: readonly string[], before: readonly string[], at: readonly string[]) {
  const folder = await mkdtemp(path.join(tmpdir(), 'thdt-ipp-'));
  const bus = `unix:path=${path.join(folder, 'bus')}`;
  await writeFile(
    path.join(folder, 'bus.conf'),
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>${bus}</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n`,
  );
  const command = path.join(folder, 'command.sh');
  // Ends with the printer that began it.
  const lines = ['#!/bin/sh', ...reasons.map((one) => `echo "STATE: +${one}" >&2`)];
  await writeFile(command, `${lines.join('\n')}\nwhile kill -0 $PPID 2>/dev/null; do sleep 0.1; done\n`, {
    mode: 0o755,
  });
  const daemon = spawn(
    'dbus-daemon',
    [`--config-file=${path.join(folder, 'bus.conf')}`, '--nofork', '--print-address=1'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(daemon.stdout!, 'data');
  const options = [
    '-f',
    'application/pdf',
    '-r',
    'off',
    ...at,
    '-d',
    folder,
    '-c',
    command,
    '-M',
    'HP',
    '-m',
    'LaserJet',
  ];
  const [program = 'ippeveprinter', ...args] = [...before, 'ippeveprinter', ...options, '-v', 'may-in'];
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: bus },
  });
  child.stderr!.resume();
  const stop = async () => {
    for (const one of [child, daemon]) await ended(one);
    await rm(folder, { recursive: true, force: true });
  };
  return { child, stop };
}

async function print(port: number): Promise<void> {
  const head = Buffer.from([1, 1, 0, 2, 0, 0, 0, 7, 1]);
  const job = [
    attribute(0x47, 'attributes-charset', 'utf-8'),
    attribute(0x48, 'attributes-natural-language', 'en'),
    attribute(0x45, 'printer-uri', `ipp://localhost:${port}/ipp/print`),
    attribute(0x49, 'document-format', 'application/pdf'),
  ];
  const body = Buffer.concat([head, ...job, Buffer.from([3]), Buffer.from('%PDF-1.4\n')]);
  const headers = { 'content-type': 'application/ipp' };
  const answer = await fetch(`http://localhost:${port}/ipp/print`, { method: 'POST', headers, body });
  const status = Buffer.from(await answer.arrayBuffer()).readUInt16BE(2);
  if (status > 0xff) throw new Error(`Print-Job: status 0x${status.toString(16)}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const close = once(child, 'exit');
  child.kill('SIGKILL');
  await close;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  const until = performance.now() + 15_000;
  while (performance.now() < until && child.exitCode === null) {
    const answer = await fetch(`http://localhost:${port}/`).catch(() => null);
    await answer?.body?.cancel();
    if (answer) return;
  }
  throw new Error(`ippeveprinter did not answer on port ${port} (exit code ${child.exitCode})`);
}
