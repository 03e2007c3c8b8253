import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../../collector/access/people.ts';
import { districtLines } from '../../../collector/exports/district/lines.ts';
import { districtFormats } from '../../../collector/exports/district/registry.ts';
import { type Harness, makeSchool, startHarness } from '../harness.ts';
import { districtOf } from './district-input.ts';
import { AS_OF, HOSTILE } from './sheets.ts';
import { readSheet, withoutResults } from './spreadsheet.ts';
import { parseXml } from './xml.ts';
import { unzip } from './zip.ts';

/** The summary of a period: schools by rank, grades counted, progress, change since an earlier period. */

const write = async (id: string, input = districtOf(40)) =>
  Buffer.from(await districtFormats.find((format) => format.id === id)!.write(districtLines(input)));
/** Every text of a file, spaces made ordinary. */
async function textOf(id: string, input = districtOf(40)): Promise<string> {
  const bytes = await write(id, input);
  const parts = bytes.subarray(0, 2).toString('latin1') === 'PK' ? [...unzip(bytes).values()] : [bytes];
  return parts.join('\n').replaceAll('\u00A0', ' ');
}

describe('what it says', () => {
  const lines = districtLines(districtOf(40));

  test('schools stand by points, equal points under one rank, simulated ones last without rank', () => {
    const placed = lines.schools.filter(({ rank }) => rank !== null);
    expect(placed).toHaveLength(lines.schools.filter(({ provisional, practice }) => !provisional && !practice).length);
    expect(placed.length).toBeGreaterThan(20);
    expect(placed.slice(0, 5).map(({ rank }) => rank)).toEqual([1, 1, 1, 1, 5]);
    for (const [index, school] of placed.entries()) {
      expect(school.rank).toBe(1 + placed.filter(({ total }) => total > school.total).length);
      expect(lines.schools[index]).toBe(school);
    }
    // What is still undecided stands behind, whatever it may come to.
    const open = lines.schools.slice(placed.length, 40);
    expect(open.length).toBeGreaterThan(0);
    expect(open.every(({ provisional, rank }) => provisional && rank === null)).toBe(true);
    expect(lines.schools.slice(40)).toMatchObject([
      { rank: null, name: 'Trường thử 1 (thực hành)' },
      { rank: null, name: 'Trường thử 2 (thực hành)' },
    ]);
  });

  test('grades are counted over all, by level and by unit, and add up', () => {
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    expect(lines.grades).toEqual(['Loại A', 'Loại B', 'Chưa đạt', 'Chưa xếp loại']);
    for (const { rows } of lines.distribution) {
      expect(sum(rows.map((row) => row.schools))).toBe(40);
      for (const row of rows) expect(sum(row.counts)).toBe(row.schools);
    }
    expect(lines.distribution.map(({ rows }) => rows.length)).toEqual([1, 4, 3]);
  });

  test('what separates from a grade is said, nearest first', () => {
    const school = lines.schools.find(({ grade, lacks }) => grade === 'Chưa đạt' && lacks.startsWith('Loại B: 1'))!;
    expect(school.lacks).toBe('Loại B: 1\u00A0điểm; Loại A: 6\u00A0điểm');
    expect(lines.schools.find(({ grade }) => grade === 'Loại A')!.lacks).toBe('');
    expect(lines.schools.some(({ lacks }) => /\d điểm ở tiêu chuẩn III/.test(lacks.replaceAll('\u00A0', ' ')))).toBe(
      true,
    );
  });

  test('an earlier period is compared school by school; of another scale only its points are shown', () => {
    const compared = lines.schools.filter(({ before }) => before !== null);
    expect(compared).toHaveLength(32);
    const decided = compared.filter(({ provisional, beforeProvisional }) => !provisional && !beforeProvisional);
    expect(decided.length).toBeGreaterThan(15);
    for (const { total, before, change } of decided) expect(change).toBe(total - before!);
    const input = districtOf(4);
    const other = districtLines({ ...input, previous: { ...input.previous!, max: 200 } });
    expect(other.schools.every(({ change }) => change === null)).toBe(true);
    expect(other.notes.join()).toContain('Kỳ trước chấm theo thang 200 điểm');
    expect(districtLines({ ...input, previous: null }).previous).toBeNull();
  });

  test('what is undecided is no point: it enters no mean, and no change of either period', () => {
    const input = districtOf(40);
    const [done, open] = [false, true].map(
      (provisional) => input.evaluation.rows.find((row) => row.provisional === provisional)!,
    );
    const rows = [
      { ...done!, id: 'a', unit: 'X', total: 80 },
      { ...done!, id: 'b', unit: 'X', total: 71 },
      { ...open!, id: 'c', unit: 'X', total: 100 },
      { ...open!, id: 'd', unit: 'Y', total: 100 },
    ];
    const before = [
      { id: 'a', total: 78, provisional: false },
      { id: 'b', total: 95, provisional: true },
      { id: 'c', total: 60, provisional: false },
      { id: 'd', total: 96, provisional: true },
    ];
    const said = districtLines({
      ...input,
      evaluation: { ...input.evaluation, rows },
      previous: { name: 'Kỳ trước', max: 100, rows: before },
    });
    const means = (kind: string) => said.distribution.find((part) => part.kind === kind)!.rows.map(({ mean }) => mean);
    expect(means('all')).toEqual([75.5]);
    expect(means('unit')).toEqual([75.5, null]);
    expect(said.schools.map(({ before, beforeProvisional, change }) => [before, beforeProvisional, change])).toEqual([
      [78, false, 2],
      [95, true, null],
      [60, false, null],
      [96, true, null],
    ]);
    const text = String(districtFormats.find(({ id }) => id === 'csv')!.write(said)).replaceAll('\u00A0', ' ');
    expect(text).toContain(';"95*";"–"\r\n');
    expect(text).toMatch(/\r\n"Y";.*;"1";""\r\n/);
  });

  test('nothing at all is no error', async () => {
    const input = districtOf(0);
    const empty = { ...input, evaluation: { ...input.evaluation, rows: [] }, previous: null };
    for (const { id } of districtFormats) expect((await write(id, empty)).length).toBeGreaterThan(200);
  });
});

describe.each(districtFormats.map(({ id }) => id))('%s', (id) => {
  test('holds every school, the grades, the progress and the change', async () => {
    const text = await textOf(id);
    for (const school of districtLines(districtOf(40)).schools)
      expect(text.includes(school.code), school.code).toBe(true);
    const words = [
      'BẢNG TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ',
      'Năm học 2025–2026',
      'Chưa xếp loại',
      'Phòng Nội vụ',
      'Điểm trung bình',
    ];
    for (const said of words) expect(text.includes(said), said).toBe(true);
    if (id !== 'xlsx')
      for (const said of ['33,5', '–0,5', '90*', '82,5 %']) expect(text.includes(said), said).toBe(true);
    expect((await textOf(id, { ...districtOf(4), previous: null })).includes('Kỳ trước')).toBe(false);
  });

  test('keeps hostile names lifeless', async () => {
    const input = districtOf(HOSTILE.length);
    const rows = input.evaluation.rows.map((row, index) => ({
      ...row,
      name: HOSTILE[index % HOSTILE.length]!,
      unit: HOSTILE[(index + 1) % HOSTILE.length]!,
    }));
    const hostile = { ...input, evaluation: { ...input.evaluation, name: HOSTILE[5]!, rows } };
    const bytes = await write(id, hostile);
    if (id === 'xlsx' || id === 'docx') {
      for (const [name, content] of unzip(bytes)) if (/\.(xml|rels)$/.test(name)) parseXml(content.toString('utf8'));
    } else {
      const text = bytes.toString('utf8');
      expect(text.includes('<script>alert')).toBe(id === 'csv');
      if (id === 'csv')
        expect(
          text
            .slice(1)
            .split(/;|\r\n/)
            .filter((cell) => /^"[=+@\t-]/.test(cell)),
        ).toEqual([]);
    }
  });
});

test('the workbook’s head is frozen and printed on every page', async () => {
  const files = unzip(await write('xlsx'));
  const head = [...readSheet(await write('xlsx'))].find(([, { value }]) => value === 'STT')![0].slice(1);
  expect(files.get('xl/worksheets/sheet1.xml')!.toString()).toContain(`<pane ySplit="${head}"`);
  expect(files.get('xl/workbook.xml')!.toString()).toContain(`'Tổng hợp'!$${head}:$${head}`);
});

const soffice = (() => {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore', timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
})();

test('LibreOffice computes the same ranks, totals, changes, counts and means', async (ctx) => {
  if (!soffice) return ctx.skip('soffice is missing: install libreoffice-calc-nogui');
  const directory = mkdtempSync(join(tmpdir(), 'thdt-soffice-'));
  try {
    const input = districtOf(48);
    // Names that a condition of COUNTIF would take for a pattern.
    const odd = ['>5', 'A*', '=1'];
    // And a unit of which nothing is decided: it has no mean.
    const unit = (provisional: boolean, index: number) => (provisional && index < 12 ? 'A?' : odd[index % 3]!);
    const rows = input.evaluation.rows.map((row, index) => ({ ...row, unit: unit(row.provisional, index) }));
    const bytes = await write('xlsx', { ...input, evaluation: { ...input.evaluation, rows } });
    const name = join(directory, 'a.xlsx');
    writeFileSync(name, withoutResults(bytes));
    mkdirSync(join(directory, 'out'));
    const profile = `-env:UserInstallation=${pathToFileURL(join(directory, 'profile')).href}`;
    const options = [profile, '--headless', '--convert-to', 'xlsx', '--outdir', join(directory, 'out'), name];
    await promisify(execFile)('soffice', options, { timeout: 120_000 });
    const computed = readFileSync(join(directory, 'out', 'a.xlsx'));
    let formulas = 0;
    for (const number of [1, 2, 3]) {
      const [stored, anew] = [readSheet(bytes, number), readSheet(computed, number)];
      for (const [cell, { formula, value }] of stored) {
        if (formula === null) continue;
        formulas += 1;
        const got = anew.get(cell)!.value;
        if (typeof value === 'number') expect(got, `${number}!${cell} ${formula}`).toBeCloseTo(value, 9);
        else expect(got ?? '', `${number}!${cell} ${formula}`).toBe(value);
      }
    }
    expect(formulas).toBeGreaterThan(150);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 180_000);

describe('by its address', () => {
  let harness: Harness;
  let id: string;
  let earlier: string;
  beforeAll(async () => {
    harness = await startHarness(() => AS_OF);
    const schoolIds = [await makeSchool(harness, 'TH-01'), await makeSchool(harness, 'TH-02')];
    const make = async (name: string) =>
      (await harness.ask('POST', '/evaluations', { name, from: '2026-09-01', to: '2026-11-30', schoolIds })).body.id;
    [earlier, id] = [await make('Năm trước'), await make('Đợt “1”/2026')];
  });
  afterAll(() => harness.close());
  const get = (path: string, cookie = harness.cookie) =>
    harness.app.inject({ url: `/api/v1/evaluations/${path}`, headers: { cookie } });

  test.each(districtFormats)('$id is downloaded under the name of period and day', async (format) => {
    const answer = await get(`${id}/exports/${format.id}?previous=${earlier}`);
    expect(answer.statusCode, answer.body.slice(0, 200)).toBe(200);
    expect(answer.headers['content-type']).toBe(format.contentType);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="tong-hop-dot-1-2026-2026-11-24.${format.extension}"`,
    );
    expect(answer.rawPayload.length).toBeGreaterThan(1000);
  });

  test('who sees no other schools gets none; unknown formats and periods are told', async () => {
    const [school] = (await harness.ask('GET', `/evaluations/${id}`)).body.rows;
    const person = { username: 'truong', name: 'T', role: 'school', units: [], schoolId: school.id };
    const made = await harness.ask('POST', '/people', { ...person, password: 'mat-khau-dai' });
    const cookie = `thdt_session=${await openSession(harness.store, made.body.id, AS_OF)}`;
    expect((await get(`${id}/exports/csv`, cookie)).statusCode).toBe(403);
    expect((await get(`${id}/exports/pdf`)).json().error.message).toContain('xlsx, docx, html, csv');
    expect((await get('khong-co/exports/csv')).statusCode).toBe(404);
    expect((await get(`${id}/exports/csv?previous=khong-co`)).statusCode).toBe(404);
    expect((await get(`${id}/exports/csv?previous=${id}`)).statusCode).toBe(400);
  });
});
