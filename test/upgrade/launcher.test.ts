import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { SAYS_EXCUSE } from '../../agent/upgrade/launched.ts';
import { markAcknowledged, readCurrent, readFailures, switchTo } from '../../agent/upgrade/versions.ts';
import { bundleLauncher } from '../../deploy/package/bundle.ts';
import { until } from '../agent/runtime/helpers.ts';

/** The launcher with small programs in the agent's place; each writes its name into `started` beside the launcher. */

const NODE = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');
const GOOD = 'setInterval(() => {}, 1000);';

describe('the launcher', () => {
  let root: string;
  let launcher: string;
  beforeAll(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'thdt-launcher-'));
    launcher = readFileSync(await bundleLauncher(root), 'utf8');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** A folder with the launcher, the installed program and the versions that are named. */
  function place(installed: string, versions: Record<string, string> = {}) {
    const dir = mkdtempSync(path.join(root, 'place-'));
    const folder = path.join(dir, 'versions');
    const write = (file: string, name: string, code: string) => {
      mkdirSync(path.dirname(file), { recursive: true });
      const log = JSON.stringify(path.join(dir, 'started'));
      writeFileSync(
        file,
        `import { appendFileSync } from "node:fs"; process.on("disconnect", () => process.exit(0)); appendFileSync(${log}, ${JSON.stringify(`${name}\n`)});\n${code}`,
      );
    };
    writeFileSync(path.join(dir, 'launcher.mjs'), launcher);
    write(path.join(dir, 'app', 'main.mjs'), 'installed', installed);
    mkdirSync(folder);
    for (const [version, code] of Object.entries(versions)) {
      write(path.join(folder, version, 'app', 'main.mjs'), version, code);
      switchTo(folder, version, 'app/main.mjs');
    }
    const started = () => {
      try {
        return readFileSync(path.join(dir, 'started'), 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    };
    const run = (times: object = {}, args = ['run']) => {
      const child = spawn(NODE, [path.join(dir, 'launcher.mjs'), ...args], {
        stdio: 'ignore',
        env: { ...process.env, THDT_LAUNCHER_TIMES: JSON.stringify({ delayMs: 20, tickMs: 20, ...times }) },
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
        child.kill(signal);
        return ended;
      };
      return { ended, stop };
    };
    return { folder, started, run };
  }

  it('is one file that needs nothing but Node', () => {
    const imports = [...launcher.matchAll(/from\s*"([^"]+)"/g)].map((match) => match[1]!);
    expect(imports.length).toBeGreaterThan(2);
    expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(launcher.length).toBeLessThan(30_000);
  });

  it('passes another command on once, with its exit code', async () => {
    const { run, started } = place('process.exit(Number(process.argv[3]));');
    expect(await run({}, ['status', '7']).ended).toBe(7);
    expect(started()).toEqual(['installed']);
  });

  it('starts the installed version where there is no other, and again when it dies', async () => {
    const { run, started } = place('process.exit(1);');
    const { stop } = run();
    await until('four starts', () => started().length >= 4);
    await stop();
    expect(new Set(started())).toEqual(new Set(['installed']));
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('on %s the version ends by itself, and then the launcher', async (signal) => {
    const { run, started } = place(GOOD, { '1.0.0': GOOD });
    const { stop } = run();
    await until('it runs', () => started().length === 1);
    expect(await stop(signal)).toBe(0);
  });

  it('goes back after three deaths where nothing can be written, and runs the agent all the same', async () => {
    const { run, started, folder } = place(GOOD, { '1.0.0': GOOD, '1.1.0': 'process.exit(3);' });
    for (const name of ['trial.json', 'failed.json']) {
      rmSync(path.join(folder, name), { force: true });
      mkdirSync(path.join(folder, name, 'x'), { recursive: true });
    }
    const { stop } = run();
    await until('it is back', () => started().at(-1) === '1.0.0');
    expect(started()).toEqual(['1.1.0', '1.1.0', '1.1.0', '1.0.0']);
    expect(await stop()).toBe(0);
  });

  it('goes back after three deaths, also over restarts of its own, and not after three shutdowns', async () => {
    const { run, started, folder } = place(GOOD, { '1.0.0': GOOD });
    markAcknowledged(folder, '1.0.0');
    switchTo(folder, '1.1.0', 'app/main.mjs');
    mkdirSync(path.join(folder, '1.1.0', 'app'), { recursive: true });
    const entry = path.join(folder, '1.1.0', 'app', 'main.mjs');
    writeFileSync(entry, readFileSync(path.join(folder, '1.0.0/app/main.mjs'), 'utf8').replaceAll('1.0.0', '1.1.0'));
    for (let n = 1; n <= 3; n++) {
      const { stop } = run();
      await until(`start ${n}`, () => started().length === n);
      await stop();
    }
    expect(readCurrent(folder).version).toBe('1.1.0');
    writeFileSync(entry, 'process.exit(3);');
    const { stop } = run();
    await until('it is back', () => started().at(-1) === '1.0.0');
    await stop();
    expect(readCurrent(folder)).toMatchObject({ version: '1.0.0', wentBackFrom: '1.1.0' });
    expect(readFailures(folder)).toMatchObject([{ version: '1.1.0', why: 'died', times: 1 }]);
  });

  it('goes back to the installed one when there was no other before, from a version that says nothing', async () => {
    const { run, started, folder } = place(GOOD, { '1.0.0': GOOD });
    const { stop } = run({ silentMs: 200 });
    await until('it is back', () => started().at(-1) === 'installed');
    await stop();
    expect(readFailures(folder)).toMatchObject([{ version: '1.0.0', why: 'silent' }]);
  });

  it('is patient with a version that finds no collector, for a day', async () => {
    const excusing = `${GOOD} setInterval(() => process.send(${JSON.stringify(SAYS_EXCUSE)}), 5);`;
    const { run, started, folder } = place(GOOD, { '1.0.0': excusing });
    const { stop } = run({ silentMs: 2000, runMs: 3000 });
    const from = performance.now();
    await until('it is back', () => started().at(-1) === 'installed');
    expect(performance.now() - from).toBeGreaterThan(2500);
    await stop();
    expect(readFailures(folder)).toMatchObject([{ version: '1.0.0', why: 'unheard' }]);
  });

  it('leaves a version in peace once it was acknowledged', async () => {
    const { run, started, folder } = place(GOOD, { '1.0.0': 'setTimeout(() => process.exit(1), 10);' });
    markAcknowledged(folder, '1.0.0');
    const { stop } = run({ silentMs: 100 });
    await until('five starts', () => started().length >= 5);
    await stop();
    expect(new Set(started())).toEqual(new Set(['1.0.0']));
  });

  it('starts the one before when the current one is gone', async () => {
    const { run, started, folder } = place(GOOD, { '1.0.0': GOOD });
    switchTo(folder, '1.1.0', 'app/main.mjs');
    const { stop } = run();
    await until('it runs', () => started().length === 1);
    await stop();
    expect(started()).toEqual(['1.0.0']);
    expect(readCurrent(folder)).toMatchObject({ version: '1.0.0', wentBackFrom: '1.1.0' });
  });
});
