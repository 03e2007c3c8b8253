import Type, { type Static } from 'typebox';
import { Level, Nullable } from './common.ts';
import { ManualFinding, MeasuredFinding } from './finding.ts';

/** Where an item's points come from: `unassessed` and `mixed` items still hold their maximum for rules nobody judged. */
export const ItemSource = Type.Union([
  Type.Literal('measured'),
  Type.Literal('manual'),
  Type.Literal('mixed'),
  Type.Literal('unassessed'),
]);
export type ItemSource = Static<typeof ItemSource>;

/** How an unclear place of the decision is read here; see the edition's `readings`. */
export const SheetReading = Type.Object({ text: Type.String(), label: Type.String(), reason: Type.String() });
export type SheetReading = Static<typeof SheetReading>;

export const SheetRule = Type.Object({
  id: Type.String(),
  text: Type.String(),
  label: Nullable(Type.String()),
  shape: Type.Enum(['each', 'once', 'tiers', 'award', 'free']),
  /** What a count counts ("tồn tại", "GV"); null for rules that are not counted. */
  per: Nullable(Type.String()),
  awards: Type.Array(Type.Object({ id: Type.String(), label: Type.String(), points: Type.Number() })),
  /** False where the rule is only for another level of school. */
  applies: Type.Boolean(),
  /** What decides this rule: a manual entry overrides a measurement; null: nobody and nothing yet. */
  decidedBy: Nullable(Type.Union([Type.Literal('measured'), Type.Literal('manual')])),
  /** Points that it takes (negative) or gives (positive) as it stands. */
  effect: Type.Number(),
  why: Nullable(Type.String()),
  reading: Nullable(SheetReading),
  measured: Nullable(MeasuredFinding),
  manual: Nullable(ManualFinding),
  /** Whether a person accepted the measurement as it stands. */
  confirmed: Type.Boolean(),
});
export type SheetRule = Static<typeof SheetRule>;

export const SheetItem = Type.Object({
  id: Type.String(),
  number: Type.String(),
  text: Type.Array(Type.String()),
  /** Assessing unit, and the decision's own spelling of it. */
  unit: Type.String(),
  unitPrinted: Type.String(),
  reading: Nullable(SheetReading),
  points: Type.Number(),
  max: Type.Number(),
  source: ItemSource,
  needsAssessor: Type.Boolean(),
  rules: Type.Array(SheetRule),
});
export type SheetItem = Static<typeof SheetItem>;

/** GET /api/v1/schools/:id/scoresheet: the sheet as the decision prints it. `items` of a criterion in its order. */
export const SheetAnswer = Type.Object({
  school: Type.Object({
    id: Type.String(),
    name: Type.String(),
    code: Type.String(),
    levels: Type.Array(Level),
    unit: Type.String(),
    practice: Type.Boolean(),
  }),
  rubric: Type.Object({ id: Type.String(), date: Type.String(), title: Type.String(), issuer: Type.String() }),
  asOf: Type.String(),
  total: Type.Number(),
  max: Type.Number(),
  grade: Type.String(),
  gradeLabel: Type.String(),
  /** Whether a rule is still undecided: `total` counts it as met, `grade` is what would come of that, and is no result. */
  provisional: Type.Boolean(),
  /** Where the total will be whatever the undecided rules bring. */
  range: Type.Object({ least: Type.Number(), most: Type.Number() }),
  /** How many items no measurement and no person has judged yet; the total counts them at their maximum. */
  unassessed: Type.Integer(),
  standards: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      points: Type.Number(),
      max: Type.Number(),
      /** The least that it can come to: an item with an undecided rule counts 0. */
      least: Type.Number(),
      mandatory: Type.Boolean(),
      aboveMinimum: Type.Boolean(),
      /** Standards IV has items without criteria: one criterion with an empty title. */
      criteria: Type.Array(
        Type.Object({
          id: Type.String(),
          number: Type.String(),
          title: Type.String(),
          points: Type.Number(),
          max: Type.Number(),
          items: Type.Array(SheetItem),
        }),
      ),
    }),
  ),
  /** What separates the school from each grade. */
  gaps: Type.Array(
    Type.Object({
      grade: Type.String(),
      label: Type.String(),
      from: Type.Number(),
      points: Type.Number(),
      reached: Type.Boolean(),
      standards: Type.Array(Type.Object({ id: Type.String(), points: Type.Number() })),
    }),
  ),
});
export type SheetAnswer = Static<typeof SheetAnswer>;
