import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { JWK } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enrol } from '../../agent/uplink/enrol.ts';
import { type Collector, startCollector } from '../../collector/collector.ts';
import { bundleAgent, bundleLauncher } from '../../deploy/package/bundle.ts';
import { MANIFEST, signFolder } from '../../deploy/release/make.ts';
import type { ReleaseKey } from '../../shared/wire/release.ts';
import { until } from '../agent/runtime/helpers.ts';
import { newKeys } from '../collector/harness.ts';

/** A whole way: releases made and uploaded, an agent under its launcher as real processes, good and bad versions. */

const NODE = resolve(import.meta.dirname, '../../node_modules/.bin/node');
/** Found nowhere else in a bundle: B is A with another version in it. */
const A = '1.0.0-first.8265';
const B = '1.1.0';
const SILENT = '1.2.0';
const DEAD = '1.3.0';
const TAMPERED = '1.4.0';
/** A busy machine may take long to start an agent; one that is never heard shall not take long to be left. */
const PATIENT = { delayMs: 50, tickMs: 100, silentMs: 60_000 };
const HASTY = { ...PATIENT, silentMs: 1000 };
const UPGRADE_TIMES = { jitterMs: 100, retryMs: 200, maxRetryMs: 400 };

interface Heard {
  version: string;
  upgrade?: { version: string; state: string; why: string | null };
}

describe('an agent under its launcher', () => {
  const root = mkdtempSync(join(tmpdir(), 'thdt-upgrade-'));
  const installed = join(root, 'installed');
  const versions = join(root, 'versions');
  const config = join(root, 'agent.json');
  let collector: Collector;
  let launcher: ChildProcess | null = null;
  let said = '';
  let privateKey: JWK;
  let cookie: string;

  const ask = async (method: string, path: string, body?: object | Buffer) => {
    const isFile = Buffer.isBuffer(body);
    const answer = await fetch(`${collector.address}/api/v1${path}`, {
      method,
      headers: {
        cookie,
        'x-thdt': '1',
        ...(body ? { 'content-type': isFile ? 'application/octet-stream' : 'application/json' } : {}),
      },
      ...(body ? { body: isFile ? new Uint8Array(body) : JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  /** Makes a release of the bundle in `folder` and uploads it, as the page does. */
  const release = async (version: string, folder: string) => {
    const out = join(root, `release-${version}`);
    await signFolder(folder, { privateKey, version, out, platforms: [`${process.platform}-${process.arch}`] });
    const { missing } = await ask('POST', '/releases', { manifest: await readFile(join(out, MANIFEST), 'utf8') });
    await Promise.all(
      missing.map(async (digest: string) =>
        ask('POST', `/releases/files/${digest}`, await readFile(join(out, 'files', digest))),
      ),
    );
  };
  const scripted = (version: string, code: string) => {
    const folder = join(root, `bundle-${version}`);
    mkdirSync(join(folder, 'app'), { recursive: true });
    writeFileSync(join(folder, 'app', 'main.mjs'), code);
    return folder;
  };
  const rollOut = (version: string) =>
    ask('POST', '/releases/rollouts', { unitId: null, version, sharePercent: 100, running: true });
  const heard = async (): Promise<Heard | null> => {
    const row = await collector.store.selectFrom('agent').select('health').executeTakeFirst();
    return row?.health ? JSON.parse(row.health) : null;
  };
  const hears = (what: string, holds: (heard: Heard) => boolean) =>
    until(
      what,
      async () => {
        const now = await heard();
        return now !== null && holds(now) ? now : null;
      },
      30_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${said.slice(-2000)}`);
    });
  const start = (times: typeof PATIENT) => {
    const child = spawn(NODE, [join(installed, 'launcher.mjs'), '--versions', versions, 'run', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        THDT_LAUNCHER_TIMES: JSON.stringify(times),
        THDT_UPGRADE_TIMES: JSON.stringify(UPGRADE_TIMES),
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    launcher = child;
  };
  const stop = async () => {
    const child = launcher!;
    launcher = null;
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    child.kill('SIGTERM');
    return ended;
  };

  beforeAll(async () => {
    const keys = await newKeys();
    privateKey = keys.privateKey;
    const bundleB = join(root, `bundle-${B}`);
    await Promise.all([bundleAgent(installed, { version: A }), bundleLauncher(installed)]);
    cpSync(join(installed, 'app'), join(bundleB, 'app'), { recursive: true });
    for (const name of (await readdir(join(bundleB, 'app'))).filter((one) => one.endsWith('.mjs'))) {
      const file = join(bundleB, 'app', name);
      const text = readFileSync(file, 'utf8');
      if (text.includes(A)) writeFileSync(file, text.replaceAll(A, B));
    }
    collector = await startCollector({
      data: join(root, 'collector'),
      host: '127.0.0.1',
      port: 0,
      log: pino({ level: 'fatal' }),
      releaseKey: keys.publicKey as ReleaseKey,
    });
    const signedIn = await fetch(`${collector.address}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ link: collector.signInLink!.split('#')[1] }),
    });
    cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    const unit = await ask('POST', '/units', { name: 'Phường', parentId: null });
    const school = { unitId: unit.id, code: 'T', name: 'Trường', levels: ['primary'] };
    const { id } = await ask('POST', '/schools', school);
    const { code } = await ask('POST', `/schools/${id}/enrolments`, {});
    writeFileSync(
      config,
      JSON.stringify({
        collector: collector.address,
        releaseKey: keys.publicKey,
        reportEverySeconds: 0.2,
        schedule: { 'lan-reach': { everySeconds: 0.5 } },
        localPage: false,
        probes: { 'lan-reach': { targets: [{ id: 'self', address: '127.0.0.1' }] } },
      }),
    );
    await enrol(join(root, 'data'), collector.address, code);
    await release(B, bundleB);
    await release(
      SILENT,
      scripted(SILENT, 'process.on("disconnect", () => process.exit(0)); setInterval(() => {}, 1000);'),
    );
    await release(DEAD, scripted(DEAD, 'process.exit(1);'));
    await release(TAMPERED, scripted(TAMPERED, 'setInterval(() => {}, 1000);'));
    start(PATIENT);
  });
  afterAll(async () => {
    launcher?.kill('SIGKILL');
    await collector?.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('follows the version that the district names', async () => {
    expect(await hears('A reports', ({ version }) => version === A)).not.toHaveProperty('upgrade');
    await rollOut(B);
    const now = await hears('B reports', ({ version }) => version === B);
    expect(now.upgrade).toEqual({ version: B, state: 'ok', why: null });
    await until('B is acknowledged', () => existsSync(join(versions, 'acknowledged.json')));
  });

  test('goes back from a version that dies at once', async () => {
    await rollOut(DEAD);
    const now = await hears('back from the dead one', ({ upgrade }) => upgrade?.version === DEAD);
    expect(now).toMatchObject({ version: B, upgrade: { state: 'went-back', why: 'died' } });
    const { versions: counts, troubles } = await ask('GET', '/releases');
    expect(counts).toContainEqual(expect.objectContaining({ version: DEAD, wentBack: 1, waiting: 0 }));
    expect(troubles).toMatchObject([{ version: DEAD, runs: B, state: 'went-back' }]);
  });

  test('goes back from a version that never reports, and tells why', async () => {
    expect(await stop()).toBe(0);
    start(HASTY);
    await rollOut(SILENT);
    const now = await hears('back from the silent one', ({ upgrade }) => upgrade?.version === SILENT);
    expect(now).toMatchObject({ version: B, upgrade: { state: 'went-back', why: 'silent' } });
    const tried = said.split(SILENT).length;
    // Named in every acknowledgement, and never tried again.
    const reports = async () => (await collector.store.selectFrom('report').select('id').execute()).length;
    const before = await reports();
    await until('five more reports', async () => (await reports()) > before + 5);
    expect(said.split(SILENT).length).toBe(tried);
  });

  test('refuses a file and a manifest that were tampered with at the collector, and keeps on running', async () => {
    const folder = join(root, 'collector', 'releases');
    const text = 'setInterval(() => {}, 1000);';
    const names = await readdir(folder, { recursive: true });
    const victim = names
      .map((name) => join(folder, name))
      .find((file) => /[0-9a-f]{64}$/.test(file) && readFileSync(file, 'utf8') === text)!;
    const good = readFileSync(victim);
    writeFileSync(victim, text.replace('1000', '1001'));
    await rollOut(TAMPERED);
    const file = await hears('told of the file', ({ upgrade }) => upgrade?.state === 'failed');
    expect(file).toMatchObject({ version: B, upgrade: { version: TAMPERED } });
    expect(file.upgrade?.why).toMatch(/^digest: main.mjs/);
    const { manifest } = await collector.store
      .selectFrom('release')
      .select('manifest')
      .where('version', '=', TAMPERED)
      .executeTakeFirstOrThrow();
    const stranger = (await newKeys()).privateKey;
    const out = join(root, 'forged');
    cpSync(join(root, `bundle-${TAMPERED}`), join(root, 'forged-bundle'), { recursive: true });
    await signFolder(join(root, 'forged-bundle'), {
      privateKey: stranger,
      version: TAMPERED,
      out,
      platforms: [`${process.platform}-${process.arch}`],
    });
    const forged = readFileSync(join(out, MANIFEST), 'utf8');
    expect(forged).not.toBe(manifest);
    await collector.store.updateTable('release').set({ manifest: forged }).where('version', '=', TAMPERED).execute();
    const signed = await hears('told of the manifest', ({ upgrade }) => upgrade?.why?.startsWith('manifest') === true);
    expect(signed).toMatchObject({
      version: B,
      upgrade: { version: TAMPERED, state: 'failed', why: expect.stringContaining('signature') },
    });
    expect(existsSync(join(versions, TAMPERED))).toBe(false);
    // Not before: with a good file and a good manifest the agent would rightly follow.
    writeFileSync(victim, good);
  });

  test('goes back to an older version that the district names, and ends cleanly when it is told to', async () => {
    await release(A, installed);
    expect(await stop()).toBe(0);
    start(PATIENT);
    await rollOut(A);
    await hears('A again', ({ version, upgrade }) => version === A && upgrade?.state === 'ok');
    expect(await stop()).toBe(0);
  });
});
