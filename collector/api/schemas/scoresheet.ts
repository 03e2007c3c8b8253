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
  /** An award reached by a `count`, or by a share in `percent`: then an entry carries `count` (and `of`), or the award. */
  by: Nullable(Type.Enum(['count', 'percent'])),
  awards: Type.Array(
    Type.Object({
      id: Type.String(),
      label: Type.String(),
      points: Type.Number(),
      /** From which count or percentage, or above which percentage; null where it is not reached by one. */
      from: Nullable(Type.Number()),
      above: Nullable(Type.Number()),
    }),
  ),
  /** Most points that a free rule gives; null for other rules. */
  max: Nullable(Type.Number()),
  /** The last count that the text settles: beyond it an entry may carry decided `points`. Null: no such end. */
  textTo: Nullable(Type.Integer()),
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
export type SheetRule = Omit<Static<typeof SheetRule>, 'by' | 'shape'> & {
  by: 'count' | 'percent' | null;
  shape: 'each' | 'once' | 'tiers' | 'award' | 'free';
};

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
  /** Standards that are scored together, of editions that have such groups; `met`: all that every grade asks of it. */
  groups: Nullable(
    Type.Array(
      Type.Object({
        id: Type.String(),
        title: Type.String(),
        points: Type.Number(),
        max: Type.Number(),
        met: Type.Boolean(),
      }),
    ),
  ),
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
      /** What else the grade and the groups ask and is not met: points that `of` lacks (null: the total), or a fault. */
      needs: Type.Array(
        Type.Object({
          of: Nullable(Type.String()),
          points: Nullable(Type.Number()),
          without: Nullable(Type.String()),
          /** The decision's wording, or the name of what it is about. */
          text: Type.String(),
        }),
      ),
    }),
  ),
});
export type SheetAnswer = Static<typeof SheetAnswer>;
