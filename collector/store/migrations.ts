import { type Kysely, type Migration, sql } from 'kysely';
import { edition } from './migration-edition.ts';
import { installation } from './migration-installation.ts';
import { inventory } from './migration-inventory.ts';
import { licence } from './migration-licence.ts';
import { machines } from './migration-machines.ts';
import { release } from './migration-release.ts';

/** One set of migrations for every dialect. Never edit one that was released: add the next. */
export const migrations: Record<string, Migration> = {
  '001-first': { up: first },
  '002-evaluation': { up: evaluation },
  '003-rollup': { up: rollup },
  '004-edition': { up: edition },
  '005-draft': { up: draft },
  '006-inventory': { up: inventory },
  '007-licence': { up: licence },
  '008-machines': { up: machines },
  '009-release': { up: release },
  '010-installation': { up: installation },
};

async function first(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('org_unit')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('parent_id', 'text', (c) => c.references('org_unit.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('policy', 'text', (c) => c.notNull().defaultTo('{}'))
    .addColumn('practice', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('school')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('unit_id', 'text', (c) => c.notNull().references('org_unit.id'))
    .addColumn('code', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('levels', 'text', (c) => c.notNull())
    .addColumn('calendar', 'text')
    .execute();
  await schema
    .createTable('room')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('room_name', ['school_id', 'name'])
    .execute();
  await schema
    .createTable('asset')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('room_id', 'text', (c) => c.references('room.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('use', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('target', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('licence', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('asset_target', ['school_id', 'target'])
    .execute();
  await schema
    .createTable('agent')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('hostname', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('enrolled_at', 'bigint', (c) => c.notNull())
    .addColumn('last_report_at', 'bigint')
    .addColumn('clock_offset_ms', 'bigint')
    .addColumn('health', 'text')
    .execute();
  await schema
    .createTable('enrolment_code')
    .addColumn('code_hash', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
  await schema
    .createTable('report')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('agent_id', 'text', (c) => c.notNull().references('agent.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('jws', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('sample')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('report_id', 'text', (c) => c.notNull().references('report.id'))
    .addColumn('school_id', 'text', (c) => c.notNull())
    .addColumn('probe', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('ok', 'integer', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('values', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('sample_by_school_time').on('sample').columns(['school_id', 'at']).execute();
  await schema.createIndex('sample_by_series').on('sample').columns(['school_id', 'probe', 'target', 'at']).execute();
  await schema
    .createTable('series')
    .addColumn('school_id', 'text', (c) => c.notNull())
    .addColumn('probe', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('series_key', ['school_id', 'probe', 'target'])
    .execute();
  await schema
    .createTable('finding')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('computed_at', 'bigint', (c) => c.notNull())
    .addColumn('current', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();
  await sql`create unique index finding_current on finding (school_id, rule) where current = 1`.execute(db);
  await schema
    .createTable('incident')
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('asset_id', 'text', (c) => c.notNull().references('asset.id'))
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint')
    .addColumn('state', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('incident_key', ['asset_id', 'from_at'])
    .execute();
  await schema.createIndex('incident_by_school').on('incident').columns(['school_id', 'from_at']).execute();
  await schema
    .createTable('person')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('username', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('password', 'text')
    .execute();
  await schema
    .createTable('manual_finding')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('count', 'integer')
    .addColumn('award', 'text')
    .addColumn('points', 'real')
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('manual_finding_by_school').on('manual_finding').columns(['school_id', 'rule']).execute();
  await schema
    .createTable('session')
    .addColumn('token_hash', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function evaluation(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('person')
    .addColumn('units', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute();
  await schema.alterTable('person').addColumn('school_id', 'text').execute();
  await schema
    .alterTable('person')
    .addColumn('active', 'integer', (c) => c.notNull().defaultTo(1))
    .execute();
  await schema.alterTable('manual_finding').addColumn('evaluation_id', 'text').execute();
  await schema
    .createTable('evaluation')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('edition_id', 'text', (c) => c.notNull())
    .addColumn('edition', 'text', (c) => c.notNull())
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('evaluation_school')
    .addColumn('evaluation_id', 'text', (c) => c.notNull().references('evaluation.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addPrimaryKeyConstraint('evaluation_school_key', ['evaluation_id', 'school_id'])
    .execute();
  await schema
    .createTable('evaluation_finding')
    .addColumn('evaluation_id', 'text', (c) => c.notNull().references('evaluation.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('computed_at', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('evaluation_finding_key', ['evaluation_id', 'school_id', 'rule'])
    .execute();
  await schema
    .createTable('evidence')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('evaluation_id', 'text', (c) => c.notNull().references('evaluation.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('item', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('evidence_by_sheet').on('evidence').columns(['evaluation_id', 'school_id']).execute();
  await schema
    .createTable('remark')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('evaluation_id', 'text', (c) => c.notNull().references('evaluation.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('item', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('answers', 'text', (c) => c.references('remark.id'))
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('remark_by_sheet').on('remark').columns(['evaluation_id', 'school_id']).execute();
  await schema
    .createTable('locked_sheet')
    .addColumn('evaluation_id', 'text', (c) => c.notNull().references('evaluation.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('locked_sheet_key', ['evaluation_id', 'school_id'])
    .execute();
  await schema
    .createTable('audit')
    .addColumn('seq', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', 'text')
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('before', 'text', (c) => c.notNull())
    .addColumn('after', 'text', (c) => c.notNull())
    .addColumn('previous', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute();
  for (const verb of ['update', 'delete'])
    await sql`${sql.raw(`create trigger audit_no_${verb} before ${verb} on audit begin select raise(abort, 'the audit log only grows'); end`)}`.execute(
      db,
    );
}

async function draft(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('draft')
    .addColumn('evaluation_id', 'text', (c) => c.notNull().references('evaluation.id'))
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('fields', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('draft_key', ['evaluation_id', 'school_id', 'rule', 'person_id'])
    .execute();
}

async function rollup(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('school')
    .addColumn('samples_version', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('rollup')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('school_id', 'text', (c) => c.notNull().references('school.id'))
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('body', 'blob', (c) => c.notNull())
    .addUniqueConstraint('rollup_span', ['school_id', 'from_at', 'to_at'])
    .execute();
}
