import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { FromCollector } from '../../collector/main.ts';
import { newKeys, sample, type TestAgent, testAgent } from '../collector/harness.ts';

const KILLS = 20;
const AGENTS = 4;
const SAMPLES = 20;
const MAIN = join(import.meta.dirname, '../../collector/main.ts');

let running: ChildProcess | undefined;
const directory = mkdtempSync(join(tmpdir(), 'thdt-killed-'));
afterEach(() => {
  running?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function startCollector(): Promise<{ address: string; link: string }> {
  const child = fork(MAIN, ['--data', directory, '--port', '0'], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, LOG_LEVEL: 'error' },
  });
  running = child;
  const message = await new Promise<FromCollector>((resolve, reject) => {
    child.once('message', (sent) => resolve(sent as FromCollector));
    child.once('exit', (code) => reject(new Error(`the collector ended with ${code}`)));
  });
  if (message.type !== 'ready') throw new Error(JSON.stringify(message));
  return { address: message.address, link: message.signInLink!.split('#')[1]! };
}

async function kill(): Promise<void> {
  const ended = new Promise((resolve) => running!.once('exit', resolve));
  running!.kill('SIGKILL');
  await ended;
}

async function enrol(address: string, link: string): Promise<TestAgent[]> {
  const json = { 'content-type': 'application/json' };
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${address}/api/v1${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
  const signedIn = await post('/session', { link });
  const own = { cookie: signedIn.headers.get('set-cookie')!.split(';')[0]!, 'x-thdt': '1' };
  const made = async (path: string, body: unknown) => (await (await post(path, body, own)).json()) as { id: string };
  const unit = await made('/units', { name: 'Q', parentId: null });
  const school = await made('/schools', { unitId: unit.id, code: 'T', name: 'Trường', levels: ['primary'] });
  return Promise.all(
    Array.from({ length: AGENTS }, async () => {
      const { code } = (await (await post(`/schools/${school.id}/enrolments`, {}, own)).json()) as { code: string };
      const keys = await newKeys();
      const request = { code, publicKey: keys.publicKey, hostname: 'pc', version: '1' };
      const { agentId } = (await (await post('/enrol', request)).json()) as { agentId: string };
      return testAgent(agentId, school.id, keys.privateKey);
    }),
  );
}

test(`a collector killed with -9 ${KILLS} times in mid-ingest keeps every acknowledged report exactly once`, async () => {
  const started = await startCollector();
  let { address } = started;
  const agents = await enrol(address, started.link);
  const acknowledged = new Set<string>();
  /** Signed and not yet acknowledged: what an agent's spool holds. */
  const pending = new Map<string, string>();
  let duplicates = 0;
  let killedInFlight = 0;

  const send = async (id: string, jws: string): Promise<boolean> => {
    const answer = await fetch(`${address}/api/v1/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: jws,
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
    if (!answer) return false;
    const body = (await answer.json().catch(() => undefined)) as { stored?: string } | undefined;
    if (!answer.ok || !body) return false;
    if (body.stored === 'duplicate') duplicates++;
    acknowledged.add(id);
    pending.delete(id);
    return true;
  };
  const fill = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const agent = agents[index % AGENTS]!;
      const samples = Array.from({ length: SAMPLES }, (_, n) =>
        sample('lan-reach', `pc-${n}`, Date.now(), { rttMs: n }),
      );
      const report = agent.report(samples);
      pending.set(report.id, await agent.sign(report));
    }
  };

  for (let round = 0; round < KILLS; round++) {
    await fill(40);
    // Kill once a share of the round was acknowledged, a different one each time: mid-ingest whatever the machine's speed.
    const killAfter = acknowledged.size + 1 + ((round * 7) % 36);
    let killing: Promise<void> | undefined;
    const results = await Promise.all(
      [...pending].map(async ([id, jws]) => {
        const stored = await send(id, jws);
        if (acknowledged.size >= killAfter) killing ??= kill();
        return stored;
      }),
    );
    killedInFlight += results.filter((stored) => !stored).length;
    await (killing ?? kill());
    ({ address } = await startCollector());
  }
  for (const [id, jws] of [...pending]) expect(await send(id, jws), `report ${id} after the last restart`).toBe(true);
  await kill();

  const store = new Database(join(directory, 'thdt.sqlite'), { readonly: true });
  const stored = store.prepare('select id from report').all() as { id: string }[];
  const { n } = store.prepare('select count(*) as n from sample').get() as { n: number };
  const integrity = store.pragma('integrity_check', { simple: true });
  store.close();
  expect(integrity).toBe('ok');
  expect(acknowledged.size).toBe(KILLS * 40);
  expect(new Set(stored.map((row) => row.id))).toEqual(acknowledged);
  expect(stored).toHaveLength(KILLS * 40);
  expect(n).toBe(KILLS * 40 * SAMPLES);
  // The kills hit: requests were cut off, and some of those reports had been stored before their acknowledgement was lost.
  expect(killedInFlight).toBeGreaterThan(KILLS);
  process.stdout.write(`killed ${KILLS} times: ${killedInFlight} sends cut off, ${duplicates} were already stored\n`);
  // Twenty starts, of which a slow machine needs ten seconds each.
}, 600_000);
