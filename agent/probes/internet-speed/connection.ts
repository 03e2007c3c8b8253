import { execFile } from 'node:child_process';
import { type Family, isPlausible, type Segments } from './overhead.ts';

/**
 * What the system knows of the test's own connections: Linux tells by `ss -ti` (iproute2, ss(8)), which needs no right.
 * Elsewhere nobody tells, and the interface's MTU has to do.
 */

const DEADLINE_MS = 2_000;
const MAX_OUTPUT = 256 * 1024;

/** Segments as they arrive on the connections to these addresses; undefined where the system does not tell. */
export async function segmentsOnWire(
  addresses: readonly string[],
  direction: 'down' | 'up',
  signal: AbortSignal,
): Promise<Segments | undefined> {
  const hosts = addresses.filter((address) => /^[0-9a-fA-F.:]+$/.test(address)).slice(0, 16);
  if (process.platform !== 'linux' || hosts.length === 0) return undefined;
  const filter = hosts.flatMap((host, index) => [
    ...(index > 0 ? ['or'] : []),
    'dst',
    host.includes(':') ? `[${host}]` : host,
  ]);
  const text = await output('ss', ['-tinOH', ...filter], signal);
  return text === undefined ? undefined : segmentsIn(text, direction);
}

/**
 * The most usual full segment among the connections of `ss -tinO`. `rcvmss` is the largest segment that arrived,
 * `mss` the largest that is sent.
 */
export function segmentsIn(text: string, direction: 'down' | 'up'): Segments | undefined {
  const found = text.split('\n').flatMap((line): Segments[] => {
    const payload = Number(new RegExp(`\\s${direction === 'down' ? 'rcvmss' : 'mss'}:(\\d+)`).exec(line)?.[1]);
    // Too little has come for the size to be that of a full segment.
    const received = Number(/\sbytes_received:(\d+)/.exec(line)?.[1] ?? 0);
    if (direction === 'down' && received < 100 * payload) return [];
    const family: Family = /\s\[(?!::ffff:)[0-9a-fA-F:]+(?:%\w+)?\]:\d+\s/.test(line) ? 6 : 4;
    const one: Segments = { payload, family, timestamps: hasTimestamps(line, family), source: 'connection' };
    return isPlausible(one) ? [one] : [];
  });
  const groups = Map.groupBy(found, ({ payload, family, timestamps }) => `${payload}/${family}/${timestamps}`);
  const [most] = [...groups.values()].sort((a, b) => b.length - a.length || b[0]!.payload - a[0]!.payload);
  return most?.[0];
}

/** `ts` among the options; where they are not told, what the path's MTU leaves beside headers and payload is. */
function hasTimestamps(line: string, family: Family): boolean {
  const [pmtu, mss] = ['pmtu', 'mss'].map((name) => Number(new RegExp(`\\s${name}:(\\d+)`).exec(line)?.[1]));
  return /\sts\s/.test(line) || pmtu! - mss! === (family === 6 ? 60 : 40) + 12;
}

function output(command: string, args: string[], signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT, encoding: 'utf8', windowsHide: true, signal },
      (error, stdout) => resolve(error ? undefined : stdout),
    );
  });
}
