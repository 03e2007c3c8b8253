import type { EvaluatedSchool } from '../../../collector/api/schemas/evaluation.ts';
import type { ManualFinding } from '../../../collector/api/schemas/finding.ts';
import type { SheetAnswer } from '../../../collector/api/schemas/scoresheet.ts';
import type { DistrictInput } from '../../../collector/exports/district/lines.ts';
import { AS_OF, complete, edition, manual, mixed, sheetOf } from './sheets.ts';

/** A period's summary as the collector would give it, over sheets of the real engine. */

const UNITS = ['Phường Gia Thụy', 'Phường Ngọc Lâm', 'Phường Đức Giang'];
const LEVELS: SheetAnswer['school']['levels'][] = [['preschool'], ['primary'], ['secondary'], ['primary', 'secondary']];
const KINDS = ['Mầm non', 'Tiểu học', 'THCS', 'TH và THCS'];

const rowOf = (sheet: SheetAnswer, school: Partial<SheetAnswer['school']>): EvaluatedSchool => {
  const { total, range, grade, gradeLabel, provisional, gaps } = sheet;
  const items = sheet.standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));
  return {
    ...{ ...sheet.school, ...school },
    total,
    range,
    grade,
    gradeLabel,
    provisional,
    standards: sheet.standards.map(({ id, points, max }) => ({ id, points, max })),
    gaps,
    progress: Object.fromEntries(
      edition.units.map(({ id }) => {
        const own = items.filter((item) => item.unit === id);
        const decided = own.filter((item) => item.rules.every((rule) => !rule.applies || rule.decidedBy !== null));
        const sum = (key: 'points' | 'max') => own.reduce((total, item) => total + item[key], 0);
        return [id, { decided: decided.length, items: own.length, points: sum('points'), max: sum('max') }];
      }),
    ),
    openContests: 0,
    faults: [],
    locked: null,
  };
};

/** Standard III at half of its points, which is not more than half. */
const noMandatory = () => [
  manual('III.1.1.a', { count: 4 }),
  manual('III.1.2.a', { count: 6 }),
  ...['III.2.2.a', 'III.2.2.b', 'III.2.1.a'].map((rule) => manual(rule)),
];

/** `count` schools of every kind: best, good, failing, unfinished; two of simulated devices. */
export function districtOf(count: number): DistrictInput {
  const sheet = (index: number): SheetAnswer => {
    const lost = (points: number): ManualFinding[] => [manual('I.2.1.a', { count: points * 2 })];
    if (index % 7 === 3) return mixed();
    if (index % 11 === 5) return complete(noMandatory());
    if (index % 13 === 6) return sheetOf({});
    return complete(lost((index % 9) * 1.5));
  };
  const rows = Array.from({ length: count }, (_, index) =>
    rowOf(sheet(index), {
      id: `school-${index}`,
      code: `01LB${String(index + 1).padStart(3, '0')}`,
      name: `${KINDS[index % 4]} số ${index + 1}`,
      unit: UNITS[index % UNITS.length]!,
      levels: LEVELS[index % 4]!,
    }),
  );
  const practice = [1, 2].map((index) =>
    rowOf(complete(), { id: `practice-${index}`, code: `TT-${index}`, name: `Trường thử ${index}`, practice: true }),
  );
  return {
    evaluation: {
      name: 'Năm học 2026–2027',
      from: '2026-09-01',
      to: '2026-11-30',
      state: 'review',
      units: edition.units.map(({ id, label }) => ({ id, label, decided: 0, items: 0 })),
      rows: [...rows, ...practice],
    },
    edition,
    previous: {
      name: 'Năm học 2025–2026',
      max: 100,
      rows: rows
        .filter((_, index) => index % 5 !== 0)
        .map(({ id, total }, index) => ({
          id,
          total: total + ((index % 5) - 2) / 2,
          provisional: index % 9 === 8,
        })),
    },
    asOf: new Date(AS_OF).toISOString(),
  };
}
