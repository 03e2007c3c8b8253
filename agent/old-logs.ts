import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Logs that the Windows service wrapper set aside: it begins a new file at 5 MB and removes none (nssm, AppRotateFiles). */

/** `agent-20261125T143000.123.log`: the wrapper's name for a file of `agent.log` that is full. */
const SET_ASIDE = /^agent-\d{8}T\d{6}(\.\d{3})?\.log$/;
const KEPT = 4;
const EVERY_MS = 24 * 3600_000;

/** Removes all but the newest four. A folder that is not there, or a file that somebody holds open, is no error. */
export async function pruneLogs(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const old = names.filter((name) => SET_ASIDE.test(name)).sort();
  for (const name of old.slice(0, -KEPT)) await rm(path.join(folder, name), { force: true }).catch(() => {});
}

/** Does so now and each day until `signal` aborts. */
export function keepLogsFew(folder: string, signal: AbortSignal): void {
  void pruneLogs(folder);
  const timer = setInterval(() => void pruneLogs(folder), EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
