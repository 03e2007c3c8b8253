import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { EXIT_UPGRADED, SAYS_EXCUSE, VERSIONS_VARIABLE } from './upgrade/launched.ts';
import { afterDeath, afterExcuse, afterTime, failed, LIMITS, type Trial, trialOf } from './upgrade/trial.ts';
import * as kept from './upgrade/versions.ts';

/**
 * Starts the agent in the version that is current, `launcher.mjs [--versions DIR] run --config FILE`, keeps it running, and
 * goes back to the version before when a new one fails its trial. Other commands than `run` are passed to that version
 * once. It is installed and not upgraded, so it knows nothing of the agent but `upgrade/launched.ts`.
 */

const HERE = import.meta.dirname;
const INSTALLED = path.join(HERE, 'app', 'main.mjs');
/** A child that was asked to end has so long, ms. */
const GRACE_MS = 15_000;
/** Tests are short of time. */
const times = {
  delayMs: 1000,
  maxDelayMs: 5 * 60_000,
  tickMs: 15_000,
  ...LIMITS,
  ...JSON.parse(process.env.THDT_LAUNCHER_TIMES ?? '{}'),
} as typeof LIMITS & { delayMs: number; maxDelayMs: number; tickMs: number };

const argv = process.argv.slice(2);
const named = argv[0] === '--versions' ? argv.splice(0, 2)[1] : undefined;
const dir = path.resolve(named ?? path.join(HERE, 'versions'));
const isService = argv[0] === 'run';

let child: ChildProcess | null = null;
let stopping = false;
let wake = () => {};

const tell = (text: string) => process.stderr.write(`${new Date().toISOString()} launcher: ${text}\n`);

/** What could not be written, and holds in this process instead: a full disk must not stop the agent that empties it. */
let current: kept.Current | null = null;
let tried: Trial | null = null;

/** Whether it is on disk. */
function written(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    tell((error as Error).message);
    return false;
  }
}

function follow(next: kept.Current): void {
  current = written(() => kept.writeCurrent(dir, next)) ? null : next;
}

/** The version to start, with its file; one whose file is gone is left for the one before. */
function choose(): { version: string | null; file: string } {
  for (;;) {
    const { version, entry, previous } = current ?? kept.readCurrent(dir);
    const file = kept.startFile(dir, { version, entry }, INSTALLED);
    if (file !== null) return { version, file };
    if (version === null) throw new Error(`${INSTALLED} is not there`);
    tell(`version ${version} is not there`);
    follow({ ...(previous ?? kept.INSTALLED), previous: null, wentBackFrom: version });
  }
}

function goBack(version: string, why: kept.Why): void {
  const { previous } = kept.readCurrent(dir);
  tell(`version ${version} goes back to ${previous?.version ?? 'the installed one'}: ${why}`);
  written(() => kept.recordFailure(dir, version, why, new Date().toISOString()));
  follow({ ...(previous ?? kept.INSTALLED), previous: null, wentBackFrom: version });
}

/** Resolves with the exit code when the child has ended by itself, was asked to, or has failed its trial. */
function run(
  file: string,
  version: string | null,
  trial: Trial | null,
): Promise<{ code: number; trial: Trial | null }> {
  return new Promise((resolve) => {
    const started = spawn(process.execPath, [file, ...argv], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [VERSIONS_VARIABLE]: dir },
      windowsHide: true,
    });
    child = started;
    let last = performance.now();
    /** Writes what the trial has come to; ends the child that fails it. */
    const tick = () => {
      const now = performance.now();
      // A machine that slept has not run.
      const ms = Math.min(now - last, 2 * times.tickMs);
      last = now;
      if (current) follow(current);
      if (trial === null) return;
      if (kept.isAcknowledged(dir, trial.version)) {
        trial = null;
        return;
      }
      trial = afterTime(trial, ms);
      save(trial);
      if (failed(trial, times) !== null) end(started);
    };
    const ticking = setInterval(tick, times.tickMs);
    started.on('message', (message) => {
      if (message === SAYS_EXCUSE && trial !== null) trial = afterExcuse(trial);
    });
    const done = (code: number) => {
      clearInterval(ticking);
      child = null;
      tick();
      resolve({ code, trial });
    };
    started.once('error', (error) => {
      tell(`${version ?? 'installed'}: ${error.message}`);
      done(1);
    });
    started.once('exit', (code) => done(code ?? 1));
  });
}

function save(trial: Trial): void {
  tried = written(() => kept.write(dir, 'trial.json', trial)) ? null : trial;
}

/** By closing the channel: the agent ends cleanly, on Windows too, and not twice when a terminal told it already. */
function end(running: ChildProcess): void {
  if (running.connected) running.disconnect();
  setTimeout(() => running.kill('SIGKILL'), GRACE_MS).unref();
}

function stop(): void {
  stopping = true;
  if (child) end(child);
  wake();
}

async function supervise(): Promise<number> {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  let failures = 0;
  for (;;) {
    const { version, file } = choose();
    const onTrial = version !== null && !kept.isAcknowledged(dir, version);
    const before = onTrial ? trialOf(tried ?? kept.readObject(dir, 'trial.json'), version) : null;
    const why = before && failed(before, times);
    if (version !== null && why) {
      goBack(version, why);
      continue;
    }
    const startedMs = performance.now();
    const { code, trial } = await run(file, version, before);
    if (stopping) return code;
    if (trial && failed(trial, times) !== null) continue;
    if (code === EXIT_UPGRADED && kept.readCurrent(dir).version !== version) {
      failures = 0;
      current = null;
      continue;
    }
    if (performance.now() - startedMs > times.silentMs) failures = 0;
    const delayMs = Math.min(times.maxDelayMs, times.delayMs * 2 ** Math.min(failures++, 30));
    tell(`${version ?? 'installed'} ended with ${code}, again in ${Math.round(delayMs / 1000)} s`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // Only now: a system that shuts down ends the child first and tells us a moment later.
    if (stopping) return code;
    if (trial) save(afterDeath(trial));
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', ...(process.platform === 'win32' ? (['SIGBREAK'] as const) : [])])
  process.on(signal, stop);
process.exit(isService ? await supervise() : (await run(choose().file, null, null)).code);
