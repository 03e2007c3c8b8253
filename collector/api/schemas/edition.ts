import Type, { type Static } from 'typebox';
import type { EditionComparison } from '../../../shared/rubric/compare.ts';
import type { Edition } from '../../../shared/rubric/edition.ts';
import type { ReadingView } from '../../../shared/rubric/readings.ts';
import { Id, Instant, Nullable } from './common.ts';

/** Editions of the rubric: those shipped and those uploaded, how their unclear places are read, and which one is in force. */

/** GET /api/v1/editions → EditionEntry[], newest first. POST → 201 EditionEntry. */
export const EditionEntry = Type.Object({
  /** Made of id and date; what stands in addresses, because ids contain "/". */
  key: Type.String(),
  id: Type.String(),
  /** YYYY-MM-DD */
  date: Type.String(),
  title: Type.String(),
  issuer: Type.String(),
  max: Type.Number(),
  source: Type.Enum(['shipped', 'uploaded']),
  /** Whether live sheets are scored by it. */
  inForce: Type.Boolean(),
  items: Type.Integer(),
  rules: Type.Integer(),
  /** Periods that use it, newest first. */
  evaluations: Type.Array(Type.Object({ id: Id, name: Type.String() })),
  /** Null for a shipped one. */
  uploadedBy: Nullable(Type.String()),
  uploadedAt: Nullable(Instant),
});
export type EditionEntry = Omit<Static<typeof EditionEntry>, 'source'> & { source: 'shipped' | 'uploaded' };

/** POST /api/v1/editions. `text`: the JSON text of an edition; errors name its line. */
export const NewEdition = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 2_000_000 }) },
  { additionalProperties: false },
);
export type NewEdition = Static<typeof NewEdition>;

/** What `shared/rubric/readings.ts` says of every reading: choices, which one is in force, what each would change. */
export const ReadingViews = Type.Unsafe<ReadingView[]>({});

/** GET /api/v1/editions/:edition: the whole edition with the chosen readings applied. */
export const EditionDetail = Type.Object({ edition: Type.Unsafe<Edition>({}), readings: ReadingViews });
export type EditionDetail = { edition: Edition; readings: ReadingView[] };

/** GET /api/v1/editions/:edition/compare/:other: `a` is the first one. See `shared/rubric/compare.ts`. */
export const Comparison = Type.Unsafe<EditionComparison>({});

const Reason = Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' });

/** PUT /api/v1/editions/:edition/readings/:reading and /api/v1/evaluations/:id/readings/:reading → ReadingView[]. */
export const ReadingChoice = Type.Object(
  { choice: Type.String({ minLength: 1, maxLength: 64 }), reason: Reason },
  { additionalProperties: false },
);
export type ReadingChoice = Static<typeof ReadingChoice>;

/** PUT /api/v1/editions/in-force → EditionEntry[]. */
export const NewInForce = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 128 }), reason: Reason },
  { additionalProperties: false },
);
export type NewInForce = Static<typeof NewInForce>;
