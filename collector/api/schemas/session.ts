import Type, { type Static } from 'typebox';
import { Id, Text } from './common.ts';

export const Role = Type.Union([Type.Literal('admin'), Type.Literal('assessor'), Type.Literal('viewer')]);
export type Role = Static<typeof Role>;

/** GET /api/v1/session: who is signed in. POST with `link` (the printed one) or `username` and `password`. DELETE signs out. */
export const Session = Type.Object({
  user: Type.Object({
    id: Id,
    username: Text,
    name: Text,
    role: Role,
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
