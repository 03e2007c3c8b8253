import { v7 as uuidv7 } from 'uuid';
import { type Edition, findRule } from '../../shared/rubric/edition.ts';
import { checkFinding, FindingError } from '../../shared/rubric/engine.ts';
import type { Person } from '../access/people.ts';
import { Problem } from '../api/errors.ts';
import type { EntryKind, ManualFinding, MeasuredFinding } from '../api/schemas/finding.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import { requireOpen } from './period.ts';
import { asFinding } from './sheet.ts';

/** Entries by people: who may make one, what it must hold, and what happens when two enter at once. */

export interface Entry {
  rule: string;
  kind: EntryKind;
  count?: number;
  of?: number;
  award?: string;
  points?: number;
  reason: string;
  /** The newest entry of the rule that its author saw, null: none. Undefined: the author does not say. */
  basedOn?: string | null;
}

export interface Place {
  schoolId: string;
  levels: readonly string[];
  edition: Edition;
  /** Null: the live sheet. */
  evaluationId: string | null;
}

/** Occurrences of a fault at one school: more is a slip of the keyboard. */
const MAX_FAULTS = 1000;

/** Every entry at these schools on the live sheet (`evaluationId` null) or in a period, newest first. */
export async function entriesOf(store: Store, schoolIds: readonly string[], evaluationId: string | null) {
  if (schoolIds.length === 0) return [];
  const rows = await store
    .selectFrom('manual_finding')
    .innerJoin('person', 'person.id', 'manual_finding.by')
    .selectAll('manual_finding')
    .select('person.name as person_name')
    .where('manual_finding.school_id', 'in', schoolIds)
    .where('evaluation_id', evaluationId === null ? 'is' : '=', evaluationId)
    .orderBy('at', 'desc')
    .orderBy('manual_finding.id', 'desc')
    .execute();
  return rows.map((row) => ({
    schoolId: row.school_id,
    id: row.id,
    rule: row.rule,
    kind: row.kind as EntryKind,
    count: row.count,
    of: row.of,
    award: row.award,
    points: row.points,
    reason: row.reason,
    by: row.person_name,
    at: new Date(row.at).toISOString(),
  }));
}

/** Units of the rubric for whose items this person enters. */
export const unitsOf = (person: Person, edition: Edition): string[] =>
  person.role === 'admin' ? edition.units.map((unit) => unit.id) : person.role === 'assessor' ? person.units : [];

/** Keeps an entry and its audit row. Throws Problem; then nothing was kept. */
export async function makeEntry(
  store: Store,
  place: Place,
  person: Person,
  entry: Entry,
  at: number,
): Promise<ManualFinding> {
  checkEntry(place, person, entry);
  return store.transaction().execute((write) => writeEntry(write, place, person, entry, at));
}

/** Throws Problem unless this person may make this entry, and it holds what its rule takes. */
export function checkEntry({ levels, edition }: Place, person: Person, entry: Entry): void {
  const { rule, kind, count = null, of = null, award = null, points = null } = entry;
  const found = findRule(edition, rule);
  if (!found) throw new Problem('input-invalid', `${edition.id} không có mục ${rule}`);
  if (!unitsOf(person, edition).includes(found.item.unit))
    throw new Problem(
      'no-rights',
      `mục ${found.item.id} do ${found.item.unit} chấm, tài khoản này không thuộc đơn vị đó`,
    );
  const carries = [count, of, award, points].some((value) => value !== null);
  const gives = found.rule.shape === 'award' || found.rule.shape === 'free';
  if (kind === 'finding')
    check(
      () => checkFinding(found.rule, found.item, levels, asFinding({ rule, count, of, award, points })),
      rule,
      found.item.max,
    );
  else if (kind === 'confirmed' ? count === null || [of, award, points].some((value) => value !== null) : carries)
    throw new Problem(
      'input-invalid',
      'chỉ mục có tồn tại hoặc được cộng điểm mới kèm số lượng, tổng số, thành tích, điểm',
    );
  if (kind !== 'withdrawn' && found.rule.levels && !found.rule.levels.some((level) => levels.includes(level)))
    throw new Problem('input-invalid', `mục ${rule} không áp dụng cho cấp học của trường`);
  if (found.rule.shape === 'once' && kind === 'finding' && count !== null && count > 1)
    throw new Problem('input-invalid', `mục ${rule} chỉ có hoặc không, không đếm`);
  if (!gives && count !== null && count > MAX_FAULTS)
    throw new Problem('input-invalid', `mục ${rule}: số lượng quá ${MAX_FAULTS}`);
  if (gives && kind === 'confirmed') throw new Problem('input-invalid', `mục ${rule} không được đo tự động`);
}

/** Keeps a checked entry, inside a transaction. Throws Problem when somebody was first, or there is nothing to withdraw. */
export async function writeEntry(
  write: Store,
  { schoolId, evaluationId }: Place,
  person: Person,
  entry: Entry,
  at: number,
): Promise<ManualFinding> {
  const { rule, kind, reason, count = null, of = null, award = null, points = null, basedOn } = entry;
  const row = { id: uuidv7(), rule, kind, count, of, award, points, reason: reason.trim() };
  // Written first: it takes the store's lock, so that nobody enters between the look and the write.
  await write
    .insertInto('manual_finding')
    .values({ ...row, school_id: schoolId, evaluation_id: evaluationId, by: person.id, at })
    .execute();
  if (evaluationId !== null) await requireOpen(write, evaluationId);
  if (kind === 'confirmed') await requireMeasured(write, { schoolId, evaluationId }, rule, count);
  const before = await write
    .selectFrom('manual_finding')
    .innerJoin('person', 'person.id', 'manual_finding.by')
    .select(['manual_finding.id', 'kind', 'count', 'of', 'award', 'points', 'reason', 'person.name as by'])
    .where('manual_finding.school_id', '=', schoolId)
    .where('rule', '=', rule)
    .where('evaluation_id', evaluationId === null ? 'is' : '=', evaluationId)
    .where('manual_finding.id', '!=', row.id)
    .orderBy('at', 'desc')
    .orderBy('manual_finding.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (basedOn !== undefined && (before?.id ?? null) !== basedOn)
    throw new Problem(
      'edit-conflict',
      before
        ? `${before.by} vừa nhập mục ${rule} (${before.reason}): xem lại rồi nhập tiếp, chưa lưu gì`
        : `mục ${rule} đã thay đổi: tải lại rồi nhập tiếp, chưa lưu gì`,
    );
  if (kind === 'withdrawn' && (!before || before.kind === 'withdrawn'))
    throw new Problem('input-invalid', `mục ${rule} chưa có gì để rút lại`);
  await record(
    write,
    {
      by: person.id,
      action: 'entry.made',
      subject: `${evaluationId === null ? '' : `evaluation/${evaluationId}/`}school/${schoolId}/${rule}`,
      before: before ?? null,
      after: row,
    },
    at,
  );
  return { ...row, by: person.name, at: new Date(at).toISOString() };
}

/** What is confirmed must be what the measurement says now. */
async function requireMeasured(
  write: Store,
  { schoolId, evaluationId }: Pick<Place, 'schoolId' | 'evaluationId'>,
  rule: string,
  count: number | null,
): Promise<void> {
  const row = await write
    .selectFrom('evaluation_finding')
    .select('body')
    .where('evaluation_id', '=', evaluationId ?? '')
    .where('school_id', '=', schoolId)
    .where('rule', '=', rule)
    .executeTakeFirst();
  const measured = row && (JSON.parse(row.body) as MeasuredFinding);
  if (!measured || (measured.state !== 'pass' && measured.state !== 'fail') || measured.count !== count)
    throw new Problem('edit-conflict', `mục ${rule}: số đo không còn như vậy, xem lại rồi xác nhận, chưa lưu gì`);
}

function check(work: () => void, rule: string, max: number): void {
  try {
    work();
  } catch (error) {
    if (error instanceof FindingError) throw new Problem('input-invalid', SAY[error.code](rule, max));
    throw error;
  }
}

const SAY: Record<FindingError['code'], (rule: string, max: number) => string> = {
  'unknown-rule': (rule) => `không có mục ${rule}`,
  'wrong-level': (rule) => `mục ${rule} không áp dụng cho cấp học của trường`,
  'bad-count': (rule) => `mục ${rule}: số lượng phải là số nguyên từ 0, không quá tổng số`,
  'bad-award': (rule) => `mục ${rule}: thành tích không có trong danh sách`,
  'bad-points': (rule, max) => `mục ${rule}: điểm từ 0 đến ${String(max).replace('.', ',')}, bước 0,25`,
  conflict: (rule) => `mục ${rule}: có hai mức điểm khác nhau`,
  'wrong-shape': (rule) => `mục ${rule}: thiếu hoặc thừa số lượng, tổng số, thành tích, điểm`,
};
