import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Selectable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Role } from '../api/schemas/session.ts';
import type { Store } from '../store/sqlite.ts';
import type { PersonTable } from '../store/tables.ts';

/** Who may sign in, and who is signed in. */

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number, cost: object) => Promise<Buffer>;
/** OWASP password storage: scrypt N=2^17, r=8, p=1, about 128 MiB and a quarter of a second. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 1024 * 1024 };
const KEY_BYTES = 32;
const SESSION_MS = 7 * 24 * 3600 * 1000;
export const FIRST_ADMINISTRATOR = 'quantri';

export interface Person {
  id: string;
  username: string;
  name: string;
  role: Role;
  units: string[];
  schoolId: string | null;
  hasPassword: boolean;
}

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
export const newToken = (): string => randomBytes(24).toString('base64url');

/** Makes the first administrator in an empty store; true while this person has no password and needs the link. */
export async function ensureFirstAdministrator(store: Store): Promise<boolean> {
  const people = await store.selectFrom('person').selectAll().execute();
  if (people.length === 0) {
    await store
      .insertInto('person')
      .values({ id: uuidv7(), username: FIRST_ADMINISTRATOR, name: 'Quản trị', role: 'admin', password: null })
      .execute();
    return true;
  }
  return people.some((person) => person.username === FIRST_ADMINISTRATOR && person.password === null);
}

export async function personByName(store: Store, username: string): Promise<Person | undefined> {
  const row = await store.selectFrom('person').selectAll().where('username', '=', username).executeTakeFirst();
  return row && shown(row);
}

/** The person with this name and password. An unknown name takes as long as a wrong password. */
export async function checkPassword(store: Store, username: string, password: string): Promise<Person | undefined> {
  const row = await store.selectFrom('person').selectAll().where('username', '=', username).executeTakeFirst();
  const [salt, key] = (row?.password ?? 'AAAA:AAAA').split(':').map((part) => Buffer.from(part, 'base64url'));
  const given = await derive(password.normalize('NFC'), salt!, KEY_BYTES, COST);
  const right = key!.length === given.length && timingSafeEqual(key!, given);
  return row?.active === 1 && right ? shown(row) : undefined;
}

/** What is kept of a password: salt and key. */
export async function derivePassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password.normalize('NFC'), salt, KEY_BYTES, COST);
  return `${salt.toString('base64url')}:${key.toString('base64url')}`;
}

/** Sets a password and ends every other session of the person. */
export async function setPassword(store: Store, personId: string, password: string, keep: string): Promise<void> {
  const derived = await derivePassword(password);
  await store.updateTable('person').set({ password: derived }).where('id', '=', personId).execute();
  await store
    .deleteFrom('session')
    .where('person_id', '=', personId)
    .where('token_hash', '!=', hashToken(keep))
    .execute();
}

export async function openSession(store: Store, personId: string, now: number): Promise<string> {
  const token = newToken();
  await store.deleteFrom('session').where('expires_at', '<', now).execute();
  await store
    .insertInto('session')
    .values({ token_hash: hashToken(token), person_id: personId, expires_at: now + SESSION_MS })
    .execute();
  return token;
}

export async function personOfSession(store: Store, token: string, now: number): Promise<Person | undefined> {
  const row = await store
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.person_id')
    .selectAll('person')
    .where('token_hash', '=', hashToken(token))
    .where('expires_at', '>', now)
    .where('active', '=', 1)
    .executeTakeFirst();
  return row && shown(row);
}

export const closeSession = (store: Store, token: string) =>
  store.deleteFrom('session').where('token_hash', '=', hashToken(token)).execute();

export const shown = (row: Selectable<PersonTable>): Person => ({
  id: row.id,
  username: row.username,
  name: row.name,
  role: row.role as Role,
  units: JSON.parse(row.units) as string[],
  schoolId: row.school_id,
  hasPassword: row.password !== null,
});
