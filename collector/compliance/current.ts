import type { MeasuredFinding } from '../api/schemas/finding.ts';
import type { Store } from '../store/sqlite.ts';

/** The findings in force at these schools, in the decision's order. */
export async function currentFindings(
  store: Store,
  schoolIds: readonly string[],
): Promise<Map<string, MeasuredFinding[]>> {
  const bySchool = new Map<string, MeasuredFinding[]>(schoolIds.map((id) => [id, []]));
  if (schoolIds.length === 0) return bySchool;
  const rows = await store
    .selectFrom('finding')
    .select(['school_id', 'body'])
    .where('current', '=', 1)
    .where('school_id', 'in', schoolIds)
    .orderBy('rule')
    .execute();
  for (const row of rows) bySchool.get(row.school_id)?.push(JSON.parse(row.body) as MeasuredFinding);
  return bySchool;
}
