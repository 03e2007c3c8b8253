import type { Kysely } from 'kysely';

/** Editions that were uploaded, how unclear places are read, which edition is in force, and the whole of a share. */
export async function edition(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('edition')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('date', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('reading_choice')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('edition_key', 'text', (c) => c.notNull())
    .addColumn('reading', 'text', (c) => c.notNull())
    .addColumn('choice', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('edition_in_force')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('edition_key', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.alterTable('manual_finding').addColumn('of', 'integer').execute();
}
