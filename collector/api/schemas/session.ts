import Type, { type Static } from 'typebox';
import { Id, Nullable, Text } from './common.ts';

/**
 * `school` sees its own school and may contest; `viewer` sees all schools; `assessor` enters the items of its units;
 * `admin` everything.
 */
export const Role = Type.Union([
  Type.Literal('admin'),
  Type.Literal('assessor'),
  Type.Literal('viewer'),
  Type.Literal('school'),
]);
export type Role = Static<typeof Role>;

/** GET /api/v1/session: who is signed in. POST with `link` (the printed one) or `username` and `password`. DELETE signs out. */
export const Session = Type.Object({
  user: Type.Object({
    id: Id,
    username: Text,
    name: Text,
    role: Role,
    /** Assessing units (`CNTT`, …) whose items an assessor enters; an administrator enters all. */
    units: Type.Array(Type.String()),
    /** The school of the role `school`. */
    schoolId: Nullable(Id),
    /** False until this person chose one; until then only the printed link signs in. */
    hasPassword: Type.Boolean(),
  }),
});
export type Session = Static<typeof Session>;

export const SignIn = Type.Union([
  Type.Object({ link: Type.String({ minLength: 16, maxLength: 128 }) }, { additionalProperties: false }),
  Type.Object(
    { username: Text, password: Type.String({ minLength: 1, maxLength: 256 }) },
    { additionalProperties: false },
  ),
]);
export type SignIn = Static<typeof SignIn>;

/** PUT /api/v1/session/password: 204. */
export const NewPassword = Type.Object(
  { password: Type.String({ minLength: 10, maxLength: 256 }) },
  { additionalProperties: false },
);
export type NewPassword = Static<typeof NewPassword>;

/** Somebody who may sign in, as the administration sees them. */
export const PersonView = Type.Object({ ...Session.properties.user.properties, active: Type.Boolean() });
export type PersonView = Static<typeof PersonView>;

const person = {
  name: Text,
  role: Role,
  units: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 100 }),
  schoolId: Nullable(Id),
};
/** POST /api/v1/people. `password`: the first one; its owner changes it. */
export const NewPerson = Type.Object(
  {
    ...person,
    username: Type.String({ pattern: '^[a-z0-9._-]{2,64}$' }),
    password: NewPassword.properties.password,
  },
  { additionalProperties: false },
);
export type NewPerson = Static<typeof NewPerson>;
/** PUT /api/v1/people/:id. A new `password` ends the person's sessions, as does `active: false`. */
export const ChangedPerson = Type.Object(
  { ...person, active: Type.Boolean(), password: Type.Optional(NewPassword.properties.password) },
  { additionalProperties: false },
);
export type ChangedPerson = Static<typeof ChangedPerson>;
