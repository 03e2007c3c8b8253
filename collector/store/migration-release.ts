import type { Kysely } from 'kysely';

/** Releases of the agent, and which version whom the district wants to run it. */
export async function release(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('release')
    .addColumn('version', 'text', (c) => c.primaryKey())
    .addColumn('manifest', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('rollout')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('unit_id', 'text', (c) => c.references('org_unit.id').onDelete('cascade'))
    .addColumn('version', 'text', (c) => c.references('release.version'))
    .addColumn('share', 'integer', (c) => c.notNull())
    .addColumn('running', 'integer', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}
