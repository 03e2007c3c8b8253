import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { secondsOf, usageOf } from '../lan/usage.ts';

/** What a process costs together with every process below it, as Linux tells (proc(5)). */

export interface TreeUsage {
  /** Resident memory, every process counted whole, MB. */
  rssMb: number;
  /** Proportional set size, MB: pages that the processes share are counted once. */
  pssMb: number;
  /** Processor time so far, processes that have ended included, seconds. */
  cpuSeconds: number;
}

/** Of the process `pid` and its descendants now. Throws when there is no such process. */
export function treeUsage(pid: number): TreeUsage {
  const total = { rssMb: 0, pssMb: 0, cpuSeconds: secondsOf(usageOf(pid)) };
  for (const one of treeOf(pid)) {
    try {
      if (one !== pid) total.cpuSeconds += secondsOf(usageOf(one));
      const rollup = readFileSync(`/proc/${one}/smaps_rollup`, 'utf8');
      const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
      total.rssMb += mb('Rss');
      total.pssMb += mb('Pss');
    } catch {
      // It ended meanwhile; its parent has its time.
    }
  }
  return total;
}

function treeOf(pid: number): number[] {
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  const children = threads.flatMap((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
  return [pid, ...children.flatMap(treeOf)];
}

export interface Cost {
  rssMb: { mean: number; max: number; end: number };
  pssMb: { mean: number; max: number; end: number };
  /** From the start on. */
  cpuSeconds: number;
  /** Of one core, after the first minute (of a short run: the first half), as a fraction. */
  idleCpu: number;
}

/** Looks often, because what runs at the start is short and large. */
const LOOK_MS = 250;

/** Watches the tree of `pid` for `ms`. Throws when the process ends before. */
export async function watchTree(pid: number, ms: number): Promise<Cost> {
  const start = performance.now();
  const idleFrom = Math.min(60_000, ms / 2);
  const looks: TreeUsage[] = [];
  let idle: { at: number; cpuSeconds: number } | undefined;
  for (let now = 0; now < ms; now = performance.now() - start) {
    const look = treeUsage(pid);
    looks.push(look);
    if (now >= idleFrom) idle ??= { at: now, cpuSeconds: look.cpuSeconds };
    await delay(LOOK_MS);
  }
  const last = treeUsage(pid);
  const of = (name: 'rssMb' | 'pssMb') => {
    const all = looks.map((look) => look[name]);
    return { mean: all.reduce((a, b) => a + b, 0) / all.length, max: Math.max(...all), end: last[name] };
  };
  const idleSeconds = (performance.now() - start - (idle?.at ?? 0)) / 1000;
  return {
    rssMb: of('rssMb'),
    pssMb: of('pssMb'),
    cpuSeconds: last.cpuSeconds,
    idleCpu: (last.cpuSeconds - (idle?.cpuSeconds ?? 0)) / idleSeconds,
  };
}
