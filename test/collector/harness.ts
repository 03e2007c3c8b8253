import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { ensureFirstAdministrator, hashToken } from '../../collector/access/people.ts';
import type { App, Context } from '../../collector/api/context.ts';
import { buildApp } from '../../collector/app.ts';
import { Editions } from '../../collector/editions/editions.ts';
import { fillAll, lockAll } from '../../collector/evaluation/jobs.ts';
import { Ingest } from '../../collector/ingest/ingest.ts';
import { Downloads } from '../../collector/installation/downloads.ts';
import { Live } from '../../collector/live.ts';
import { openSqlite, type Store } from '../../collector/store/sqlite.ts';
import type { Report, Sample } from '../../shared/wire/report.ts';
import { signReport } from '../../shared/wire/signature.ts';

/** A whole collector in this process on a real SQLite file, asked through `inject`. */
export interface Harness {
  app: App;
  store: Store;
  context: Context;
  directory: string;
  /** Signed in as the first administrator. */
  cookie: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever JSON came back; tests say what they expect
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<{ status: number; body: any }>;
  /** Resolves when the long work that was asked for is done. */
  jobs(): Promise<void>;
  close(): Promise<void>;
}

export const LINK = 'a-sign-in-link-for-tests';

export async function startHarness(now: () => number = Date.now): Promise<Harness> {
  const directory = mkdtempSync(join(tmpdir(), 'thdt-collector-'));
  const store = await openSqlite(directory);
  await ensureFirstAdministrator(store);
  const jobs: Promise<void>[] = [];
  const context: Context = {
    store,
    editions: await Editions.open(store, '8265/QĐ-UBND'),
    ingest: new Ingest(store, () => undefined, now),
    live: new Live(),
    now,
    judging: {
      touch: () => undefined,
      fill: (id) => void jobs.push(fillAll(store, id, { now, done: () => undefined })),
      lock: (id) => void jobs.push(lockAll(store, id, { now, done: () => undefined })),
    },
    evidenceDirectory: join(directory, 'evidence'),
    releases: { directory: join(directory, 'releases'), key: null },
    downloads: new Downloads(join(directory, 'downloads')),
    signInLinkHash: hashToken(LINK),
    secureCookies: false,
  };
  const app = await buildApp(context);
  const signedIn = await app.inject({ method: 'POST', url: '/api/v1/session', payload: { link: LINK } });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
  return {
    app,
    store,
    context,
    directory,
    cookie,
    ask: async (method, path, body) => {
      const answer = await app.inject({
        method,
        url: `/api/v1${path}`,
        headers: { cookie, 'x-thdt': '1' },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
    },
    jobs: async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await job;
    },
    close: async () => {
      await app.close();
      await store.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface TestAgent {
  id: string;
  schoolId: string;
  privateKey: JWK;
  report(samples: Sample[], at?: number): Report;
  sign(report: Report): Promise<string>;
}

/** Makes a unit and a school. */
export async function makeSchool(harness: Harness, code = uuidv7()): Promise<string> {
  const unit = await harness.ask('POST', '/units', { name: `Đơn vị ${code}`, parentId: null });
  const school = await harness.ask('POST', '/schools', {
    unitId: unit.body.id,
    code: code.slice(-32),
    name: 'Tiểu học Thử',
    levels: ['primary'],
  });
  return school.body.id as string;
}

/** Enrols an agent with a key of its own at a school, as an agent does. */
export async function enrolAgent(harness: Harness, schoolId: string): Promise<TestAgent> {
  const { code } = (await harness.ask('POST', `/schools/${schoolId}/enrolments`, {})).body;
  const keys = await newKeys();
  const answer = await harness.ask('POST', '/enrol', {
    code,
    publicKey: keys.publicKey,
    hostname: 'may-chu',
    version: '0.1.0',
  });
  return testAgent(answer.body.agentId as string, schoolId, keys.privateKey);
}

export async function newKeys(): Promise<{ publicKey: JWK; privateKey: JWK }> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { kty, crv, x } = await exportJWK(pair.publicKey);
  return { publicKey: { kty, crv, x } as JWK, privateKey: await exportJWK(pair.privateKey) };
}

export function testAgent(id: string, schoolId: string, privateKey: JWK): TestAgent {
  return {
    id,
    schoolId,
    privateKey,
    report: (samples, at = Date.now()) => ({
      id: uuidv7(),
      agent: id,
      createdAt: new Date(at).toISOString(),
      samples,
      health: {
        version: '0.1.0',
        startedAt: new Date(at).toISOString(),
        queued: 1,
        setAside: 0,
        failedRuns: 0,
        everySeconds: { 'lan-reach': 300 },
      },
    }),
    sign: (report) => signReport(report, privateKey),
  };
}

export const sample = (
  probe: string,
  target: string,
  at: number,
  values: Record<string, unknown> = {},
  reason: string | null = null,
): Sample => ({ probe, target, at: new Date(at).toISOString(), ok: reason === null, reason, values });
