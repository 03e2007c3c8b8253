import type { Kysely } from 'kysely';

/** What a person who installs agents waits for: the first report of each, and codes that were refused. */
export async function installation(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.alterTable('agent').addColumn('first_report_at', 'bigint').execute();
  await schema.alterTable('agent').addColumn('first_measured', 'text').execute();
  await schema
    .alterTable('enrolment_code')
    .addColumn('refused', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('enrolment_code').addColumn('refused_at', 'bigint').execute();
  await schema.createIndex('enrolment_code_by_school').on('enrolment_code').column('school_id').execute();
}
