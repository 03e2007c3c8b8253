import { readFileSync } from 'node:fs';

/** What a process has cost so far, as Linux tells (proc(5)). */
export interface Usage {
  /** Processor time of its own, and of the children that it has waited for, seconds. */
  ownSeconds: number;
  childSeconds: number;
  /** Resident memory of its own now and at most, MB. */
  rssMb: number;
  maxRssMb: number;
}

/** USER_HZ, the same on every architecture that Node runs on. */
const TICKS = 100;

/** Throws when there is no such process. */
export function usageOf(pid: number | 'self'): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and parentheses; utime, stime, cutime and cstime are fields 14 to 17, the state is 3.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return {
    ownSeconds: (fields[11]! + fields[12]!) / TICKS,
    childSeconds: (fields[13]! + fields[14]!) / TICKS,
    rssMb: mb('VmRSS'),
    maxRssMb: mb('VmHWM'),
  };
}

export const secondsOf = ({ ownSeconds, childSeconds }: Usage): number => ownSeconds + childSeconds;
