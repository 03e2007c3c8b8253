import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { DISCOVERY_PROBE, type Found, foundIn, foundKey } from '../../shared/wire/discovery.ts';
import type { Kept } from '../probes/probe.ts';
import { writeDurably } from '../spool/durable.ts';
import type { Reporter } from '../uplink/report.ts';

/** The way of what `discover` found to the district: a file in the data directory, which a running agent reports once. */

const FILE = 'discovered.json';
const MAX_BYTES = 8 * 1024 * 1024;
const EVERY_MS = 30_000;
const REPORTED = 'reported-at';
/** Nothing secret, and root's `discover` must not hide it from the service's own account. */
const READABLE = 0o644;

/** Keeps what was found at `at` until a running agent looks. Throws what the file system says. */
export function keepFound(dataDir: string, at: Date, found: readonly Found[]): Promise<void> {
  return writeDurably(dataDir, FILE, JSON.stringify({ at: at.toISOString(), found }), READABLE);
}

export interface ReportFoundOptions {
  dataDir: string;
  kept: Kept;
  reporter: Pick<Reporter, 'add' | 'flush'>;
  log: Logger;
  everyMs?: number;
}

/** Looks now and every 30 s. `stop` waits for a look that is under way. */
export function reportFound(options: ReportFoundOptions): { stop(): Promise<void> } {
  const look = () =>
    reportOnce(options).catch((error: unknown) => options.log.warn({ err: error }, 'what was found is not reported'));
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, options.everyMs ?? EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** One sample a device unless this file was reported before. A damaged file is none. */
async function reportOnce({ dataDir, kept, reporter, log }: ReportFoundOptions): Promise<void> {
  const file = await readFound(dataDir);
  if (file === undefined || (await kept.get(REPORTED)) === file.at) return;
  for (const found of file.found)
    reporter.add({
      probe: DISCOVERY_PROBE,
      target: foundKey(found),
      at: file.at,
      ok: true,
      reason: null,
      values: found,
    });
  // Into the spool first: a crash in between reports twice what the collector takes once.
  await reporter.flush();
  await kept.set(REPORTED, file.at);
  log.info({ devices: file.found.length, at: file.at }, 'what was found is reported');
}

/** What the last search found; undefined before the first, and when the file is damaged. */
export async function readFound(dataDir: string): Promise<{ at: string; found: Found[] } | undefined> {
  const file = path.join(dataDir, FILE);
  const size = await stat(file).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size === undefined || size > MAX_BYTES) return undefined;
  const text = await readFile(file, 'utf8');
  try {
    const { at, found } = JSON.parse(text);
    if (typeof at !== 'string' || !Array.isArray(found) || new Date(at).toISOString() !== at) return undefined;
    return { at, found: found.map(foundIn).filter((one) => one !== undefined) };
  } catch {
    return undefined;
  }
}
