import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { findRule } from '../../shared/rubric/edition.ts';
import { checkFinding, FindingError } from '../../shared/rubric/engine.ts';
import { asFinding } from '../evaluation/sheet.ts';
import type { Store } from '../store/sqlite.ts';
import type { App, Context } from './context.ts';
import { Problem } from './errors.ts';
import { Id } from './schemas/common.ts';
import { ManualFinding, NewManualFinding } from './schemas/finding.ts';

const params = Type.Object({ id: Id });

/** Every entry ever made at these schools, newest first. */
export async function manualFindings(store: Store, schoolIds: readonly string[]) {
  if (schoolIds.length === 0) return [];
  const rows = await store
    .selectFrom('manual_finding')
    .innerJoin('person', 'person.id', 'manual_finding.by')
    .selectAll('manual_finding')
    .select('person.name as person_name')
    .where('school_id', 'in', schoolIds)
    .orderBy('at', 'desc')
    .orderBy('manual_finding.id', 'desc')
    .execute();
  return rows.map((row) => ({
    schoolId: row.school_id,
    id: row.id,
    rule: row.rule,
    kind: row.kind as ManualFinding['kind'],
    count: row.count,
    award: row.award,
    points: row.points,
    reason: row.reason,
    by: row.person_name,
    at: new Date(row.at).toISOString(),
  }));
}

export function findingRoutes(app: App, context: Context): void {
  const { store, edition, now } = context;

  app.get(
    '/schools/:id/findings',
    { schema: { params, response: { 200: Type.Array(ManualFinding) } }, config: { needs: 'viewer' } },
    (request) => manualFindings(store, [request.params.id]),
  );

  app.post(
    '/schools/:id/findings',
    { schema: { params, body: NewManualFinding, response: { 201: ManualFinding } }, config: { needs: 'assessor' } },
    async (request, reply) => {
      const schoolId = request.params.id;
      const school = await store.selectFrom('school').select('levels').where('id', '=', schoolId).executeTakeFirst();
      if (!school) throw new Problem('not-found', 'không có trường này');
      const { rule, kind, reason, count = null, award = null, points = null } = request.body;
      const found = findRule(edition, rule);
      if (!found) throw new Problem('input-invalid', `${edition.id} không có mục ${rule}`);
      if (kind === 'finding') {
        try {
          checkFinding(
            found.rule,
            found.item,
            JSON.parse(school.levels) as string[],
            asFinding({ rule, count, award, points }),
          );
        } catch (error) {
          if (error instanceof FindingError) throw new Problem('input-invalid', SAY[error.code](rule, found.item.max));
          throw error;
        }
      } else if (count !== null || award !== null || points !== null)
        throw new Problem('input-invalid', 'chỉ mục có tồn tại hoặc được cộng điểm mới kèm số lượng, thành tích, điểm');
      const entry = { id: uuidv7(), rule, kind, count, award, points, reason };
      const at = now();
      await store
        .insertInto('manual_finding')
        .values({ ...entry, school_id: schoolId, by: request.person!.id, at })
        .execute();
      context.live.publish({ schoolId, at: new Date(at).toISOString() });
      return reply.code(201).send({ ...entry, by: request.person!.name, at: new Date(at).toISOString() });
    },
  );
}

const SAY: Record<FindingError['code'], (rule: string, max: number) => string> = {
  'unknown-rule': (rule) => `không có mục ${rule}`,
  'wrong-level': (rule) => `mục ${rule} không áp dụng cho cấp học của trường`,
  'bad-count': (rule) => `mục ${rule}: số lượng phải là số nguyên từ 0`,
  'bad-award': (rule) => `mục ${rule}: thành tích không có trong danh sách`,
  'bad-points': (rule, max) => `mục ${rule}: điểm từ 0 đến ${String(max).replace('.', ',')}, bước 0,25`,
  conflict: (rule) => `mục ${rule}: có hai mức điểm khác nhau`,
  'wrong-shape': (rule) => `mục ${rule}: thiếu hoặc thừa số lượng, thành tích, điểm`,
};
