import { createHash } from 'node:crypto';
import type { Store } from '../store/sqlite.ts';
import type { AuditTable } from '../store/tables.ts';

/**
 * The audit log: every change with who, when, from and to. Each row's hash covers its content and the hash before it, so
 * a row that is altered, removed or slipped in breaks the chain from there on.
 */

export interface Change {
  /** Person's id; null: the collector itself. */
  by: string | null;
  /** What was done: `entry.made`, `evaluation.locked`, … */
  action: string;
  /** What it was done to: `evaluation/…/school/…/III.2.2.a`. */
  subject: string;
  before: unknown;
  after: unknown;
}

const GENESIS = '0'.repeat(64);

/**
 * Writes a change into the log. Call it inside the transaction of the change itself and after its own write: the write
 * takes the store's lock, so that two rows never follow the same one.
 */
export async function record(write: Store, change: Change, at: number): Promise<void> {
  const last = await write
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const row = {
    seq: (last?.seq ?? 0) + 1,
    at,
    by: change.by,
    action: change.action,
    subject: change.subject,
    before: JSON.stringify(change.before ?? null),
    after: JSON.stringify(change.after ?? null),
    previous: last?.hash ?? GENESIS,
  };
  await write
    .insertInto('audit')
    .values({ ...row, hash: hashOf(row) })
    .execute();
}

const hashOf = ({ seq, at, by, action, subject, before, after, previous }: Omit<AuditTable, 'hash'>): string =>
  createHash('sha256')
    .update(JSON.stringify([seq, at, by, action, subject, before, after, previous]))
    .digest('hex');

export interface AuditCheck {
  rows: number;
  /** First row that does not fit, and why; null: the log is whole. */
  broken: { seq: number; why: string } | null;
  /** Hash of the last row: written down elsewhere, it proves later that nothing was cut off the end. */
  head: string;
}

const PAGE = 1000;

export async function checkAudit(store: Store): Promise<AuditCheck> {
  let rows = 0;
  let head = GENESIS;
  for (;;) {
    const page = await store
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>', rows)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    if (page.length === 0) return { rows, broken: null, head };
    for (const row of page) {
      const why =
        row.seq !== rows + 1
          ? `thiếu dòng ${rows + 1}`
          : row.previous !== head
            ? 'không nối với dòng trước'
            : row.hash !== hashOf(row)
              ? 'nội dung đã bị sửa'
              : null;
      if (why !== null) return { rows, broken: { seq: row.seq, why }, head };
      rows++;
      head = row.hash;
    }
  }
}
