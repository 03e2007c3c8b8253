import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UpgradeError } from '../../../agent/upgrade/fetch-file.ts';
import { install } from '../../../agent/upgrade/install.ts';
import { readCurrent, startFile, switchTo, writeCurrent } from '../../../agent/upgrade/versions.ts';
import { signRelease } from '../../../shared/wire/release.ts';
import { scratch, until } from '../runtime/helpers.ts';
import { PLATFORM, startReleases } from './release-server.ts';

const FILES = {
  'app/main.mjs': 'import "./part/chunk.mjs";\n',
  'app/part/chunk.mjs': 'x'.repeat(200_000),
  'app/empty.txt': '',
};
const NODE = path.join(import.meta.dirname, '../../../node_modules/.bin/node');
const ENTRY = path.join(import.meta.dirname, 'install-entry.ts');

const versionOf = (dir: string) => readdirSync(dir).filter((name) => /^\d/.test(name));
const contents = (folder: string) =>
  Object.fromEntries(Object.keys(FILES).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));

async function ready(files: Record<string, string> = FILES) {
  const releases = await startReleases(files);
  const dir = scratch();
  const run = (change: object = {}) =>
    install({
      dir,
      version: '2.0.0',
      base: releases.base,
      releaseKey: releases.key,
      platform: PLATFORM,
      signal: AbortSignal.timeout(10_000),
      ...change,
    });
  return { releases, dir, run };
}

describe('installing a version', () => {
  it('brings every file, keeps current and previous, and removes what is older', async () => {
    const { releases, dir, run } = await ready();
    for (const old of ['0.9.0', '1.0.0', '1.1.0', '1.2.0.partial']) mkdirSync(path.join(dir, old));
    writeCurrent(dir, { version: '1.1.0', entry: 'm', previous: { version: '1.0.0', entry: 'm' }, wentBackFrom: null });
    expect(await run()).toEqual({ entry: 'app/main.mjs' });
    expect(versionOf(dir).sort()).toEqual(['1.0.0', '1.1.0', '2.0.0']);
    expect(contents(path.join(dir, '2.0.0'))).toEqual(FILES);
    expect(readCurrent(dir).version).toBe('1.1.0');
    const asked = releases.asked.length;
    await run();
    expect(releases.asked.length, 'what is there is not fetched again').toBe(asked + 1);
  });

  type Ready = Awaited<ReturnType<typeof ready>>;
  const swap = ({ releases }: Ready, at: string, body: string, status = 200) =>
    releases.served.set(at, { status, body });
  it.each<[string, (it: Ready) => unknown, string]>([
    [
      'a file with one letter changed',
      (it) => swap(it, it.releases.fileOf('app/part/chunk.mjs'), `y${'x'.repeat(199_999)}`),
      'digest',
    ],
    ['a file cut short', (it) => swap(it, it.releases.fileOf('app/part/chunk.mjs'), 'x'), 'digest'],
    [
      'a file that goes on',
      (it) => swap(it, it.releases.fileOf('app/part/chunk.mjs'), 'x'.repeat(200_001)),
      'too-large',
    ],
    ['a file that is gone', (it) => swap(it, it.releases.fileOf('app/main.mjs'), '', 404), 'not-found'],
    ['a portal that redirects', (it) => swap(it, it.releases.manifestPath, '', 302), 'no-answer'],
    ['a portal’s page for a manifest', (it) => swap(it, it.releases.manifestPath, '<html>'), 'manifest'],
    [
      'a manifest larger than anybody reads',
      (it) => swap(it, it.releases.manifestPath, 'x'.repeat(600_000)),
      'too-large',
    ],
    [
      'a manifest with one letter changed',
      (it) => {
        const jws = String(it.releases.served.get(it.releases.manifestPath)!.body);
        const at = jws.indexOf('.') + 20;
        swap(it, it.releases.manifestPath, `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`);
      },
      'manifest',
    ],
    [
      'the signed manifest of another version',
      async (it) =>
        swap(
          it,
          it.releases.manifestPath,
          await signRelease({ ...it.releases.release, version: '1.0.0' }, it.releases.privateKey),
        ),
      'manifest',
    ],
    [
      'nothing for this platform',
      async (it) => {
        const platforms = { 'darwin-ia32': it.releases.release.platforms[PLATFORM]! };
        swap(
          it,
          it.releases.manifestPath,
          await signRelease({ ...it.releases.release, platforms }, it.releases.privateKey),
        );
      },
      'no-platform',
    ],
  ])('%s: refused, and nothing bears its name', async (_, spoil, code) => {
    const made = await ready();
    await spoil(made);
    await expect(made.run()).rejects.toMatchObject({ name: 'UpgradeError', code });
    expect(versionOf(made.dir).filter((name) => !name.endsWith('.partial'))).toEqual([]);
  });

  it('by another key is refused', async () => {
    const { run } = await ready();
    const { key } = await startReleases(FILES);
    await expect(run({ releaseKey: key })).rejects.toMatchObject({ code: 'manifest' });
  });

  it('a version folder that was damaged is made anew', async () => {
    const { dir, run } = await ready();
    await run();
    writeFileSync(path.join(dir, '2.0.0/app/main.mjs'), 'import "./part/chunk.mjs";!');
    await run();
    expect(contents(path.join(dir, '2.0.0'))).toEqual(FILES);
  });

  it('a disk that is full says so and is left as it was', async () => {
    const { dir, run } = await ready();
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const onStep = (step: string) => {
      if (step === 'file app/empty.txt') throw full;
    };
    await expect(run({ onStep })).rejects.toMatchObject({ name: 'UpgradeError', code: 'disk-full' });
    expect(versionOf(dir)).toEqual([]);
  });

  it('ends with its deadline when the collector says nothing', async () => {
    const { run } = await ready();
    await expect(run({ signal: AbortSignal.abort(new Error('too long')) })).rejects.toMatchObject({
      code: 'no-answer',
    });
  });
});

describe('broken off', () => {
  it('before any step: nothing half-installed is ever started, and the next try ends well', async () => {
    const { dir, run } = await ready();
    mkdirSync(path.join(dir, '1.0.0'));
    writeFileSync(path.join(dir, '1.0.0', 'main.mjs'), '');
    writeCurrent(dir, { version: '1.0.0', entry: 'main.mjs', previous: null, wentBackFrom: null });
    let broken = 0;
    for (let breakAt = 0; ; breakAt++) {
      let step = 0;
      const onStep = () => {
        // Nothing runs after it that an end of the process would not have let run.
        if (step++ === breakAt) throw new UpgradeError('disk', 'broken off');
      };
      const entry = await run({ onStep }).then(
        (done) => done.entry,
        () => null,
      );
      const current = readCurrent(dir);
      expect(current.version).toBe('1.0.0');
      expect(startFile(dir, current, 'installed')).toBe(path.join(dir, '1.0.0', 'main.mjs'));
      if (existsSync(path.join(dir, '2.0.0'))) expect(contents(path.join(dir, '2.0.0'))).toEqual(FILES);
      if (entry !== null) break;
      broken++;
    }
    expect(broken).toBeGreaterThanOrEqual(6);
    switchTo(dir, '2.0.0', 'app/main.mjs');
    expect(readCurrent(dir)).toMatchObject({ version: '2.0.0', previous: { version: '1.0.0' } });
  });

  it('killed in the middle of a file: the next try takes it up and ends well', async () => {
    const { releases, dir, run } = await ready();
    const chunk = releases.fileOf('app/part/chunk.mjs');
    const options = { dir, version: '2.0.0', base: releases.base, releaseKey: releases.key };
    releases.half.add(chunk);
    const child = spawn(NODE, [ENTRY, JSON.stringify(options)], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const torn = path.join(dir, '2.0.0.partial/app/part/chunk.mjs');
    await until('half of the file is there', () => existsSync(torn) && statSync(torn).size > 0, 60_000);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(versionOf(dir)).toEqual(['2.0.0.partial']);
    releases.half.clear();
    await run();
    expect(contents(path.join(dir, '2.0.0'))).toEqual(FILES);
    expect(releases.asked.filter((url) => url === releases.fileOf('app/main.mjs'))).toHaveLength(1);
  });

  it('switching twice to the same version keeps what was before it', () => {
    const dir = scratch();
    switchTo(dir, '1.0.0', 'm');
    switchTo(dir, '2.0.0', 'm');
    switchTo(dir, '2.0.0', 'm');
    expect(readCurrent(dir)).toMatchObject({ version: '2.0.0', previous: { version: '1.0.0' } });
  });
});
