import Type, { type Static } from 'typebox';
import { FOUND_KINDS, Found } from '../../../shared/wire/discovery.ts';
import { Id, Instant, Nullable, Text } from './common.ts';
import { Use } from './school.ts';

/** Devices that agents found on a school's network and nobody entered. */

export const MAX_PROPOSALS = 1000;
const closed = { additionalProperties: false };
const Key = Type.String({ minLength: 1, maxLength: 128 });

export const Proposal = Type.Object({
  ...Found.properties,
  key: Key,
  state: Type.Union([Type.Literal('new'), Type.Literal('ignored')]),
  firstAt: Instant,
  lastAt: Instant,
  /** The report that met it last. */
  reportId: Id,
});
export type Proposal = Static<typeof Proposal>;

/** GET /api/v1/schools/:id/proposals: those met last first, at most 1,000; `more` beyond them. */
export const Proposals = Type.Object({ proposals: Type.Array(Proposal), more: Type.Integer() });
export type Proposals = Static<typeof Proposals>;

const Adoption = Type.Object(
  {
    key: Key,
    kind: Type.Enum([...FOUND_KINDS]),
    use: Nullable(Use),
    roomId: Nullable(Id),
    name: Text,
    /** The id that samples carry; left out: as the agent proposes. */
    target: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 128, pattern: '\\S' }))),
  },
  closed,
);
export type Adoption = Static<typeof Adoption>;
export const Adoptions = Type.Array(Adoption, { minItems: 1, maxItems: MAX_PROPOSALS });
export const Keys = Type.Object({ keys: Type.Array(Key, { minItems: 1, maxItems: MAX_PROPOSALS }) }, closed);

/** All of what was asked was done, or, where there is an error, nothing. */
export const ProposalsDone = Type.Object({
  done: Type.Integer(),
  errors: Type.Array(Type.Object({ key: Key, why: Type.String() })),
});
export type ProposalsDone = Static<typeof ProposalsDone>;
