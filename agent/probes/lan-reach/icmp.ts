import { isIPv6 } from 'node:net';
import builders from 'ping/lib/builder/factory.js';
import parsers from 'ping/lib/parser/factory.js';
import { isHost } from './host.ts';
import { type System, thisSystem } from './system.ts';

/**
 * ICMP echo by the system's ping program, with the arguments and the reading of the `ping` package. The package's own
 * `probe()` is not used: it cannot be aborted, its parser throws inside an event handler on lines that it does not expect
 * ("ping:" alone), which would end the agent, and LC_ALL overrides the LANG=C that it sets, after which "0,4 ms" reads 4.
 */
export type Icmp = { answered: true; rttMs: number } | { answered: false; why: 'silent' | 'tool-missing' };

const MAX_OUTPUT = 16 * 1024;
const SILENT: Icmp = { answered: false, why: 'silent' };

/** Asks until one answer comes or `timeoutMs` passed. Only an answer line with a time counts, never an exit code. */
export async function icmpEcho(
  host: string,
  timeoutMs: number,
  signal: AbortSignal,
  system: System = thisSystem,
): Promise<Icmp> {
  if (!isHost(host)) throw new TypeError('host is not checked');
  const { platform } = system;
  const v6 = isIPv6(host);
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  // iputils: with -c 1 -w n it asks each second until one answer or the deadline. ping.exe knows no deadline.
  const limits = platform === 'win32' ? { timeout: seconds } : { timeout: 1, deadline: seconds };
  // Not numeric is `-a` under Windows: it would ask for the name first, for seconds.
  const settings = { v6, numeric: true, min_reply: 1, ...limits };
  let program: string;
  let args: string[];
  try {
    program = programOf(platform, v6);
    args = builders.createBuilder(platform).getCommandArguments(host, settings);
    if (platform === 'linux' && v6) args.unshift('-6');
  } catch {
    return { answered: false, why: 'tool-missing' };
  }
  const { output, ended } = await system.run(program, args, {
    timeoutMs: timeoutMs + 500,
    maxBytes: MAX_OUTPUT,
    signal,
  });
  if (ended === 'missing') return { answered: false, why: 'tool-missing' };
  return readPing(host, output, platform, settings);
}

const programOf = (platform: NodeJS.Platform, v6: boolean) =>
  platform === 'linux' ? 'ping' : builders.getExecutablePath(platform, v6);

/** Times of the echoes that came back, ms, of those hosts that were asked to the end; a missing program asks none. */
export type Echoed = Map<string, number[]>;

/**
 * `count` echoes to each host, at most MOST_HOSTS of them, 200 ms apart where the program lets us. To start a process costs
 * this one more than everything else about an echo (its pages are copied), so one shell asks the hosts one after the other;
 * Windows has none to be relied on, and starts its program for each host. A shell that is ended early leaves the echo in
 * hand to its program's own limits, two or three seconds.
 */
export async function icmpEchoes(
  hosts: readonly string[],
  count: number,
  timeoutMs: number,
  signal: AbortSignal,
  system: System = thisSystem,
): Promise<Echoed> {
  if (!hosts.every(isHost)) throw new TypeError('host is not checked');
  if (hosts.length > MOST_HOSTS) throw new RangeError(`more than ${MOST_HOSTS} hosts`);
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  const { platform } = system;
  const limits = { timeoutMs: count * 1200 + timeoutMs, maxBytes: MAX_OUTPUT, signal };
  const echoed: Echoed = new Map();
  if (platform === 'win32') {
    await Promise.all(
      hosts.map(async (host) => {
        const args = ['-n', String(count), '-w', String(timeoutMs), isIPv6(host) ? '-6' : '-4', host];
        const { output, ended } = await system.run(programOf(platform, isIPv6(host)), args, limits);
        if (ended !== 'missing' && !signal.aborted) echoed.set(host, readTimes(output).slice(0, count));
      }),
    );
    return echoed;
  }
  for (const [v6, some] of Map.groupBy(hosts, (host) => isIPv6(host))) {
    const program = programOf(platform, v6);
    // macOS' program waits ten seconds for the last answer unless it is told when to end; its ping6 cannot be told.
    const mac = v6 ? '' : `-t ${seconds + Math.ceil(count / 5)}`;
    const ends = platform === 'darwin' ? mac : `-W ${seconds}${v6 ? ' -6' : ''}`;
    const script = `command -v ${program} >/dev/null || exit
for host do echo "${HEAD}$host"; ${program} -n -c ${count} -i 0.2 ${ends} "$host"; done; echo "${HEAD}"`;
    const { output } = await system.run('sh', ['-c', script, 'sh', ...some], {
      ...limits,
      timeoutMs: some.length * limits.timeoutMs,
      maxBytes: some.length * MAX_OUTPUT,
    });
    for (const [host, text] of readBlocks(output)) echoed.set(host, readTimes(text).slice(0, count));
  }
  return echoed;
}

/** So many hosts by one call, which bounds the arguments and the time of a shell. */
export const MOST_HOSTS = 16;

/** Begins the line before each host's output, and the last line of all. */
const HEAD = '> ';

/** What was printed of each host that was asked to the end: another head follows. */
export function readBlocks(output: string): [host: string, text: string][] {
  const blocks = output.split(new RegExp(`^${HEAD}`, 'm')).slice(1, -1);
  return blocks.map((block) => {
    const end = block.indexOf('\n');
    return [block.slice(0, end), block.slice(end + 1)];
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
