import type { Kysely } from 'kysely';

/** The register of licences: what a school bought, for how many PCs, until when, by which document. */
export async function licence(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('licence')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('product', 'text', (c) => c.notNull())
    .addColumn('seats', 'integer')
    .addColumn('valid_from', 'text', (c) => c.notNull())
    .addColumn('valid_until', 'text')
    .addColumn('document', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('licence_by_school').on('licence').column('school_id').execute();
}
