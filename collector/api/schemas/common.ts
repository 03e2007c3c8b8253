import Type, { type Static, type TSchema } from 'typebox';

export const Id = Type.String({ minLength: 1, maxLength: 64 });
/** Something to read: not only spaces. */
export const Text = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });
/** RFC 3339, UTC, milliseconds. */
export const Instant = Type.String({ format: 'date-time' });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The four states of a finding: only `pass` and `fail` fill a score. */
export const FindingState = Type.Union([
  Type.Literal('pass'),
  Type.Literal('fail'),
  Type.Literal('insufficient'),
  Type.Literal('manual'),
]);
export type FindingState = Static<typeof FindingState>;

export const Level = Type.Union([Type.Literal('preschool'), Type.Literal('primary'), Type.Literal('secondary')]);
export type Level = Static<typeof Level>;

/** A standard's points as they stand: `undecided` items wait for a person or for data, `least` is without them. */
export const StandardPoints = Type.Object({
  points: Type.Number(),
  max: Type.Number(),
  least: Type.Number(),
  undecided: Type.Integer(),
});
