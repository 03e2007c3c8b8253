import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { install } from '../../../agent/upgrade/install.ts';
import { type CacheOptions, ReleaseCache, releaseRoutes } from '../../../agent/upgrade/relay-cache.ts';
import { scratch } from '../runtime/helpers.ts';
import { PLATFORM, sha256, startReleases } from './release-server.ts';

const FILES = { 'app/main.mjs': 'a'.repeat(1000), 'app/b.mjs': 'b'.repeat(1000), 'app/c.mjs': 'c'.repeat(1000) };

/** A collector, a relay before it, and its folder. */
async function relayed(options: Partial<CacheOptions> = {}) {
  const releases = await startReleases(FILES);
  const directory = path.join(scratch(), 'cache');
  const routes = releaseRoutes(new ReleaseCache({ directory, collector: () => releases.base, ...options }));
  const server = createServer(async (request, response) => {
    if (!(await routes(request, response))) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(`${base}${url}`, { redirect: 'manual', ...init });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  return { releases, directory, base, get };
}

describe('the cache of a relay', () => {
  it('lets sixty PCs install, and asks the district once for each file', async () => {
    const { releases, base, directory } = await relayed();
    const one = () =>
      install({
        dir: scratch(),
        version: '2.0.0',
        base,
        releaseKey: releases.key,
        platform: PLATFORM,
        signal: AbortSignal.timeout(30_000),
      });
    await Promise.all(Array.from({ length: 60 }, one));
    expect(releases.asked.sort()).toEqual(
      [releases.manifestPath, ...Object.keys(FILES).map((file) => releases.fileOf(file))].sort(),
    );
    expect(readdirSync(directory).sort()).toEqual(Object.values(FILES).map(sha256).sort());
  });

  it('answers from disk when the district is away', async () => {
    const { releases, get } = await relayed();
    const url = releases.fileOf('app/main.mjs');
    expect(await get(url)).toMatchObject({ status: 200, text: FILES['app/main.mjs'] });
    releases.served.clear();
    expect(await get(url)).toMatchObject({ status: 200, text: FILES['app/main.mjs'] });
    expect((await get(releases.fileOf('app/b.mjs'))).status).toBe(404);
  });

  it('passes on nothing that is not of its digest, and asks again for it', async () => {
    const { releases, directory, get } = await relayed();
    const url = releases.fileOf('app/main.mjs');
    releases.served.set(url, { status: 200, body: 'tampered' });
    const answer = await get(url);
    expect([answer.status, answer.text.includes('tampered')]).toEqual([502, false]);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(readdirSync(directory)).toEqual([]);
    releases.served.set(url, { status: 200, body: FILES['app/main.mjs'] });
    expect((await get(url)).status).toBe(200);
  });

  it('keeps within its limit: the file longest not asked for goes, and what was left unfinished', async () => {
    const { releases, directory, get } = await relayed({ maxBytes: 2500, deadlineMs: 60_000 });
    mkdirSync(directory);
    const left = path.join(directory, 'left.tmp');
    writeFileSync(left, 'x');
    const ago = (file: string, seconds: number) =>
      utimesSync(file, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
    ago(left, 3600);
    const [a, b, c] = Object.values(FILES).map(sha256) as [string, string, string];
    await get(releases.fileOf('app/main.mjs'));
    await get(releases.fileOf('app/b.mjs'));
    ago(path.join(directory, a), 100);
    ago(path.join(directory, b), 200);
    await get(releases.fileOf('app/c.mjs'));
    expect(readdirSync(directory).sort()).toEqual([a, c].sort());
  });

  it('fetches only so many at once', async () => {
    const { releases, get } = await relayed({ maxFetches: 1, deadlineMs: 1500 });
    const stalled = releases.fileOf('app/main.mjs');
    releases.half.add(stalled);
    const first = get(stalled);
    await new Promise<void>((resolve) => {
      const look = () => (releases.asked.includes(stalled) ? resolve() : setTimeout(look, 5));
      look();
    });
    expect((await get(releases.fileOf('app/b.mjs'))).status).toBe(503);
    expect((await first).status, 'ends with its deadline').toBe(502);
    expect((await get(releases.fileOf('app/b.mjs'))).status).toBe(200);
  });

  it.each([
    ['/api/v1/releases'],
    ['/api/v1/releases/files/x'],
    ['/api/v1/releases/files/..%2f..%2fidentity.json'],
    ['/api/v1/releases/1.0/manifest'],
    [`/api/v1/releases/files/${'a'.repeat(64)}?x`],
    ['/api/v1/session'],
  ])('leaves %s to others', async (url) => {
    const { releases, get } = await relayed();
    expect((await get(url)).status).toBe(418);
    expect(releases.asked).toEqual([]);
  });

  it('takes no POST', async () => {
    const { releases, get } = await relayed();
    expect((await get(releases.fileOf('app/b.mjs'), { method: 'POST' })).status).toBe(418);
  });
});
