import Type, { type Static, type TSchema } from 'typebox';

export const Id = Type.String({ minLength: 1, maxLength: 64 });
export const Text = Type.String({ minLength: 1, maxLength: 200 });
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
