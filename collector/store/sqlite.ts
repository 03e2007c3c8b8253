import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, Kysely, Migrator, SqliteDialect, SqliteDriver } from 'kysely';
import { migrations } from './migrations.ts';
import type { Tables } from './tables.ts';

export type Store = Kysely<Tables>;

/**
 * Opens (and makes, and migrates) the store in `directory/thdt.sqlite`. WAL with synchronous=FULL: a commit that
 * returned survives a crash of the process and of the machine (sqlite.org/pragma.html#pragma_synchronous). `waitMs`: for
 * another connection's writing, asleep.
 */
export async function openSqlite(directory: string, waitMs = 5000): Promise<Store> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'thdt.sqlite');
  const database = new SqliteDatabase(file, { timeout: waitMs });
  chmodSync(file, 0o600);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  const store = new Kysely<Tables>({ dialect: new ImmediateDialect(database) });
  await migrate(store, database);
  return store;
}

/**
 * A transaction that reads before it writes fails at once when another connection (the judging thread's) wrote in between;
 * one that takes the lock when it begins waits for its turn (sqlite.org/lang_transaction.html, 2.2). All of ours write.
 */
class ImmediateDialect extends SqliteDialect {
  readonly #database: SqliteDatabase.Database;
  constructor(database: SqliteDatabase.Database) {
    super({ database });
    this.#database = database;
  }
  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#database });
  }
}
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/**
 * All migrations or none, and one process at a time: Kysely takes SQLite's DDL for non-transactional, which it is not,
 * so a first start that was cut short would leave half of the tables behind.
 */
async function migrate(store: Store, database: SqliteDatabase.Database): Promise<void> {
  const migrator = new Migrator({ db: store, provider: { getMigrations: () => Promise.resolve(migrations) } });
  database.exec('begin immediate');
  const { error } = await migrator.migrateToLatest();
  // A full disk rolls back by itself.
  if (database.inTransaction) database.exec(error ? 'rollback' : 'commit');
  if (!error) return;
  await store.destroy();
  throw error;
}
