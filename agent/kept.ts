import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Kept } from './probes/probe.ts';
import { writeDurably } from './spool/durable.ts';

/**
 * What probes keep over a restart: bytes used this month, the last public address. One small JSON file a probe in the data
 * directory, written whole; a damaged or missing one is an empty one, because everything in it can be measured again.
 */

const MAX_BYTES = 64 * 1024;
/** Nothing secret is kept, and root's `once` must not hide it from the service's own account. */
const READABLE = 0o644;

export interface KeptFiles {
  of(probe: string): Kept;
}

/** `dataDir` null keeps in memory only. */
export function keptFiles(dataDir: string | null, log: Logger): KeptFiles {
  const open = new Map<string, Kept>();
  return {
    of(probe) {
      const known = open.get(probe) ?? keptOf(dataDir, probe, log);
      open.set(probe, known);
      return known;
    },
  };
}

function keptOf(dataDir: string | null, probe: string, log: Logger): Kept {
  const name = `kept-${probe}.json`;
  const inMemory: Record<string, unknown> = {};
  let writing: Promise<void> = Promise.resolve();
  // Read each time: `once` beside a running agent writes the same file.
  const read = async () =>
    dataDir === null ? inMemory : { ...inMemory, ...(await readRecord(path.join(dataDir, name))) };
  const write = async (key: string, value: unknown) => {
    inMemory[key] = value;
    if (dataDir === null) return;
    const text = JSON.stringify({ ...(await read()), [key]: value });
    if (text.length > MAX_BYTES) throw new RangeError(`${name}: more than ${MAX_BYTES} bytes`);
    await writeDurably(dataDir, name, text, READABLE);
  };
  return {
    get: async (key) => {
      await writing;
      return (await read())[key];
    },
    set: async (key, value) => {
      // One after the other: two writers share a temporary name. A full disk must not stop a measurement.
      writing = writing
        .then(() => write(key, value))
        .catch((error: unknown) => {
          // Without a data directory nothing is kept: a person measures once and looks.
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
          log.warn({ err: error, probe }, 'what the probe keeps was not written');
        });
      await writing;
    },
  };
}

async function readRecord(file: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not there yet, or damaged.
  }
  return {};
}
