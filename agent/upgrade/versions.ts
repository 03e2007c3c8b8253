import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { pathProblem, VERSION_PATTERN } from '../../shared/wire/release-path.ts';

/**
 * What stands in the folder of versions: a folder each (`1.2.0/app/main.mjs`), and small files that say which one runs.
 * Synchronous and without dependencies: the launcher is made of this.
 */

/** A version, or the one that was installed (null). */
export interface Choice {
  version: string | null;
  /** File that is started, below the version's folder; null for the installed one. */
  entry: string | null;
}
/** `current.json`: written by the agent when a new version is there whole, by the launcher when it goes back. */
export interface Current extends Choice {
  previous: Choice | null;
  /** The version that was left because it was not in order. */
  wentBackFrom: string | null;
}
/** `died`: three times; `silent`: ten minutes without an acknowledgement or an excuse; `unheard`: a day without one. */
export type Why = 'died' | 'silent' | 'unheard';
/** `failed.json`: versions that did not prove themselves here. */
export interface Failure {
  version: string;
  why: Why;
  times: number;
  /** RFC 3339. */
  at: string;
}

export const INSTALLED: Current = { version: null, entry: null, previous: null, wentBackFrom: null };
const MAX_FAILURES = 50;
/** A version that nobody heard for a day may have had no connection: so often it may try again. */
const MAX_UNHEARD = 3;
const VERSION = new RegExp(VERSION_PATTERN);

export const isVersion = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= 32 && VERSION.test(text);

/** Whatever is damaged in the file: the installed version. */
export function readCurrent(dir: string): Current {
  const data = readObject(dir, 'current.json');
  const own = choiceOf(data);
  if (own === null) return INSTALLED;
  const { wentBackFrom } = data as Partial<Current>;
  return {
    ...own,
    previous: choiceOf((data as Partial<Current>).previous),
    wentBackFrom: isVersion(wentBackFrom) ? wentBackFrom : null,
  };
}

export const writeCurrent = (dir: string, current: Current): void => write(dir, 'current.json', current);

/** The new version runs from the next start; the one before is kept. */
export function switchTo(dir: string, version: string, entry: string): void {
  const { version: before, entry: beforeEntry } = readCurrent(dir);
  const previous = before === version ? readCurrent(dir).previous : { version: before, entry: beforeEntry };
  write(dir, 'trial.json', {});
  writeCurrent(dir, { version, entry, previous, wentBackFrom: null });
}

/** The file to start; null when it is not there. `installed`: that of the installed version. */
export function startFile(dir: string, { version, entry }: Choice, installed: string): string | null {
  const file = version === null || entry === null ? installed : path.join(dir, version, entry);
  return existsSync(file) ? file : null;
}

/** Whether a collector has acknowledged a report of this version since it was switched to. */
export const isAcknowledged = (dir: string, version: string): boolean =>
  (readObject(dir, 'acknowledged.json') as { version?: unknown }).version === version;

export const markAcknowledged = (dir: string, version: string | null): void =>
  write(dir, 'acknowledged.json', { version });

export function readFailures(dir: string): Failure[] {
  const { failures } = readObject(dir, 'failed.json') as { failures?: unknown };
  return Array.isArray(failures) ? failures.filter((one: Partial<Failure>) => isVersion(one?.version)) : [];
}

export function recordFailure(dir: string, version: string, why: Why, at: string): void {
  const known = readFailures(dir);
  const times = (known.find((one) => one.version === version)?.times ?? 0) + 1;
  const failures = [...known.filter((one) => one.version !== version), { version, why, times, at }];
  write(dir, 'failed.json', { failures: failures.slice(-MAX_FAILURES) });
}

/** Whether the version may not be tried here again. */
export function isRefused(dir: string, version: string): boolean {
  const failure = readFailures(dir).find((one) => one.version === version);
  return failure !== undefined && (failure.why !== 'unheard' || failure.times >= MAX_UNHEARD);
}

/** An empty object for what is missing or damaged. */
export function readObject(dir: string, name: string): object {
  try {
    const data: unknown = JSON.parse(readFileSync(path.join(dir, name), 'utf8'));
    return typeof data === 'object' && data !== null ? data : {};
  } catch {
    return {};
  }
}

/** Whole or not at all, also after a power cut. Throws what the file system says. */
export function write(dir: string, name: string, value: unknown): void {
  const file = path.join(dir, name);
  const tmp = `${file}.${process.pid}.tmp`;
  try {
    const fd = openSync(tmp, 'w', 0o644);
    try {
      writeSync(fd, `${JSON.stringify(value)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(tmp, file);
  } catch (error) {
    rmSync(tmp, { force: true });
    throw error;
  }
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function choiceOf(data: unknown): Choice | null {
  const { version, entry } = (data ?? {}) as Partial<Choice>;
  if (version === null) return { version: null, entry: null };
  return isVersion(version) && typeof entry === 'string' && pathProblem(entry) === null ? { version, entry } : null;
}
