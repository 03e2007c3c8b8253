import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { startCollector } from '../../collector/collector.ts';
import type { Store } from '../../collector/store/sqlite.ts';
import { newKeys, type TestAgent, testAgent } from './harness.ts';

/** A whole collector as it runs at a district: its own port, its judging thread, its page; asked over HTTP. */
export interface Running {
  base: string;
  store: Store;
  /** Page that signs the first administrator in. */
  link: string;
  admin: Caller;
  /** Signs in with name and password. */
  as(username: string, password: string): Promise<Caller>;
  close(): Promise<void>;
}
export type Caller = <T = unknown>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<T>;

export async function startRunning(): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), 'thdt-running-'));
  const collector = await startCollector({ data, host: '127.0.0.1', port: 0, log: pino({ level: 'fatal' }) });
  const { address: base, store, signInLink } = collector;
  const signIn = async (body: object) => {
    const answer = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return callerOf(base, answer.headers.get('set-cookie')!.split(';')[0]!);
  };
  return {
    base,
    store,
    link: signInLink!,
    admin: await signIn({ link: signInLink!.split('#')[1] }),
    as: (username, password) => signIn({ username, password }),
    close: async () => {
      await collector.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Answers the body; throws with the collector's own words where it refuses. */
function callerOf(base: string, cookie: string): Caller {
  return async (method, path, body) => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { cookie, 'x-thdt': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

/** An agent of the school that needs no enrolment code: codes are given out slowly. */
export async function placeAgent(store: Store, schoolId: string): Promise<TestAgent> {
  const keys = await newKeys();
  const id = uuidv7();
  await store
    .insertInto('agent')
    .values({
      id,
      school_id: schoolId,
      public_key: JSON.stringify(keys.publicKey),
      hostname: 'may-chu',
      version: '0.1.0',
      status: 'active',
      enrolled_at: Date.now(),
      last_report_at: null,
      clock_offset_ms: null,
      health: null,
    })
    .execute();
  return testAgent(id, schoolId, keys.privateKey);
}

/** Sends samples in one signed report, as an agent does. */
export async function send(base: string, agent: TestAgent, samples: Parameters<TestAgent['report']>[0]): Promise<void> {
  const answer = await fetch(`${base}/api/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose' },
    body: await agent.sign(agent.report(samples)),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
