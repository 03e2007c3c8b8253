import { createHash, randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { Problem } from '../api/errors.ts';
import type { NewEndpointCode } from '../api/schemas/machines.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';

/** Codes that enrol agents: one for the agent of a school, or one for all of its PCs. Only their hashes are kept. */

const SITE_CODE_MS = 24 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;
/** No 0/O, 1/I/L: a code is read from a screen and typed. 31^12 codes for a day, 31^16 for what is valid up to a year. */
const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const normalCode = (code: string) => code.toUpperCase().replaceAll(/[\s-]/g, '');
export const hashCode = (code: string): string => createHash('sha256').update(normalCode(code)).digest('hex');

const drawCode = (length: number): string =>
  Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)])
    .join('')
    .match(/.{4}/g)!
    .join('-');
const iso = (at: number) => new Date(at).toISOString();

/** Makes a one-time code that enrols one agent of a school. */
export async function newSiteCode(store: Store, schoolId: string, { by, at }: { by: string | null; at: number }) {
  const id = uuidv7();
  const code = drawCode(12);
  const expires_at = at + SITE_CODE_MS;
  await store
    .insertInto('enrolment_code')
    .values({
      id,
      code_hash: hashCode(code),
      school_id: schoolId,
      expires_at,
      used_at: null,
      made_at: at,
      made_by: by,
    })
    .execute();
  return { id, code, expiresAt: iso(expires_at) };
}

/** Remembers that a code was shown in vain. Answers its school; undefined for what is no code at all. */
export async function countRefused(store: Store, code: string, at: number): Promise<string | undefined> {
  const row = await store
    .updateTable('enrolment_code')
    .set(({ eb }) => ({ refused: eb('refused', '+', 1), refused_at: at }))
    .where('code_hash', '=', hashCode(code))
    .returning('school_id')
    .executeTakeFirst();
  return row?.school_id;
}

interface By {
  /** Person's id. */
  by: string;
  /** Epoch ms. */
  at: number;
}

/** Makes a code that enrols up to `maxMachines` PCs of a school for `days` days. */
export function newEndpointCode(
  store: Store,
  schoolId: string,
  { maxMachines, days }: NewEndpointCode,
  { by, at }: By,
): Promise<{ id: string; code: string; expiresAt: string }> {
  const id = uuidv7();
  const code = drawCode(16);
  const expires_at = at + days * DAY_MS;
  const row = {
    id,
    code_hash: hashCode(code),
    school_id: schoolId,
    kind: 'endpoint',
    expires_at,
    used_at: null,
    max_machines: maxMachines,
    made_at: at,
    made_by: by,
  };
  return store.transaction().execute(async (write) => {
    await write.insertInto('enrolment_code').values(row).execute();
    const after = { maxMachines, expiresAt: iso(expires_at) };
    await record(write, { by, action: 'code.made', subject: subjectOf(schoolId, id), before: null, after }, at);
    return { id, code, expiresAt: iso(expires_at) };
  });
}

const subjectOf = (schoolId: string, id: string) => `school/${schoolId}/endpoint-code/${id}`;

/** Ends a code: it enrols nobody any more; those whom it enrolled go on. */
export function revokeEndpointCode(store: Store, id: string, { by, at }: By): Promise<void> {
  return store.transaction().execute(async (write) => {
    const row = await write
      .updateTable('enrolment_code')
      .set({ revoked_at: at })
      .where('id', '=', id)
      .where('kind', '=', 'endpoint')
      .where('revoked_at', 'is', null)
      .returning('school_id')
      .executeTakeFirst();
    if (!row) throw new Problem('not-found', 'không có mã này, hoặc mã đã bị thu hồi');
    const subject = subjectOf(row.school_id, id);
    await record(write, { by, action: 'code.revoked', subject, before: null, after: 'revoked' }, at);
  });
}
