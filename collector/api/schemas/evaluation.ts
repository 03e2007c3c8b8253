import Type, { type Static } from 'typebox';
import { Id, Instant, Level, Nullable, Text } from './common.ts';
import { ManualFinding, NewManualFinding } from './finding.ts';
import { SheetAnswer } from './scoresheet.ts';

/** The yearly evaluation: a period with its schools, and each school's sheet in it. */

/**
 * `prepared`: nothing is entered yet. `open`: units enter. `review`: schools contest, units correct. `locking`: the
 * sheets are being frozen. `locked`: frozen with the data that they came from.
 */
export const EvaluationState = Type.Enum(['prepared', 'open', 'review', 'locking', 'locked']);
export type EvaluationState = 'prepared' | 'open' | 'review' | 'locking' | 'locked';

const LocalDate = Type.String({ format: 'date' });

export const Evaluation = Type.Object({
  id: Id,
  name: Text,
  edition: Type.Object({ id: Type.String(), date: Type.String(), title: Type.String() }),
  /** First and last day of the window in which measurements count. */
  from: LocalDate,
  to: LocalDate,
  state: EvaluationState,
  schools: Type.Integer(),
  createdBy: Type.String(),
  createdAt: Instant,
});
export type Evaluation = Static<typeof Evaluation>;

/** POST /api/v1/evaluations → 201 Evaluation, state `prepared`. */
export const NewEvaluation = Type.Object(
  {
    name: Text,
    from: LocalDate,
    to: LocalDate,
    /** Key or id of an edition; without one the edition in force. */
    edition: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    schoolIds: Type.Array(Id, { minItems: 1, maxItems: 10_000, uniqueItems: true }),
  },
  { additionalProperties: false },
);
export type NewEvaluation = Static<typeof NewEvaluation>;

/** PUT /api/v1/evaluations/:id/state. Going back (open again, unlock) needs a reason, and is recorded. */
export const NewState = Type.Object(
  {
    to: Type.Enum(['open', 'review', 'locked']),
    reason: Type.Optional(Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' })),
  },
  { additionalProperties: false },
);

const Progress = Type.Object({ decided: Type.Integer(), items: Type.Integer() });

export const EvaluatedSchool = Type.Object({
  id: Id,
  code: Type.String(),
  name: Type.String(),
  unit: Type.String(),
  levels: Type.Array(Level),
  practice: Type.Boolean(),
  total: Type.Number(),
  range: SheetAnswer.properties.range,
  grade: Type.String(),
  gradeLabel: Type.String(),
  provisional: Type.Boolean(),
  standards: Type.Array(Type.Object({ id: Type.String(), points: Type.Number(), max: Type.Number() })),
  gaps: SheetAnswer.properties.gaps,
  /** By assessing unit: items that nothing is left to decide in, and the points of all its items as they stand. */
  progress: Type.Record(
    Type.String(),
    Type.Object({ ...Progress.properties, points: Type.Number(), max: Type.Number() }),
  ),
  openContests: Type.Integer(),
  /** Points that each fault costs, dearest first. */
  faults: Type.Array(Type.Object({ rule: Type.String(), points: Type.Number(), why: Type.String() })),
  locked: Nullable(Type.Object({ digest: Type.String(), at: Instant })),
});
export type EvaluatedSchool = Static<typeof EvaluatedSchool>;

/** GET /api/v1/evaluations/:id */
export const EvaluationDetail = Type.Object({
  ...Evaluation.properties,
  units: Type.Array(Type.Object({ id: Type.String(), label: Type.String(), ...Progress.properties })),
  /** What the rules of the edition say, for `faults`. */
  rules: Type.Array(Type.Object({ id: Type.String(), text: Type.String() })),
  rows: Type.Array(EvaluatedSchool),
});
export type EvaluationDetail = Static<typeof EvaluationDetail>;

export const EvidenceFile = Type.Object({
  id: Id,
  item: Type.String(),
  name: Type.String(),
  type: Type.String(),
  bytes: Type.Integer(),
  /** SHA-256, hex. */
  digest: Type.String(),
  by: Type.String(),
  at: Instant,
});
export type EvidenceFile = Static<typeof EvidenceFile>;

export const RemarkKind = Type.Enum(['comment', 'contest', 'answer']);
export type RemarkKind = 'comment' | 'contest' | 'answer';

export const Remark = Type.Object({
  id: Id,
  item: Type.String(),
  kind: RemarkKind,
  /** The contest that it answers. */
  answers: Nullable(Id),
  text: Type.String(),
  by: Type.String(),
  at: Instant,
});
export type Remark = Static<typeof Remark>;

export const NewRemark = Type.Object(
  {
    item: Type.String({ minLength: 1, maxLength: 64 }),
    kind: RemarkKind,
    answers: Type.Optional(Id),
    text: Type.String({ minLength: 3, maxLength: 4000, pattern: '\\S' }),
  },
  { additionalProperties: false },
);
export type NewRemark = Static<typeof NewRemark>;

/** PUT /api/v1/evaluations/:id/schools/:school/drafts/:rule: 204. The form's fields as typed; nothing is judged by them. */
export const NewDraft = Type.Object(
  {
    fields: Type.Record(Type.String({ maxLength: 32 }), Type.String({ maxLength: 1000 }), { maxProperties: 12 }),
  },
  { additionalProperties: false },
);
export type NewDraft = Static<typeof NewDraft>;

/** Somebody's unfinished entry. */
export const Draft = Type.Object({
  rule: Type.String(),
  by: Type.String(),
  at: Instant,
  /** What the reader has typed; null: another person's draft, of which only the existence is told. */
  fields: Nullable(NewDraft.properties.fields),
});
export type Draft = Static<typeof Draft>;

/** GET /api/v1/evaluations/:id/schools/:school */
export const EvaluationSheet = Type.Object({
  evaluation: Evaluation,
  sheet: SheetAnswer,
  /** When measurements were last judged over the window; null: not yet. */
  measuredAt: Nullable(Instant),
  /** Every entry of the period for this school, newest first. */
  entries: Type.Array(ManualFinding),
  evidence: Type.Array(EvidenceFile),
  remarks: Type.Array(Remark),
  /** Unfinished entries; for a school's person none. */
  drafts: Type.Array(Draft),
  locked: Nullable(Type.Object({ digest: Type.String(), at: Instant })),
  /** Assessing units for whose items the reader may enter now. */
  mayEnter: Type.Array(Type.String()),
  /** Whether the reader may contest, and answer contests, now. */
  mayContest: Type.Boolean(),
  mayAnswer: Type.Boolean(),
});
export type EvaluationSheet = Static<typeof EvaluationSheet>;

/** POST /api/v1/evaluations/:id/schools/:school/entries. `basedOn`: the newest entry of the rule that its author saw. */
export const NewEntry = Type.Object(
  {
    ...NewManualFinding.properties,
    kind: Type.Enum(['finding', 'meets', 'withdrawn', 'confirmed']),
    basedOn: Nullable(Id),
  },
  { additionalProperties: false },
);
export type NewEntry = Static<typeof NewEntry>;
