import { formatPoints } from '../../../shared/points.ts';
import type { Edition } from '../../../shared/rubric/edition.ts';
import { ranked } from '../../../shared/rubric/ranking.ts';
import { formatDate, formatNumber } from '../../../shared/vietnamese.ts';
import type { EvaluatedSchool, EvaluationDetail } from '../../api/schemas/evaluation.ts';
import { sayLack } from '../method.ts';
import { cleaned, sayDay, sayInstant, typeset } from '../text.ts';

/** What every export of a period's summary says; a format only gives it its form. Pure, and all text in it is clean. */
export interface DistrictLines {
  issuer: string;
  unit: string;
  title: string;
  rubric: string;
  basis: string;
  facts: { label: string; value: string }[];
  notes: string[];
  /** Standards that have a column of points. */
  standards: { id: string; max: number }[];
  max: number;
  /** Name of the earlier period that is compared with; null: none. */
  previous: string | null;
  /** By rank, equal points under one rank; then without rank what is still undecided, and schools of simulated devices. */
  schools: SchoolLine[];
  /** Headings of a distribution's columns: the grades, best first, then "not attained" and "not graded yet". */
  grades: string[];
  /** Grades of all, by level and by organisation unit; schools of simulated devices are not counted. */
  distribution: { kind: 'all' | 'level' | 'unit'; head: string; rows: CountLine[] }[];
  progress: { unit: string; decided: number; items: number }[];
  day: string;
  asOf: string;
}

export interface SchoolLine {
  rank: number | null;
  /** Simulated devices. */
  practice: boolean;
  code: string;
  name: string;
  unit: string;
  levels: string;
  points: number[];
  total: number;
  grade: string;
  /** Whether a rule is still undecided: the total may change. */
  provisional: boolean;
  lacks: string;
  /** Points of the earlier period, null where there is none; the total may have been provisional then too. */
  before: number | null;
  beforeProvisional: boolean;
  /** Null unless both periods have decided it, on one scale. */
  change: number | null;
}

export interface CountLine {
  name: string;
  /** One a grade, in the order of `grades`. */
  counts: number[];
  schools: number;
  /** Of the schools that are decided; null: none is. */
  mean: number | null;
}

export interface DistrictInput {
  evaluation: Pick<EvaluationDetail, 'name' | 'from' | 'to' | 'state' | 'units' | 'rows'>;
  edition: Edition;
  /** The earlier period, and the maximum of its edition. */
  previous: {
    name: string;
    max: number;
    rows: readonly Pick<EvaluatedSchool, 'id' | 'total' | 'provisional'>[];
  } | null;
  asOf: string;
}

export const UNDECIDED = 'Chưa xếp loại';
export const ALL = 'Toàn bộ';
export const MARK = '*';

export function districtLines(given: DistrictInput): DistrictLines {
  const { evaluation, edition, previous, asOf } = cleaned(given);
  const real = evaluation.rows.filter((row) => !row.practice);
  const sameScale = previous !== null && previous.max === edition.max;
  const before = new Map(previous?.rows.map((row) => [row.id, row]));
  const levelNames = new Map(edition.levels.map(({ id, label }) => [id, label]));
  const line = (row: EvaluatedSchool, rank: number | null): SchoolLine => {
    const earlier = before.get(row.id);
    return {
      rank,
      practice: row.practice,
      code: row.code,
      name: row.practice ? `${row.name} (thực hành)` : row.name,
      unit: row.unit,
      levels: row.levels.map((level) => levelNames.get(level) ?? level).join(', '),
      points: edition.standards.map(({ id }) => row.standards.find((own) => own.id === id)?.points ?? 0),
      total: row.total,
      grade: row.provisional ? UNDECIDED : row.gradeLabel,
      provisional: row.provisional,
      lacks: typeset(lacksOf(row.gaps)),
      before: earlier?.total ?? null,
      beforeProvisional: earlier?.provisional ?? false,
      change:
        earlier === undefined || !sameScale || row.provisional || earlier.provisional
          ? null
          : row.total - earlier.total,
    };
  };
  const all = ranked(evaluation.rows).map(({ row, rank }) => line(row, rank));
  const schools = all.filter((school) => !school.practice);
  const grades = [...edition.grades.map(({ label }) => label), edition.notAttained.label, UNDECIDED];
  const kinds = [
    { kind: 'all' as const, head: 'Phạm vi', nameOf: () => ALL },
    { kind: 'level' as const, head: 'Cấp học', nameOf: (school: SchoolLine) => school.levels },
    { kind: 'unit' as const, head: 'Đơn vị', nameOf: (school: SchoolLine) => school.unit },
  ];
  return {
    issuer: edition.issuer,
    unit: '…………………………',
    title: 'BẢNG TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ',
    rubric: edition.title,
    basis: `Quyết định số ${edition.id} ngày ${formatDate(edition.date)} của ${edition.issuer}`,
    facts: [
      { label: 'Kỳ đánh giá', value: evaluation.name },
      { label: 'Số liệu từ', value: `${formatDate(evaluation.from)} đến ${formatDate(evaluation.to)}` },
      { label: 'Số trường', value: String(real.length) },
      { label: 'Trạng thái', value: STATES[evaluation.state] },
      { label: 'Số liệu đến', value: sayInstant(asOf) },
      ...(previous === null ? [] : [{ label: 'So với', value: previous.name }]),
    ],
    notes: [
      ...(all.some((school) => (school.provisional && !school.practice) || school.beforeProvisional)
        ? [
            `Dấu ${MARK}: tổng điểm tạm tính, còn nội dung chưa chấm xong (tính như không bị trừ và không được cộng); chưa xếp hạng, không tính điểm trung bình và tăng giảm.`,
          ]
        : []),
      'Các trường bằng điểm cùng hạng.',
      ...(previous !== null && !sameScale
        ? [`Kỳ trước chấm theo thang ${formatPoints(previous.max)} điểm nên không tính tăng giảm.`]
        : []),
      ...(all.length > schools.length
        ? ['Trường thực hành dùng thiết bị mô phỏng: không xếp hạng, không tính vào các bảng dưới.']
        : []),
    ],
    standards: edition.standards.map(({ id, max }) => ({ id, max })),
    max: edition.max,
    previous: previous?.name ?? null,
    schools: all,
    grades,
    distribution: kinds.map(({ kind, head, nameOf }) => ({ kind, head, rows: countBy(schools, nameOf, grades) })),
    progress: evaluation.units.map(({ id, label }) => {
      const own = real.map((row) => row.progress[id] ?? { decided: 0, items: 0 });
      const total = (key: 'decided' | 'items') => own.reduce((sum, part) => sum + part[key], 0);
      return { unit: label, decided: total('decided'), items: total('items') };
    }),
    day: sayDay(asOf),
    asOf,
  };
}

const STATES: Record<EvaluationDetail['state'], string> = {
  prepared: 'đang chuẩn bị',
  open: 'đang chấm',
  review: 'đang rà soát',
  locking: 'đang khóa',
  locked: 'đã khóa',
};

/** "Loại B: 1,5 điểm; Loại A: 6,5 điểm", the nearest grade first; empty where the best is reached. */
function lacksOf(gaps: EvaluatedSchool['gaps']): string {
  return gaps
    .filter((gap) => !gap.reached)
    .toReversed()
    .map(({ label, points, standards, needs }) => {
      const parts = [
        ...(points > 0 ? [`${formatPoints(points)} điểm`] : []),
        ...standards.map((own) => `${formatPoints(own.points)} điểm ở tiêu chuẩn ${own.id}`),
        ...needs.map(sayLack),
      ];
      return `${label}: ${parts.join(', ')}`;
    })
    .join('; ');
}

function countBy(
  schools: readonly SchoolLine[],
  nameOf: (school: SchoolLine) => string,
  grades: readonly string[],
): CountLine[] {
  return [...Map.groupBy(schools, nameOf)]
    .toSorted(([a], [b]) => a.localeCompare(b, 'vi'))
    .map(([name, own]) => {
      const decided = own.filter((school) => !school.provisional);
      return {
        name,
        counts: grades.map((grade) => own.filter((school) => school.grade === grade).length),
        schools: own.length,
        mean: decided.length === 0 ? null : decided.reduce((sum, school) => sum + school.total, 0) / decided.length,
      };
    });
}

/** "+1,5", "–2", "0" */
export const sayChange = (change: number): string =>
  change > 0 ? `+${formatPoints(change)}` : change < 0 ? `–${formatPoints(-change)}` : '0';

export const sayMean = (mean: number | null): string => (mean === null ? '' : formatNumber(mean, 2));
