import type { Insertable } from 'kysely';
import { Problem } from '../api/errors.ts';
import type { ChangedPerson, NewPerson } from '../api/schemas/session.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import type { PersonTable } from '../store/tables.ts';

/** Changes to who may sign in, each with its row of the audit log. Call them inside a transaction. */

export type GivenPerson = Pick<NewPerson, 'name' | 'role' | 'units' | 'schoolId'>;
type PersonRow = Insertable<PersonTable>;

/** Throws Problem unless the role has what belongs to it. `known`: assessing units. */
export function requireFits({ role, units, schoolId }: GivenPerson, known: readonly string[]): void {
  const unknown = units.find((unit) => !known.includes(unit));
  if (unknown !== undefined)
    throw new Problem('input-invalid', `không có đơn vị đánh giá ${unknown}; có: ${known.join(', ')}`);
  if (role === 'assessor' && units.length === 0)
    throw new Problem('input-invalid', `người chấm cần ít nhất một đơn vị đánh giá: ${known.join(', ')}`);
  if (role !== 'assessor' && units.length > 0)
    throw new Problem('input-invalid', 'chỉ người chấm mới thuộc đơn vị đánh giá');
  if ((role === 'school') !== (schoolId !== null))
    throw new Problem('input-invalid', 'người của trường cần đúng một trường, người khác không thuộc trường nào');
}

/** Throws Problem `already-exists` when the name is taken. */
export async function createPerson(write: Store, row: PersonRow, by: string, at: number): Promise<void> {
  const made = await write
    .insertInto('person')
    .values(row)
    .onConflict((conflict) => conflict.column('username').doNothing())
    .executeTakeFirst();
  if (!made.numInsertedOrUpdatedRows) throw new Problem('already-exists', `đã có người dùng ${row.username}`);
  const after = { username: row.username, ...shownChange(row) };
  await record(write, { by, action: 'person.created', subject: `person/${row.id}`, before: null, after }, at);
}

/** Who is locked out, or gets another password, is signed out. `before`: as the log shows it. */
export async function changePerson(
  write: Store,
  id: string,
  row: Omit<PersonRow, 'id' | 'username' | 'password'> & { password?: string | null; active: number },
  before: Omit<ChangedPerson, 'password'>,
  by: string,
  at: number,
): Promise<void> {
  await write.updateTable('person').set(row).where('id', '=', id).execute();
  if (!row.active || row.password !== undefined)
    await write.deleteFrom('session').where('person_id', '=', id).execute();
  const password = row.password === undefined ? {} : { password: 'đặt lại' };
  const after = { ...shownChange(row), active: row.active === 1, ...password };
  await record(write, { by, action: 'person.changed', subject: `person/${id}`, before, after }, at);
}

const shownChange = ({
  name,
  role,
  units = '[]',
  school_id = null,
}: Pick<PersonRow, 'name' | 'role' | 'units' | 'school_id'>) => ({
  name,
  role,
  units: JSON.parse(units) as string[],
  schoolId: school_id,
});
