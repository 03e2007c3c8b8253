import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Level } from '../../../collector/api/schemas/common.ts';
import type { SheetAnswer } from '../../../collector/api/schemas/scoresheet.ts';
import { type ItemLine, sheetLines, UNDECIDED } from '../../../collector/exports/lines.ts';
import { clean } from '../../../collector/exports/text.ts';
import { xlsx } from '../../../collector/exports/xlsx.ts';
import type { Rule } from '../../../shared/rubric/edition.ts';
import { complete, edition, hostile, items, type Made, manual, measured, mixed, rulesFor, sheetOf } from './sheets.ts';
import { compute, type ReadSheet, readSheet, type Value, withoutResults } from './spreadsheet.ts';
import { parseXml } from './xml.ts';
import { unzip } from './zip.ts';

const write = async (sheet: SheetAnswer) => Buffer.from(await xlsx.write(sheet, edition));
const rowOf = (name: string) => Number(name.slice(1));

/** Rows of the table that have points, and the rows of results, from top to bottom. */
function tableOf(sheet: ReadSheet) {
  const formulas = [...sheet].filter(([name, cell]) => name.startsWith('G') && cell.formula !== null);
  const rows = formulas.map(([name]) => rowOf(name)).sort((a, b) => a - b);
  const label = (row: number) => String(sheet.get(`A${row}`)?.value ?? '');
  const total = rows.findIndex((row) => label(row) === 'TỔNG ĐIỂM');
  return { scored: rows.slice(0, total), results: rows.slice(total).map((row) => ({ row, label: label(row) })) };
}

/** What the formulas must come to, from the engine's answer. */
function expectEngine(answer: SheetAnswer, sheet: ReadSheet, value: (name: string) => Value): void {
  const { scored, results } = tableOf(sheet);
  const lines = sheetLines(answer, edition);
  expect(scored.map((row) => [sheet.get(`A${row}`)!.value, value(`G${row}`)])).toEqual(
    lines.rows.map((row) => [row.number, row.points]),
  );
  expect(Object.fromEntries(results.map(({ row, label }) => [label, value(`G${row}`)]))).toEqual({
    'TỔNG ĐIỂM': answer.total,
    'Số nội dung chưa chấm xong': lines.rows.filter((row) => row.kind === 'item' && row.open).length,
    'Tổng điểm thấp nhất có thể (nội dung chưa chấm xong được 0)': answer.range.least,
    'Tổng điểm cao nhất có thể': answer.range.most,
    'Xếp loại tạm tính': answer.gradeLabel,
    'XẾP LOẠI': answer.provisional ? UNDECIDED : answer.gradeLabel,
  });
  expect(value(`C${results[0]!.row}`)).toBe(answer.max);
}

/** Any state of a rule: not judged, met, entered, measured, both. */
function stateOf({ item, rule }: { item: { max: number }; rule: Rule }): fc.Arbitrary<Made> {
  const entered = (): fc.Arbitrary<Parameters<typeof manual>[1]> => {
    switch (rule.shape) {
      case 'once':
        return fc.constantFrom({}, { count: 0 }, { kind: 'meets' as const });
      case 'each':
      case 'tiers':
        return fc.oneof(fc.nat(6), fc.nat(1000)).map((count) => ({ count }));
      case 'award':
        return fc.constantFrom(...rule.awards).map((award) => ({ award: award.id }));
      case 'free':
        return fc.nat(item.max * 4).map((quarters) => ({ points: quarters / 4 }));
    }
  };
  const byHand = entered().map((rest) => ({ manual: [manual(rule.id, rest)] }));
  const met = fc.constant({ manual: [manual(rule.id, { kind: 'meets' })] });
  const found = fc.nat(4).map((count) => ({
    measured: [measured(rule.id, { state: count === 0 ? 'pass' : 'fail', count })],
  }));
  const gives = rule.shape === 'award' || rule.shape === 'free';
  return fc.oneof(
    { weight: 2, arbitrary: byHand },
    { weight: 5, arbitrary: met },
    ...(gives ? [] : [{ weight: 2, arbitrary: found }]),
    ...(gives ? [] : [{ weight: 1, arbitrary: fc.tuple(found, byHand).map(([a, b]) => ({ ...a, ...b })) }]),
  );
}

const anySheet: fc.Arbitrary<SheetAnswer> = fc
  .tuple(fc.subarray<Level>(['preschool', 'primary', 'secondary'], { minLength: 1 }), fc.constantFrom(0, 0, 3))
  .chain(([levels, undecided]) => {
    const rules = rulesFor(levels);
    return fc
      .tuple(fc.tuple(...rules.map(stateOf)), fc.subarray(rules, { maxLength: undecided }))
      .map(([states, open]) => {
        const kept = states.filter((_, index) => !open.includes(rules[index]!));
        return sheetOf({
          measured: kept.flatMap((state) => state.measured ?? []),
          manual: kept.flatMap((state) => state.manual ?? []),
          school: { levels },
        });
      });
  });
const SEED = 8265;

/** Sheets at the edges of the grades: exactly 95, just below, exactly half of a mandatory standard. */
const edges = (): SheetAnswer[] => {
  const lose = (points: number) => complete([manual('I.2.1.a', { count: points / 0.5 })]);
  const full = complete().total;
  return [
    complete(),
    lose(full - 95),
    lose(full - 94.5),
    lose(full - 90),
    lose(full - 89.5),
    // Standard III at 7.5 of 15, and at 8.
    complete([
      manual('III.1.1.a', { count: 4 }),
      manual('III.1.2.a', { count: 6 }),
      manual('III.2.2.a'),
      manual('III.2.2.b'),
      manual('III.2.1.a'),
    ]),
    complete([
      manual('III.1.1.a', { count: 4 }),
      manual('III.1.2.a', { count: 6 }),
      manual('III.2.2.a'),
      manual('III.2.2.b'),
    ]),
  ];
};

describe('the workbook', () => {
  test.each([
    ['findings of all shapes', mixed],
    ['nothing judged', () => sheetOf({})],
    ['everything judged', () => complete()],
    ['hostile text', hostile],
  ])('%s: stored and computed values are those of the engine', async (_, make) => {
    const answer = make();
    const sheet = readSheet(await write(answer));
    const computed = compute(sheet);
    expectEngine(answer, sheet, (name) => sheet.get(name)!.value);
    expectEngine(answer, sheet, (name) => computed.get(name)!);
  });

  test('the edges of the grades are those of the decision', async () => {
    const made = edges();
    expect(made.map(({ gradeLabel }) => gradeLabel)).toEqual(expect.arrayContaining(['Loại A', 'Loại B', 'Chưa đạt']));
    expect(made.some(({ standards }) => standards.some(({ aboveMinimum }) => !aboveMinimum))).toBe(true);
    for (const answer of made) {
      const sheet = readSheet(await write(answer));
      const computed = compute(sheet);
      expectEngine(answer, sheet, (name) => computed.get(name)!);
    }
  });

  test('50 random sets of findings: the formulas come to what the engine says', async () => {
    await fc.assert(
      fc.asyncProperty(anySheet, async (answer) => {
        const sheet = readSheet(await write(answer));
        const computed = compute(sheet);
        expectEngine(answer, sheet, (name) => sheet.get(name)!.value);
        expectEngine(answer, sheet, (name) => computed.get(name)!);
      }),
      { numRuns: 50, seed: SEED },
    );
  });

  test('is live: a deduction typed in changes item, criterion, standard, total and grade', async () => {
    const answer = complete();
    const sheet = readSheet(await write(answer));
    const before = compute(sheet);
    const { scored, results } = tableOf(sheet);
    const item = scored[2]!;
    sheet.set(`F${item}`, { formula: null, value: 99, isText: false });
    const after = compute(sheet);
    expect(after.get(`G${item}`)).toBe(0);
    const lost = Number(before.get(`G${item}`));
    for (const row of [scored[0]!, scored[1]!, results[0]!.row])
      expect(after.get(`G${row}`)).toBe(Number(before.get(`G${row}`)) - lost);
    sheet.set(`F${item}`, { formula: null, value: null, isText: false });
    expect(compute(sheet).get(`G${results.at(-1)!.row}`)).toBe(UNDECIDED);
  });

  test('holds the 27 items with the decision’s text, points as numbers, everything written by people as text', async () => {
    const answer = hostile();
    const sheet = readSheet(await write(answer));
    const { scored } = tableOf(sheet);
    const lines = sheetLines(answer, edition).rows;
    const own = lines.flatMap((line, index) => (line.kind === 'item' ? [{ line, row: scored[index]! }] : []));
    expect(own.map(({ row }) => sheet.get(`B${row}`)!.value)).toEqual(items.map((item) => item.text.join('\n')));
    expect(own.map(({ row }) => sheet.get(`C${row}`)!.value)).toEqual(items.map((item) => item.max));
    expect(own).toHaveLength(27);
    const notes = [...sheet].flatMap(([name, cell]) => (name.startsWith('H') && cell.isText ? [cell.value] : []));
    for (const rule of own.flatMap(({ line }) => (line as ItemLine).rules)) expect(notes).toContain(rule.note);
    const formulas = [...sheet.values()].flatMap(({ formula }) => formula ?? []);
    for (const formula of formulas) expect(formula).toMatch(/^(MAX|MIN|SUM|IF|\(COUNT)\(/);
    expect(formulas.join()).not.toMatch(/HYPERLINK|cmd/);
    expect([...sheet.values()].some(({ value }) => String(value).includes(clean('_x0041_ và _x003D_1+1')))).toBe(true);
  });

  test('a text too long for a cell says that it ends', async () => {
    const reason = 'dài '.repeat(20_000);
    const sheet = readSheet(await write(sheetOf({ manual: [manual('I.1.1.a', { reason })] })));
    const longest = [...sheet.values()].map(({ value }) => String(value)).sort((a, b) => b.length - a.length)[0]!;
    expect(longest.length).toBeLessThanOrEqual(32_767);
    expect(longest).toMatch(/xem tiếp trong hệ thống\)$/);
  });

  test('is printed on A4 landscape with the table’s head on every page and frozen on screen', async () => {
    const files = unzip(await write(hostile()));
    for (const [name, content] of files) if (/\.(xml|rels)$/.test(name)) parseXml(content.toString('utf8'));
    const sheet = files.get('xl/worksheets/sheet1.xml')!.toString('utf8');
    const head = [...readSheet(await write(hostile()))].find(([, { value }]) => value === 'STT')![0].slice(1);
    expect(sheet).toMatch(/<pageSetup [^>]*paperSize="9"[^>]*orientation="landscape"/);
    expect(sheet).toContain(`<pane ySplit="${head}" topLeftCell="A${Number(head) + 1}" state="frozen"`);
    const workbook = files.get('xl/workbook.xml')!.toString('utf8');
    expect(workbook).toMatch(new RegExp(`Print_Titles"[^>]*>'[^']+'!\\$${head}:\\$${head}<`));
    expect(workbook).toContain('fullCalcOnLoad="1"');
    expect([...files.keys()].filter((name) => /vba|external|embed|activeX|hyperlink/i.test(name))).toEqual([]);
    expect(sheet).not.toMatch(/<hyperlink/);
    for (const [, height] of sheet.matchAll(/ ht="([\d.]+)"/g)) expect(Number(height)).toBeLessThanOrEqual(409);
  });
});

const soffice = (() => {
  for (const name of ['soffice', 'libreoffice'])
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore', timeout: 60_000 });
      return name;
    } catch {
      // not this one
    }
  return null;
})();

test('LibreOffice computes what the engine says, without the stored results', async (ctx) => {
  if (soffice === null) return ctx.skip('soffice is missing: install libreoffice-calc-nogui');
  const directory = mkdtempSync(join(tmpdir(), 'thdt-soffice-'));
  try {
    const answers = [mixed(), sheetOf({}), hostile(), ...edges(), ...fc.sample(anySheet, { numRuns: 50, seed: SEED })];
    mkdirSync(join(directory, 'in'));
    const names = answers.map((_, index) => `${index}.xlsx`);
    for (const [index, answer] of answers.entries())
      writeFileSync(join(directory, 'in', names[index]!), withoutResults(await write(answer)));
    const profile = `-env:UserInstallation=${pathToFileURL(join(directory, 'profile')).href}`;
    const out = join(directory, 'out');
    const paths = names.map((name) => join(directory, 'in', name));
    await promisify(execFile)(soffice, [profile, '--headless', '--convert-to', 'xlsx', '--outdir', out, ...paths], {
      timeout: 280_000,
    });
    for (const [index, answer] of answers.entries()) {
      const sheet = readSheet(readFileSync(join(out, names[index]!)));
      expectEngine(answer, sheet, (name) => sheet.get(name)!.value);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 300_000);
