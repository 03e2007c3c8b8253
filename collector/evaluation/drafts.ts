import type { Person } from '../access/people.ts';
import type { Draft, NewDraft } from '../api/schemas/evaluation.ts';
import type { Store } from '../store/sqlite.ts';

/** Unfinished entries, kept as they are typed: no closed browser loses one, and two people see that both are at one rule. */

export interface DraftPlace {
  evaluationId: string;
  schoolId: string;
  rule: string;
}

/** A draft that nobody went on with is not told to others any more, ms. */
const SHOWN_TO_OTHERS_MS = 30 * 60_000;

/** Keeps what the person has typed; answers whether it is new, so that others hear of it once. */
export async function keepDraft(
  store: Store,
  { evaluationId, schoolId, rule }: DraftPlace,
  person: Person,
  fields: NewDraft['fields'],
  at: number,
): Promise<boolean> {
  const before = await store
    .selectFrom('draft')
    .select('at')
    .where('evaluation_id', '=', evaluationId)
    .where('school_id', '=', schoolId)
    .where('rule', '=', rule)
    .where('person_id', '=', person.id)
    .executeTakeFirst();
  await store
    .insertInto('draft')
    .values({
      evaluation_id: evaluationId,
      school_id: schoolId,
      rule,
      person_id: person.id,
      at,
      fields: JSON.stringify(fields),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['evaluation_id', 'school_id', 'rule', 'person_id'])
        .doUpdateSet((eb) => ({ at: eb.ref('excluded.at'), fields: eb.ref('excluded.fields') })),
    )
    .execute();
  return before === undefined || at - before.at > SHOWN_TO_OTHERS_MS;
}

/** Answers whether there was one. */
export async function dropDraft(
  store: Store,
  { evaluationId, schoolId, rule }: DraftPlace,
  person: Person,
): Promise<boolean> {
  const { numDeletedRows } = await store
    .deleteFrom('draft')
    .where('evaluation_id', '=', evaluationId)
    .where('school_id', '=', schoolId)
    .where('rule', '=', rule)
    .where('person_id', '=', person.id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The reader's own drafts of a sheet in full, and of others' that they exist. A school's person sees none. */
export async function draftsOf(
  store: Store,
  evaluationId: string,
  schoolId: string,
  reader: Person,
  now: number,
): Promise<Draft[]> {
  if (reader.role === 'school') return [];
  const rows = await store
    .selectFrom('draft')
    .innerJoin('person', 'person.id', 'draft.person_id')
    .select(['rule', 'person_id', 'person.name as by', 'at', 'fields'])
    .where('evaluation_id', '=', evaluationId)
    .where('draft.school_id', '=', schoolId)
    .orderBy('at')
    .execute();
  return rows
    .filter((row) => row.person_id === reader.id || now - row.at <= SHOWN_TO_OTHERS_MS)
    .map(({ rule, person_id, by, at, fields }) => ({
      rule,
      by,
      at: new Date(at).toISOString(),
      fields: person_id === reader.id ? (JSON.parse(fields) as NewDraft['fields']) : null,
    }));
}
