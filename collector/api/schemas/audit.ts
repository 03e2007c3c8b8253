import Type, { type Static } from 'typebox';
import { Instant, Nullable } from './common.ts';

export const AuditRow = Type.Object({
  seq: Type.Integer(),
  at: Instant,
  /** Null: the collector itself. */
  by: Nullable(Type.String()),
  action: Type.String(),
  subject: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
  hash: Type.String(),
});
export type AuditRow = Static<typeof AuditRow>;

/** GET /api/v1/audit/check. `head` written down elsewhere proves later that nothing was cut off the end. */
export const AuditCheck = Type.Object({
  rows: Type.Integer(),
  broken: Nullable(Type.Object({ seq: Type.Integer(), why: Type.String() })),
  head: Type.String(),
});
export type AuditCheck = Static<typeof AuditCheck>;
