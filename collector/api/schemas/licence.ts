import Type, { type Static } from 'typebox';
import { Id, Instant, Nullable, Text } from './common.ts';

const Day = Type.String({ format: 'date' });

/** An entry of a school's register of licences. */
const fields = {
  /** A product's name: of the catalogue, or any other. */
  product: Text,
  /** Null: for the whole school. */
  seats: Nullable(Type.Integer({ minimum: 1, maximum: 100_000 })),
  /** Local days, both counted; without an end the licence never ends. */
  validFrom: Day,
  validUntil: Nullable(Day),
  /** The contract, invoice or decision that proves it, and where it is kept. */
  document: Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' }),
};
export const NewLicence = Type.Object(fields, { additionalProperties: false });
export type NewLicence = Static<typeof NewLicence>;

export const LicenceEntry = Type.Object({
  ...fields,
  id: Id,
  /** Maker that the product's name is read as; null: none of the catalogue, so it fits products of a like name alone. */
  maker: Nullable(Type.String()),
  state: Type.Enum(['valid', 'future', 'ended']),
  /** Name of who entered it, or changed it last, and when. */
  by: Type.String(),
  at: Instant,
});
export type LicenceEntry = Omit<Static<typeof LicenceEntry>, 'state'> & { state: 'valid' | 'future' | 'ended' };

/** GET /api/v1/schools/:id/licences. `products`: names to choose from. */
export const Licences = Type.Object({
  school: Type.Object({ id: Id, name: Type.String() }),
  entries: Type.Array(LicenceEntry),
  products: Type.Array(Type.String()),
});
export type Licences = Omit<Static<typeof Licences>, 'entries'> & { entries: LicenceEntry[] };
