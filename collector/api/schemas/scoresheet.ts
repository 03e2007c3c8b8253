import Type, { type Static } from 'typebox';
import { Nullable } from './common.ts';
import { ManualFinding, MeasuredFinding } from './finding.ts';

/** Where an item's points come from: `unassessed` and `mixed` items still hold their maximum for rules nobody judged. */
export const ItemSource = Type.Union([
  Type.Literal('measured'),
  Type.Literal('manual'),
  Type.Literal('mixed'),
  Type.Literal('unassessed'),
]);
export type ItemSource = Static<typeof ItemSource>;

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
  measured: Nullable(MeasuredFinding),
  manual: Nullable(ManualFinding),
});
export type SheetRule = Static<typeof SheetRule>;

export const SheetItem = Type.Object({
  id: Type.String(),
  number: Type.String(),
  text: Type.Array(Type.String()),
  unit: Type.String(),
  points: Type.Number(),
  max: Type.Number(),
  source: ItemSource,
  needsAssessor: Type.Boolean(),
  rules: Type.Array(SheetRule),
});
export type SheetItem = Static<typeof SheetItem>;

/** GET /api/v1/schools/:id/scoresheet: the sheet as the decision prints it. `items` of a criterion in its order. */
export const SheetAnswer = Type.Object({
  school: Type.Object({ id: Type.String(), name: Type.String(), code: Type.String(), practice: Type.Boolean() }),
  rubric: Type.Object({ id: Type.String(), date: Type.String(), title: Type.String(), issuer: Type.String() }),
  asOf: Type.String(),
  total: Type.Number(),
  max: Type.Number(),
  grade: Type.String(),
  gradeLabel: Type.String(),
  /** How many items no measurement and no person has judged yet; the total counts them at their maximum. */
  unassessed: Type.Integer(),
  standards: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      points: Type.Number(),
      max: Type.Number(),
      mandatory: Type.Boolean(),
      aboveMinimum: Type.Boolean(),
      /** Standards IV has items without criteria: one criterion with an empty title. */
      criteria: Type.Array(
        Type.Object({
          id: Type.String(),
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
