import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../collector/store/sqlite.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thdt-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const tables = () => {
  const database = new Database(join(directory, 'thdt.sqlite'), { readonly: true });
  const names = database.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
  const found = names.all();
  database.close();
  return found;
};

/** Opens the store in a process of its own and kills it after `statements` statements that make something. */
const KILLED = `
  const { default: Database } = await import('better-sqlite3');
  let left = Number(process.argv[2]);
  const prepare = Database.prototype.prepare;
  Database.prototype.prepare = function (sql) {
    if (/^create/i.test(sql) && left-- === 0) process.kill(process.pid, 'SIGKILL');
    return prepare.call(this, sql);
  };
  const { openSqlite } = await import(process.argv[3]);
  await openSqlite(process.argv[1]);
`;
async function open(killAfter: number): Promise<NodeJS.Signals | null> {
  const module = join(import.meta.dirname, '../../collector/store/sqlite.ts');
  const args = ['--input-type=module', '--eval', KILLED, '--', directory, String(killAfter), module];
  const child = spawn(process.execPath, args, { stdio: 'inherit', cwd: join(import.meta.dirname, '../..') });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

test('a first start that is killed between two tables leaves a store that opens', async () => {
  for (const killAfter of [1, 6, 12]) {
    expect(await open(killAfter)).toBe('SIGKILL');
    expect(tables()).toEqual([]);
  }
  const store = await openSqlite(directory);
  expect(await store.selectFrom('school').selectAll().execute()).toEqual([]);
  await store.destroy();
});

test('two processes that start together on an empty directory both come up', async () => {
  expect(await Promise.all([open(1000), open(1000), open(1000)])).toEqual([null, null, null]);
  expect(tables().length).toBeGreaterThan(10);
});

test('nobody else on the machine reads the store', async () => {
  await (await openSqlite(directory)).destroy();
  expect(statSync(join(directory, 'thdt.sqlite')).mode & 0o077).toBe(0);
});
