import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type TcpAnswer, tcpConnect } from './tcp.ts';

/** What a look touches of the machine it runs on, in one place: programs, interfaces, datagrams, connections. */
export interface System {
  platform: NodeJS.Platform;
  interfaces(): NodeJS.Dict<NetworkInterfaceInfo[]>;
  /** Runs a program to its end, at most `timeoutMs`. Never rejects. */
  run(program: string, args: readonly string[], limits: RunLimits): Promise<Ran>;
  /** One byte by UDP to each address, which makes the system ask for its neighbour. Never rejects. */
  sendByte(addresses: readonly string[], signal: AbortSignal): Promise<void>;
  connect(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<TcpAnswer>;
}

export interface RunLimits {
  timeoutMs: number;
  /** What is printed beyond is not kept, bytes. */
  maxBytes: number;
  signal: AbortSignal;
}

export interface Ran {
  /** What it printed by then, also where it was ended. */
  output: string;
  /** `missing`: it could not be started. `cut`: ended by us, by a signal, or with an exit code other than 0. */
  ended: 'well' | 'cut' | 'missing';
}

export const thisSystem: System = {
  platform: process.platform,
  interfaces: networkInterfaces,
  run,
  sendByte,
  connect: tcpConnect,
};

function run(program: string, args: readonly string[], { timeoutMs, maxBytes, signal }: RunLimits): Promise<Ran> {
  return new Promise((resolve) => {
    // Translated figures ("0,4 ms") and states could not be read.
    const env = { ...process.env, LC_ALL: 'C', LANG: 'C' };
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true, env });
    let output = '';
    const finish = (ended: Ran['ended']) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cut);
      child.kill('SIGKILL');
      child.stdout?.destroy();
      resolve({ output, ended });
    };
    const cut = () => finish('cut');
    const timer = setTimeout(cut, timeoutMs);
    signal.addEventListener('abort', cut, { once: true });
    child.once('error', () => finish('missing'));
    child.once('close', (code) => finish(code === 0 ? 'well' : 'cut'));
    // None where the process has no file descriptors left.
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      output += piece.slice(0, Math.max(0, maxBytes - output.length));
    });
    if (signal.aborted) cut();
  });
}

const DISCARD_PORT = 9; // RFC 863
/** Datagrams that wait for ARP fill a socket's send buffer, and the next would wait for them: so many a socket. */
const BURST = 64;
/** So that a school's switches see no burst. */
const BURST_MS = 20;

async function sendByte(addresses: readonly string[], signal: AbortSignal): Promise<void> {
  const byte = Buffer.from([0]);
  const families = Map.groupBy(addresses, (address) => (isIPv6(address) ? 'udp6' : 'udp4'));
  for (const [family, list] of families)
    for (let at = 0; at < list.length && !signal.aborted; at += BURST) {
      const socket = createSocket(family).on('error', () => {});
      const sent = list
        .slice(at, at + BURST)
        .map((address) => new Promise<void>((resolve) => socket.send(byte, DISCARD_PORT, address, () => resolve())));
      await Promise.all(sent);
      socket.close();
      if (at + BURST < list.length) await delay(BURST_MS);
    }
}
