import { type Kysely, sql } from 'kysely';

/** What a room should hold, where a device is on the network, and what agents found that nobody entered. */
export async function inventory(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  for (const column of ['expected_pcs', 'expected_printers'])
    await schema.alterTable('room').addColumn(column, 'integer').execute();
  for (const column of ['mac', 'address']) await schema.alterTable('asset').addColumn(column, 'text').execute();
  await schema
    .createIndex('asset_mac')
    .unique()
    .on('asset')
    .columns(['school_id', 'mac'])
    .where(sql.ref('status'), '=', sql.lit('expected'))
    .execute();
  await schema
    .createTable('proposal')
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('report_id', 'text', (c) => c.notNull().references('report.id'))
    .addColumn('sample_id', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('proposal_key', ['school_id', 'key'])
    .execute();
}
