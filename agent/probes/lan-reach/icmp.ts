import { spawn } from 'node:child_process';
import { isIPv6 } from 'node:net';
import builders from 'ping/lib/builder/factory.js';
import parsers from 'ping/lib/parser/factory.js';
import { isHost } from './host.ts';

/**
 * ICMP echo by the system's ping program, with the arguments and the reading of the `ping` package. The package's own
 * `probe()` is not used: it cannot be aborted, its parser throws inside an event handler on lines that it does not expect
 * ("ping:" alone), which would end the agent, and LC_ALL overrides the LANG=C that it sets, after which "0,4 ms" reads 4.
 */
export type Icmp = { answered: true; rttMs: number } | { answered: false; why: 'silent' | 'tool-missing' };

const MAX_OUTPUT = 16 * 1024;
const SILENT: Icmp = { answered: false, why: 'silent' };

/** Asks until one answer comes or `timeoutMs` passed. Only an answer line with a time counts, never an exit code. */
export function icmpEcho(host: string, timeoutMs: number, signal: AbortSignal): Promise<Icmp> {
  if (!isHost(host)) throw new TypeError('host is not checked');
  const { platform } = process;
  const v6 = isIPv6(host);
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  // iputils: with -c 1 -w n it asks each second until one answer or the deadline. ping.exe knows no deadline.
  const limits = platform === 'win32' ? { timeout: seconds } : { timeout: 1, deadline: seconds };
  const settings = { v6, numeric: platform !== 'win32', min_reply: 1, ...limits };
  let program: string;
  let args: string[];
  try {
    program = platform === 'linux' ? 'ping' : builders.getExecutablePath(platform, v6);
    args = builders.createBuilder(platform).getCommandArguments(host, settings);
    if (platform === 'linux' && v6) args.unshift('-6');
  } catch {
    return Promise.resolve({ answered: false, why: 'tool-missing' });
  }
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    });
    let output = '';
    const finish = (result: Icmp) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      resolve(result);
    };
    const onAbort = () => finish(SILENT);
    const timer = setTimeout(finish, timeoutMs + 500, SILENT);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.once('error', () => finish({ answered: false, why: 'tool-missing' }));
    child.stdout.on('data', (piece: Buffer) => {
      if (output.length < MAX_OUTPUT) output += piece.toString('latin1');
    });
    child.once('close', () => finish(readPing(host, output, platform, settings)));
  });
}

/**
 * Several echoes by one run of the program, 200 ms apart where it lets us. `sent` 0: the program is missing. The times of
 * answers that came, ms.
 */
export function icmpEchoes(
  host: string,
  count: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ sent: number; rttsMs: number[] }> {
  if (!isHost(host)) throw new TypeError('host is not checked');
  const v6 = isIPv6(host);
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  const { platform } = process;
  const args =
    platform === 'win32'
      ? ['-n', String(count), '-w', String(timeoutMs), ...(v6 ? ['-6'] : ['-4'])]
      : platform === 'darwin'
        ? ['-n', '-c', String(count), '-i', '0.2']
        : ['-n', '-c', String(count), '-i', '0.2', '-W', String(seconds), ...(v6 ? ['-6'] : [])];
  const program = platform === 'linux' ? 'ping' : builders.getExecutablePath(platform, v6);
  return new Promise((resolve) => {
    const child = spawn(program, [...args, host], {
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    });
    let output = '';
    const finish = (sent: number) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      resolve({ sent, rttsMs: readTimes(output).slice(0, count) });
    };
    const onAbort = () => finish(count);
    const timer = setTimeout(finish, count * 1200 + timeoutMs, count);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.once('error', () => finish(0));
    child.stdout.on('data', (piece: Buffer) => {
      if (output.length < MAX_OUTPUT) output += piece.toString('latin1');
    });
    child.once('close', () => finish(count));
  });
}

/**
 * Times of the lines that tell of an answer, ms, in any language: "time=0.41 ms", "thời gian<1ms", "Zeit=12ms". An answer
 * line ends in the time to live, which a router's "unreachable" has not.
 */
export function readTimes(output: string): number[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const time = /[=<]\s*(\d+(?:[.,]\d+)?)\s*ms\b/i.exec(line)?.[1];
    return time !== undefined && /ttl=|hlim=|:\s.*[=<]\d+\s*ms/i.test(line) ? [Number(time.replace(',', '.'))] : [];
  });
}

/** What ping's output says; anything that the package's parser stumbles over is silence. */
export function readPing(host: string, output: string, platform: NodeJS.Platform, settings: object): Icmp {
  try {
    const parser = parsers.createParser(host, platform, settings);
    for (const line of output.split('\n')) parser.eat(line);
    const { alive, time } = parser.getResult();
    const rttMs = Number(time);
    return alive && Number.isFinite(rttMs) && rttMs >= 0 ? { answered: true, rttMs } : SILENT;
  } catch {
    return SILENT;
  }
}

/** Whether the ping program starts at all, for `doctor`. */
export async function pingWorks(): Promise<boolean> {
  const answer = await icmpEcho('127.0.0.1', 1000, AbortSignal.timeout(3000));
  return answer.answered || answer.why !== 'tool-missing';
}
