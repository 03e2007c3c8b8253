import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ManualFinding } from '../../../collector/api/schemas/finding.ts';
import { scoreSheet } from '../../../collector/evaluation/sheet.ts';
import { sheetLines } from '../../../collector/exports/lines.ts';
import { exportFormats } from '../../../collector/exports/registry.ts';
import { xlsx } from '../../../collector/exports/xlsx.ts';
import { type Item, itemsOf, parseEdition, type Rule } from '../../../shared/rubric/edition.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';
import { twoGroups } from '../../shared/rubric/fixtures/two-groups.ts';
import { AS_OF, manual } from './sheets.ts';
import { compute, readSheet } from './spreadsheet.ts';
import { unzip } from './zip.ts';

/** Exports print and compute by the edition that the sheet was scored by: another shape, or other readings. */

const edition = parseEdition(twoGroups());
const school = {
  id: 's',
  name: 'Trường Thử',
  code: 'T-1',
  levels: ['primary' as const],
  unit: 'Cụm Thử',
  practice: false,
};
const rules = itemsOf(edition)
  .flatMap((item) => item.rules.map((rule) => ({ item, rule })))
  .filter(({ rule }) => !rule.levels || rule.levels.includes('primary'));
const sheetBy = (entries: readonly ManualFinding[]) =>
  scoreSheet({ edition, school, measured: [], manual: entries, asOf: AS_OF });

function entryFor({ item, rule }: { item: Item; rule: Rule }): fc.Arbitrary<Partial<ManualFinding>> {
  switch (rule.shape) {
    case 'once':
      return fc.constantFrom({}, { kind: 'meets' as const });
    case 'each':
    case 'tiers':
      return fc.oneof(
        fc.constant({ kind: 'meets' as const }),
        fc.nat(4).map((count) => ({ count })),
      );
    case 'free':
      return fc.nat((rule.max ?? item.max) * 4).map((quarters) => ({ points: quarters / 4 }));
    case 'award':
      if (!('by' in rule)) return fc.constantFrom(...rule.awards).map(({ id: award }) => ({ award }));
      if (rule.by === 'count') return fc.nat(25).map((count) => ({ count }));
      return fc.tuple(fc.nat(30), fc.nat(10)).map(([count, more]) => ({ count, of: count + more || 1 }));
  }
}
const anySheet = fc
  .tuple(fc.tuple(...rules.map(entryFor)), fc.subarray(rules, { maxLength: 1 }))
  .map(([entries, open]) =>
    sheetBy(
      entries.flatMap((rest, index) => (open.includes(rules[index]!) ? [] : [manual(rules[index]!.rule.id, rest)])),
    ),
  );

test('formulas over groups, sums, shares and conditions come to what the engine says', async () => {
  const grades = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anySheet, async (answer) => {
      const sheet = readSheet(Buffer.from(await xlsx.write(answer, edition)));
      const computed = compute(sheet);
      const value = (label: string) => {
        const row = [...sheet].find(([name, cell]) => name.startsWith('A') && cell.value === label)![0].slice(1);
        expect(sheet.get(`G${row}`)!.value, label).toBe(computed.get(`G${row}`));
        return computed.get(`G${row}`);
      };
      expect(value('TỔNG ĐIỂM')).toBe(answer.total);
      for (const group of answer.groups!) expect(value(group.title)).toBe(group.points);
      expect(value('Tổng điểm thấp nhất có thể (nội dung chưa chấm xong được 0)')).toBe(answer.range.least);
      expect(value('Tổng điểm cao nhất có thể')).toBe(answer.range.most);
      expect(value('Xếp loại tạm tính')).toBe(answer.gradeLabel);
      grades.add(answer.gradeLabel);
    }),
    { numRuns: 150, seed: 200 },
  );
  expect(grades.size).toBeGreaterThanOrEqual(3);
});

/** All that stands in a file, with every space an ordinary one. */
function textOf(written: Uint8Array): string {
  const bytes = Buffer.from(written);
  const parts = bytes.subarray(0, 2).toString('latin1') === 'PK' ? [...unzip(bytes).values()] : [bytes];
  return parts.join('\n').replaceAll('\u00A0', ' ');
}

describe('the sheet of another shape', () => {
  test('says groups, what the grades ask, and what the next one lacks', () => {
    const lines = sheetLines(sheetBy(rules.map(({ rule }) => manual(rule.id, { kind: 'meets' }))), edition);
    expect(lines.groups).toMatchObject([
      { id: 'D', title: 'Nhóm thử: dạy, học', points: 0, max: 100, met: true },
      { id: 'Q', title: 'Nhóm thử: quản trị', points: 40, max: 100 },
    ]);
    expect(lines.method).toEqual([
      'Mọi mức: Điều kiện bắt buộc: có kế hoạch thử; Nhóm thử: quản trị từ 10\u00A0điểm.',
      'Mức thử 3: tổng điểm từ 160; Nhóm dạy, học trên 75\u00A0điểm; Nhóm thử: quản trị trên 75\u00A0điểm; Tiêu chí thử theo mức từ 20\u00A0điểm; không có tồn tại “Có sự cố thử”.',
      'Mức thử 2: Nhóm thử: dạy, học từ 50\u00A0điểm; Nhóm thử: quản trị từ 50\u00A0điểm.',
      'Mức thử 1: không yêu cầu thêm.',
    ]);
    expect(lines.gradeNotes).toContain(
      'Để đạt Mức thử 2 còn: Nhóm thử: dạy, học (thiếu 50\u00A0điểm); Nhóm thử: quản trị (thiếu 10\u00A0điểm).',
    );
  });

  test.each(exportFormats)('$id is written', async (format) => {
    const text = textOf(await format.write(sheetBy([manual('D1.1.1.c', { count: 13, of: 20 })]), edition));
    for (const said of ['Nhóm thử: dạy, học', '13/20 giáo viên (65%)']) expect(text.includes(said), said).toBe(true);
  });
});

test.each(exportFormats)('$id prints the reading that was chosen, not the file’s own', async (format) => {
  const other = loadEdition('8265/QĐ-UBND', { 'III.2.1-penalty': 'whole' });
  const answer = scoreSheet({
    edition: other,
    school,
    measured: [],
    manual: [manual('III.2.1.a', { count: 1 })],
    asOf: AS_OF,
  });
  const text = textOf(await format.write(answer, other));
  const reading = other.readings.find(({ id }) => id === 'III.2.1-penalty')!;
  const label = (choice: string) => reading.choices.find(({ id }) => id === choice)!.label;
  expect(text.includes(`${label('whole')}. Lý do`)).toBe(true);
  expect(text.includes(`${label('half')}. Lý do`)).toBe(false);
});
