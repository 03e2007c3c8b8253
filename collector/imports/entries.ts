import { formatPoints } from '../../shared/points.ts';
import { type Item, itemsOf, type Rule } from '../../shared/rubric/edition.ts';
import { Problem } from '../api/errors.ts';
import type { ManualFinding } from '../api/schemas/finding.ts';
import { checkEntry, type Entry, entriesOf, unitsOf, writeEntry } from '../evaluation/entries.ts';
import { editionOf, isOpen, requireEvaluation, STATE_NAMES } from '../evaluation/period.ts';
import { entryOf, RESULTS } from './entry-cells.ts';
import { type Importer, type ImportKind, type ImportRow, type ImportWork, type RowChange, RowError } from './kind.ts';

/** Entries of one period by school and rule, of the units that the person belongs to. */
export const entries: ImportKind = {
  id: 'entries',
  sheet: 'Kết quả chấm',
  about: [
    'Mỗi dòng một kết quả chấm tay của một trường ở một mục. Dòng không ghi gì ở các cột kết quả thì bỏ qua.',
    'Kết quả do người khác nhập sau lúc xuất mẫu này không bị ghi đè: dòng đó báo lỗi, tải mẫu mới rồi nhập lại.',
  ],
  columns: [
    {
      key: 'school',
      head: 'Mã trường',
      about: 'Mã trường trong kỳ đánh giá',
      example: '01LB017',
      required: true,
      prefilled: true,
      width: 14,
      most: 32,
    },
    {
      key: 'schoolName',
      head: 'Trường',
      about: 'Chỉ để đọc',
      example: 'Trường Tiểu học Gia Thụy',
      required: false,
      info: true,
      width: 28,
      most: 200,
    },
    {
      key: 'rule',
      head: 'Mã mục',
      about: 'Mã cách chấm',
      example: 'I.1.1.b',
      required: true,
      prefilled: true,
      width: 12,
      most: 64,
    },
    {
      key: 'text',
      head: 'Cách chấm',
      about: 'Chỉ để đọc',
      example: 'Mỗi nội dung tồn tại trừ 0,5 điểm',
      required: false,
      info: true,
      width: 60,
      most: 2000,
    },
    {
      key: 'result',
      head: 'Kết quả',
      about:
        '“đạt”: không bị trừ, không được cộng; “có”: có tồn tại hoặc được cộng điểm; “rút lại”: bỏ kết quả đã nhập',
      example: 'có',
      required: true,
      width: 12,
      most: 20,
    },
    {
      key: 'count',
      head: 'Số lượng',
      about: 'Số tồn tại, hoặc số đếm của mục cộng điểm theo số lượng hay tỷ lệ',
      example: '2',
      required: false,
      width: 10,
      most: 12,
    },
    {
      key: 'of',
      head: 'Tổng số',
      about: 'Của mục chấm theo tỷ lệ: số lượng trên tổng số',
      example: '30',
      required: false,
      width: 10,
      most: 12,
    },
    {
      key: 'award',
      head: 'Thành tích',
      about: 'Của mục cộng điểm theo thành tích: mã hoặc tên',
      example: 'Cấp thành phố',
      required: false,
      width: 22,
      most: 200,
    },
    {
      key: 'points',
      head: 'Điểm',
      about: 'Của mục người chấm tự cho điểm, hoặc điểm người chấm quyết định khi văn bản không ghi đến',
      example: '1,25',
      required: false,
      width: 10,
      most: 12,
    },
    {
      key: 'reason',
      head: 'Lý do',
      about: 'Căn cứ của kết quả, từ 3 ký tự',
      example: 'Hai nội dung chưa kiểm tra trong tháng 10',
      required: true,
      width: 50,
      most: 1000,
    },
  ],
  needs: 'assessor',
  ofEvaluation: true,
  open,
};

/** A template with more rows than this comes empty. */
const MAX_PREFILLED = 5000;

async function open({ context, person, at, evaluationId }: ImportWork): Promise<Importer> {
  const { store } = context;
  if (evaluationId === null) throw new Problem('input-invalid', 'cần nêu kỳ đánh giá');
  const row = await requireEvaluation(store, evaluationId);
  if (!isOpen(row))
    throw new Problem('not-now', `kỳ đánh giá đang ở bước “${STATE_NAMES[row.state]}”: không nhập được`);
  const edition = editionOf(row);
  const schools = await store
    .selectFrom('evaluation_school')
    .innerJoin('school', 'school.id', 'evaluation_school.school_id')
    .select(['school.id', 'code', 'name', 'levels'])
    .where('evaluation_id', '=', evaluationId)
    .orderBy('name')
    .execute();
  const byCode = new Map(
    schools.map((school) => [school.code, { ...school, levels: JSON.parse(school.levels) as string[] }]),
  );
  const made = Map.groupBy(
    await newestEntries(
      context,
      schools.map(({ id }) => id),
      evaluationId,
    ),
    (entry) => entry.schoolId,
  );
  const newest = new Map<string, Made>(
    [...made].flatMap(([schoolId, own]) => own.map((entry) => [`${schoolId}\n${entry.rule}`, entry] as const)),
  );
  const rules = new Map(
    itemsOf(edition).flatMap((item) => item.rules.map((rule) => [rule.id, { item, rule }] as const)),
  );
  const units = unitsOf(person, edition);
  const own = [...rules.values()].filter(({ item }) => units.includes(item.unit));
  const rows = [...byCode.values()].flatMap((school) =>
    own
      .filter(({ rule }) => applies(rule, school.levels))
      .map(({ item, rule }) => templateRow(school, item, rule, newest.get(`${school.id}\n${rule.id}`))),
  );
  const seen = new Set<string>();
  const told = new Set<string>();
  return {
    choices: {
      result: Object.values(RESULTS),
      award: [
        ...new Set(own.flatMap(({ rule }) => (rule.shape === 'award' ? rule.awards.map(({ label }) => label) : []))),
      ],
    },
    rows: rows.length <= MAX_PREFILLED ? rows : [],
    ...(rows.length <= MAX_PREFILLED
      ? {}
      : { note: `Mẫu có hơn ${MAX_PREFILLED} dòng nên để trống: ghi mã trường và mã mục cần nhập.` }),
    check(given, madeAt): RowChange {
      const school = byCode.get(given.school!);
      if (!school) throw new RowError('school', 'kỳ đánh giá không có mã trường này');
      const found = rules.get(given.rule!);
      if (!found) throw new RowError('rule', 'bộ tiêu chí của kỳ không có mã mục này');
      const key = `${school.id}\n${given.rule}`;
      if (seen.has(key)) throw new RowError('rule', 'trường và mục này lặp lại trong tệp');
      const before = newest.get(key);
      const entry = { ...entryOf(given, found.rule), basedOn: before?.id ?? null };
      const place = { schoolId: school.id, levels: school.levels, edition, evaluationId };
      checkEntry(place, person, entry);
      seen.add(key);
      const standing = before?.kind === 'withdrawn' ? undefined : before;
      if (standing ? sameEntry(standing, entry) : entry.kind === 'withdrawn') return { does: 'same' };
      if (before && (madeAt === null || Date.parse(before.at) > madeAt))
        throw new RowError(
          '',
          `${before.by} đã nhập mục này sau lúc xuất mẫu (${before.reason.slice(0, 60)}): tải mẫu mới rồi nhập lại`,
        );
      return {
        does: standing ? 'changed' : 'created',
        write: async (write) => {
          await writeEntry(write, place, person, entry, at);
          told.add(school.id);
        },
      };
    },
    done: () => {
      for (const schoolId of told) context.live.publish({ schoolId, at: new Date(at).toISOString() });
    },
  };
}

type Made = ManualFinding & { schoolId: string };

/** The newest entry of each rule at each school, withdrawals too. */
async function newestEntries(
  { store }: ImportWork['context'],
  ids: readonly string[],
  evaluationId: string,
): Promise<Made[]> {
  const newest = new Map<string, Made>();
  // They come newest first.
  for (const entry of await entriesOf(store, ids, evaluationId)) {
    const key = `${entry.schoolId}\n${entry.rule}`;
    if (!newest.has(key)) newest.set(key, entry);
  }
  return [...newest.values()];
}

const applies = ({ levels }: Rule, of: readonly string[]) => !levels || levels.some((level) => of.includes(level));

function templateRow(
  school: { code: string; name: string },
  item: Item,
  rule: Rule,
  made: Made | undefined,
): ImportRow {
  const text = `Mục ${item.id} (${item.unit}): ${rule.label ?? rule.text}`;
  const base = { school: school.code, schoolName: school.name, rule: rule.id, text };
  if (!made || made.kind === 'withdrawn' || made.kind === 'confirmed') return base;
  const award = rule.shape === 'award' ? rule.awards.find(({ id }) => id === made.award)?.label : undefined;
  return {
    ...base,
    result: RESULTS[made.kind],
    count: made.count === null ? '' : String(made.count),
    of: made.of === null ? '' : String(made.of),
    award: award ?? '',
    points: made.points === null ? '' : formatPoints(made.points),
    reason: made.reason,
  };
}

const sameEntry = (made: ManualFinding, entry: Entry): boolean =>
  made.kind === entry.kind &&
  made.count === (entry.count ?? null) &&
  made.of === (entry.of ?? null) &&
  made.award === (entry.award ?? null) &&
  made.points === (entry.points ?? null) &&
  oneLine(made.reason) === oneLine(entry.reason);

/** As a cell of a table holds it. */
const oneLine = (text: string) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
