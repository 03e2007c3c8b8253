import Type, { type Static } from 'typebox';
import { FindingState, Id, Instant, Nullable } from './common.ts';

/** A measured sample that a verdict rests on; `reportId` leads to the signed report that brought it. */
export const Evidence = Type.Object({
  sampleId: Type.Integer(),
  reportId: Id,
  target: Type.String(),
  at: Instant,
  /** What this sample says, one short Vietnamese phrase. */
  says: Type.String(),
});
export type Evidence = Static<typeof Evidence>;

/** A device, room or day that the verdict names, in Vietnamese. */
export const Named = Type.Object({ assetId: Nullable(Id), name: Type.String(), why: Type.String() });
export type Named = Static<typeof Named>;

/** A policy value in force, why the default is what it is, and whether the organisation changed it. */
export const PolicyValue = Type.Object({
  name: Type.String(),
  value: Type.Unknown(),
  default: Type.Unknown(),
  reason: Type.String(),
  isDefault: Type.Boolean(),
});
export type PolicyValue = Static<typeof PolicyValue>;

/** What measurements say about one rule at one school now. */
export const MeasuredFinding = Type.Object({
  id: Id,
  rule: Type.String(),
  state: FindingState,
  /** Occurrences for a rule that is counted ("/tồn tại"), else 1 when it fails and 0 when not. */
  count: Type.Integer({ minimum: 0 }),
  /** One Vietnamese sentence with its figures. */
  verdict: Type.String(),
  /** The same in a few characters for a table cell: "87,3 Mbps", "58/60 máy", "2 quá hạn". Empty when nothing was measured. */
  figure: Type.String(),
  /** Within the measurement's own uncertainty of its threshold. */
  borderline: Type.Boolean(),
  window: Type.Object({ from: Instant, to: Instant }),
  /** The devices or rooms that cost the point. */
  faults: Type.Array(Named),
  /** What is not known, and how to mend that. */
  missing: Type.Array(Named),
  evidence: Type.Array(Evidence),
  /** How many samples were judged in all; `evidence` shows at most 40 of them. */
  samples: Type.Integer({ minimum: 0 }),
  /** What was measured beside, one Vietnamese phrase each: it decides nothing. */
  also: Type.Optional(Type.Array(Type.String())),
  /** The policy values that made this verdict. */
  policy: Type.Array(PolicyValue),
  /** Since when the state is what it is. */
  since: Instant,
  computedAt: Instant,
});
export type MeasuredFinding = Static<typeof MeasuredFinding>;

/** An entry by a person. Entries are never changed: a later one for the same rule takes the place of the earlier. */
export const ManualFinding = Type.Object({
  id: Id,
  rule: Type.String(),
  /**
   * `withdrawn`: the entry before it no longer counts; `meets`: the person judged that the rule takes nothing;
   * `confirmed`: the person accepted the measurement, whose count it carries, and it lapses when that changes.
   */
  kind: Type.Enum(['finding', 'meets', 'withdrawn', 'confirmed']),
  count: Nullable(Type.Integer()),
  /** The whole that `count` is a part of, for rules by share ("12 of 30 teachers"). */
  of: Nullable(Type.Integer()),
  award: Nullable(Type.String()),
  /** Points given (free rules), or decided by the person where the text stops before the count (`textTo` of the rule). */
  points: Nullable(Type.Number()),
  reason: Type.String(),
  by: Type.String(),
  at: Instant,
});
export type ManualFinding = Omit<Static<typeof ManualFinding>, 'kind'> & { kind: EntryKind };
export type EntryKind = 'finding' | 'meets' | 'withdrawn' | 'confirmed';

/** POST /api/v1/schools/:id/findings → 201 ManualFinding. GET lists them, newest first. */
export const NewManualFinding = Type.Object(
  {
    rule: Type.String({ minLength: 1, maxLength: 64 }),
    kind: Type.Union([Type.Literal('finding'), Type.Literal('meets'), Type.Literal('withdrawn')]),
    count: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    of: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    award: Type.Optional(Type.String({ maxLength: 64 })),
    points: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000 })),
    reason: Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' }),
  },
  { additionalProperties: false },
);
export type NewManualFinding = Static<typeof NewManualFinding>;
