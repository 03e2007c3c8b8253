import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startJudging } from '../../collector/judging/judging.ts';
import { startLoop } from '../../collector/judging/loop.ts';
import { Live } from '../../collector/live.ts';
import { openSqlite } from '../../collector/store/sqlite.ts';
import { enrolAgent, type Harness, makeSchool, sample, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

test('the judging thread fills findings after a report, tells of it, and ends when asked to', async () => {
  const schoolId = await makeSchool(harness);
  const agent = await enrolAgent(harness, schoolId);
  const live = new Live();
  const listening = new AbortController();
  const broken: unknown[] = [];
  const judging = startJudging(
    harness.directory,
    live,
    { error: (...said: unknown[]) => void broken.push(said) },
    { pauseMs: 10, sweepMs: 3_600_000, againMs: 0 },
  );
  const told = live.changes(listening.signal);
  // The first sweep tells of the school once: it has findings now.
  expect((await told.next()).value).toMatchObject({ schoolId });
  await harness.context.ingest.take(
    await agent.sign(
      agent.report([
        sample('lan-reach', 'may-\u0061\u0301', Date.now(), { method: 'icmp' }),
        sample('wifi', 'wifi-may-hieu-pho', Date.now(), { sent: 20, answered: 20 }),
      ]),
    ),
  );
  judging.touch(schoolId);
  expect((await told.next()).value).toMatchObject({ schoolId });
  listening.abort();
  await judging.stop();
  expect(broken).toEqual([]);
  const { body } = await harness.ask('GET', `/schools/${schoolId}`);
  expect(body.findings).toHaveLength(13);
  // Two spellings of one letter are one id; what the inventory does not list is shown as such. A host's own Wi-Fi needs
  // no entry.
  expect(body.unlisted).toMatchObject([{ probe: 'lan-reach', target: 'may-\u00e1' }]);
});

test('a school whose judging broke off, because the store was busy, is judged again at once and its pages are told', async () => {
  const schoolId = await makeSchool(harness);
  const store = await openSqlite(harness.directory, 20);
  const busy = new SqliteDatabase(join(harness.directory, 'thdt.sqlite'));
  const broken: unknown[] = [];
  const first = Promise.withResolvers<void>();
  const told = Promise.withResolvers<string>();
  let isBusy = true;
  busy.exec('begin immediate');
  const loop = startLoop(
    store,
    { pauseMs: 5, sweepMs: 3_600_000, againMs: 20 },
    {
      judged: (id) => id === schoolId && !isBusy && told.resolve(id),
      broke: (error, { school }) => {
        broken.push(error);
        if (school === schoolId) first.resolve();
      },
    },
  );
  loop.touch(schoolId);
  await first.promise;
  isBusy = false;
  busy.exec('commit');
  busy.close();
  expect(await told.promise).toBe(schoolId);
  await loop.stop();
  await store.destroy();
  expect(String(broken[0])).toContain('database is locked');
});
