import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReleaseKey } from '../../collector/releases/key.ts';
import { lotOf, namedFor, rolloutOf } from '../../collector/releases/rollout.ts';
import { type Release, type ReleaseKey, signRelease, verifyRelease } from '../../shared/wire/release.ts';
import type { Upgrade } from '../../shared/wire/report.ts';
import { signReport } from '../../shared/wire/signature.ts';
import { enrolAgent, type Harness, makeSchool, newKeys, startHarness, type TestAgent } from './harness.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TEXT = 'console.log(1)\n';
const OTHER = 'x'.repeat(100_000);
const releaseOf = (version: string, ...texts: string[]): Release => ({
  version,
  createdAt: '2026-11-25T04:00:00.000Z',
  notes: 'Sửa lỗi đo',
  platforms: {
    'linux-x64': {
      entry: 'app/0.mjs',
      files: texts.map((text, n) => ({ path: `app/${n}.mjs`, size: text.length, sha256: sha256(text) })),
    },
  },
});

describe('the share of a rollout', () => {
  const ids = Array.from({ length: 1000 }, (_, n) => `agent-${n}`);
  const named = (share: number, version = '1.1.0') =>
    ids.filter((id) => namedFor(id, { unit_id: null, version, share, running: 1 }) !== null);

  test('is about so many of the agents, the same each time, and a larger one keeps those of a smaller one', () => {
    expect(named(0)).toEqual([]);
    expect(named(100)).toEqual(ids);
    for (const share of [1, 10, 30, 50, 90]) {
      const few = named(share);
      expect(few).toEqual(named(share));
      expect(Math.abs(few.length - share * 10)).toBeLessThan(50);
      expect(few.filter((id) => !named(Math.min(100, share + 7)).includes(id))).toEqual([]);
    }
  });

  test('is drawn anew for another version', () => {
    expect(named(10, '1.2.0')).not.toEqual(named(10));
    expect(ids.every((id) => lotOf(id, '1.1.0') >= 0 && lotOf(id, '1.1.0') < 100)).toBe(true);
  });

  test('is that of the nearest unit, and a stopped one is no reason to look further up', () => {
    const above = new Map([
      ['ward', 'district'],
      ['district', null],
      ['a', 'b'],
      ['b', 'a'],
    ]);
    const whole = { unit_id: null, version: '1.0.0', share: 100, running: 1 };
    const ward = { unit_id: 'ward', version: '2.0.0', share: 100, running: 0 };
    expect(rolloutOf([whole, ward], above, 'ward')).toBe(ward);
    expect(namedFor('x', rolloutOf([whole, ward], above, 'ward'))).toBeNull();
    expect(rolloutOf([whole, ward], above, 'district')).toBe(whole);
    expect(rolloutOf([whole, ward], above, 'a'), 'units in a circle').toBe(whole);
    expect(rolloutOf([], above, 'ward')).toBeNull();
  });
});

describe('releases at the collector', () => {
  let harness: Harness;
  let key: JWK;
  let schoolId: string;
  let agent: TestAgent;

  beforeAll(async () => {
    harness = await startHarness();
    const keys = await newKeys();
    key = keys.privateKey;
    schoolId = await makeSchool(harness);
    agent = await enrolAgent(harness, schoolId);
    expect(await add('1.1.0', TEXT)).toMatchObject({ status: 409, body: { error: { code: 'not-now' } } });
    harness.context.releases.key = keys.publicKey as ReleaseKey;
  });
  afterAll(() => harness.close());

  const add = async (version: string, ...texts: string[]) =>
    harness.ask('POST', '/releases', { manifest: await signRelease(releaseOf(version, ...texts), key) });
  const put = async (digest: string, payload: string) => {
    const answer = await harness.app.inject({
      method: 'POST',
      url: `/api/v1/releases/files/${digest}`,
      headers: { cookie: harness.cookie, 'x-thdt': '1', 'content-type': 'application/octet-stream' },
      payload,
    });
    return answer.statusCode;
  };
  const rollOut = (version: string | null, change: object = {}) =>
    harness.ask('POST', '/releases/rollouts', { unitId: null, version, sharePercent: 100, running: true, ...change });
  const report = async (by: TestAgent, version: string, upgrade?: Upgrade) => {
    const made = by.report([]);
    made.health = { ...made.health, version, ...(upgrade ? { upgrade } : {}) };
    const answer = await harness.app.inject({
      method: 'POST',
      url: '/api/v1/reports',
      headers: { 'content-type': 'application/jose' },
      payload: await by.sign(made),
    });
    expect(answer.statusCode).toBe(201);
    return answer.json().release;
  };

  test('a release is taken with its files, served to anybody, and rolled out only when it is whole', async () => {
    expect(await add('1.1.0', TEXT, OTHER)).toMatchObject({
      status: 201,
      body: { version: '1.1.0', notes: 'Sửa lỗi đo', missing: [sha256(TEXT), sha256(OTHER)] },
    });
    expect(await put(sha256(TEXT), TEXT)).toBe(204);
    expect((await harness.app.inject('/api/v1/releases/1.1.0/manifest')).statusCode, 'not whole').toBe(404);
    expect(await rollOut('1.1.0')).toMatchObject({ status: 409, body: { error: { code: 'not-now' } } });
    expect(await put(sha256(OTHER), OTHER)).toBe(204);
    const manifest = await harness.app.inject('/api/v1/releases/1.1.0/manifest');
    expect(await verifyRelease(manifest.body, harness.context.releases.key!)).toEqual(releaseOf('1.1.0', TEXT, OTHER));
    const file = await harness.app.inject(`/api/v1/releases/files/${sha256(OTHER)}`);
    expect(file.body).toBe(OTHER);
    expect(file.headers).toMatchObject({ 'content-length': '100000' });
    expect(file.headers['cache-control']).toContain('immutable');
    expect((await add('1.1.0', TEXT, OTHER)).status, 'the same again').toBe(200);
    expect(await add('1.1.0', TEXT)).toMatchObject({ status: 409, body: { error: { code: 'already-exists' } } });
  });

  test('what is not signed by the key, or is no release, is refused', async () => {
    const stranger = (await newKeys()).privateKey;
    const wrong = [await signRelease(releaseOf('1.3.0', TEXT), stranger), 'x', 'a.b.c'];
    for (const manifest of wrong)
      expect(await harness.ask('POST', '/releases', { manifest })).toMatchObject({
        status: 400,
        body: { error: { code: 'input-invalid' } },
      });
    expect((await harness.app.inject('/api/v1/releases/1.3.0/manifest')).statusCode).toBe(404);
  });

  test('a file that is not the one that was signed leaves nothing behind', async () => {
    await add('1.4.0', 'needed');
    const digest = sha256('needed');
    expect(await put(digest, 'neede!')).toBe(400);
    expect(await put(digest, 'need')).toBe(400);
    expect(await put(digest, 'needed and more')).toBe(413);
    expect(await put(sha256('nobody named it'), 'nobody named it')).toBe(404);
    expect(await put('..%2f..%2fthdt.sqlite', 'x')).toBe(400);
    const left = readdirSync(harness.context.releases.directory, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.includes(digest))).toEqual([]);
    expect(await put(digest, 'needed')).toBe(204);
  });

  test('an acknowledgement names the version to whoever runs another one, and to nobody once it is stopped', async () => {
    expect(await report(agent, '0.1.0')).toBeUndefined();
    const { body } = await rollOut('1.1.0');
    expect(body.rollouts).toMatchObject([{ unitId: null, version: '1.1.0', sharePercent: 100, running: true }]);
    expect(await report(agent, '0.1.0')).toEqual({ version: '1.1.0' });
    expect(await report(agent, '1.1.0')).toBeUndefined();
    await rollOut('1.1.0', { running: false });
    expect(await report(agent, '0.1.0')).toBeUndefined();
    await rollOut('1.1.0', { sharePercent: 0 });
    expect(await report(agent, '0.1.0')).toBeUndefined();
    expect((await rollOut('9.9.9')).status).toBe(404);
    expect((await rollOut('1.1.0', { sharePercent: 101 })).status).toBe(400);
    expect((await rollOut('1.1.0', { unitId: 'khong-co' })).status).toBe(404);
    const log = (await harness.ask('GET', '/audit?subject=rollout')).body;
    expect(log[0]).toMatchObject({ action: 'rollout.changed', by: 'Quản trị', after: { sharePercent: 0 } });
  });

  test('a unit has its own until it follows the district again; an older version may be named', async () => {
    const { unit } = (await harness.ask('GET', `/schools/${schoolId}`)).body;
    await rollOut('1.1.0');
    await rollOut('1.4.0', { unitId: unit.id });
    expect(await report(agent, '1.1.0')).toEqual({ version: '1.4.0' });
    expect(await report(agent, '1.4.0')).toBeUndefined();
    await rollOut(null, { unitId: unit.id });
    expect(await report(agent, '1.4.0')).toEqual({ version: '1.1.0' });
  });

  test('tells what is out there: upgraded, waiting, gone back, not fetched', async () => {
    const others = [
      await enrolAgent(harness, schoolId),
      await enrolAgent(harness, schoolId),
      await enrolAgent(harness, schoolId),
    ];
    await report(agent, '1.1.0', { version: '1.1.0', state: 'ok', why: null });
    await report(others[0]!, '0.1.0', { version: '1.1.0', state: 'went-back', why: 'died' });
    await report(others[1]!, '0.1.0', { version: '1.1.0', state: 'failed', why: 'disk-full: 0 bytes there' });
    await report(others[2]!, '0.1.0');
    const { versions, troubles } = (await harness.ask('GET', '/releases')).body;
    expect(versions).toEqual([
      { version: '0.1.0', agents: 3, upgraded: 0, waiting: 0, wentBack: 0, failed: 0 },
      { version: '1.1.0', agents: 1, upgraded: 1, waiting: 1, wentBack: 1, failed: 1 },
    ]);
    expect(troubles).toHaveLength(2);
    expect(troubles).toContainEqual(
      expect.objectContaining({
        agentId: others[0]!.id,
        version: '1.1.0',
        runs: '0.1.0',
        state: 'went-back',
        why: 'died',
      }),
    );
  });

  test('over 100 agents about a third is told when the share is 30 %', async () => {
    await rollOut('1.4.0', { sharePercent: 30 });
    const { ingest } = harness.context;
    let told = 0;
    for (let n = 0; n < 100; n++) {
      const id = `share-${n}`;
      const own = { ...(await newKeys()) };
      await harness.store
        .insertInto('agent')
        .values({
          id,
          school_id: schoolId,
          public_key: JSON.stringify(own.publicKey),
          hostname: id,
          version: '0.1.0',
          status: 'active',
          enrolled_at: 0,
          last_report_at: null,
          clock_offset_ms: null,
          health: null,
        })
        .execute();
      const made = { ...agent.report([]), agent: id };
      const { release } = await ingest.take(await signReport(made, own.privateKey));
      expect(release?.version ?? null).toBe(lotOf(id, '1.4.0') < 30 ? '1.4.0' : null);
      if (release) told++;
    }
    expect(told).toBeGreaterThan(15);
    expect(told).toBeLessThan(45);
  });
});

test('the collector takes a public key from a file, and refuses a private one by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'thdt-key-'));
  try {
    const { publicKey, privateKey } = await newKeys();
    const file = join(folder, 'key.json');
    const write = (text: string) => writeFileSync(file, text);
    write(JSON.stringify(publicKey));
    expect(readReleaseKey(file)).toEqual(publicKey);
    write(JSON.stringify(privateKey));
    expect(() => readReleaseKey(file)).toThrow(/private/);
    for (const text of ['', '{}', 'null', JSON.stringify({ ...publicKey, x: 'short' })]) {
      write(text);
      expect(() => readReleaseKey(file), text).toThrow(TypeError);
    }
    expect(() => readReleaseKey(join(folder, 'none'))).toThrow(/ENOENT/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
