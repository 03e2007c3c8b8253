import type { Kysely } from 'kysely';

/** PCs known by their hardware, agents that speak for one, codes for many, and which device of the inventory a PC is. */
export async function machines(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('machine')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('parts', 'text', (c) => c.notNull())
    .addColumn('hostname', 'text', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_report_at', 'bigint')
    .addColumn('enrolments', 'integer', (c) => c.notNull())
    .addColumn('clone_of', 'text', (c) => c.references('machine.id'))
    .addColumn('linked_by', 'text')
    .execute();
  await schema.createIndex('machine_by_school').on('machine').column('school_id').execute();
  await schema
    .alterTable('agent')
    .addColumn('kind', 'text', (c) => c.notNull().defaultTo('site'))
    .execute();
  await schema
    .alterTable('agent')
    .addColumn('machine_id', 'text', (c) => c.references('machine.id'))
    .execute();
  await schema.alterTable('agent').addColumn('code_id', 'text').execute();
  for (const column of ['replaced_at', 'contested_at'])
    await schema.alterTable('agent').addColumn(column, 'bigint').execute();
  await schema.createIndex('agent_by_machine').on('agent').columns(['machine_id', 'enrolled_at']).execute();
  await schema.createIndex('agent_by_code').on('agent').columns(['code_id', 'machine_id']).execute();
  await schema.createIndex('agent_by_school').on('agent').columns(['school_id', 'kind']).execute();
  await schema
    .alterTable('enrolment_code')
    .addColumn('kind', 'text', (c) => c.notNull().defaultTo('site'))
    .execute();
  for (const column of ['id', 'made_by']) await schema.alterTable('enrolment_code').addColumn(column, 'text').execute();
  for (const column of ['made_at', 'revoked_at'])
    await schema.alterTable('enrolment_code').addColumn(column, 'bigint').execute();
  await schema.alterTable('enrolment_code').addColumn('max_machines', 'integer').execute();
  await schema.createIndex('enrolment_code_id').unique().on('enrolment_code').column('id').execute();
  await schema
    .alterTable('asset')
    .addColumn('machine_id', 'text', (c) => c.references('machine.id'))
    .execute();
  await schema.createIndex('asset_machine').unique().on('asset').column('machine_id').execute();
}
