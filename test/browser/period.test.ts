import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EvaluationDetail, EvaluationSheet, Remark } from '../../collector/api/schemas/evaluation.ts';
import type { SheetItem } from '../../collector/api/schemas/scoresheet.ts';
import { checkAudit } from '../../collector/audit/audit.ts';
import { verifySheet } from '../../collector/evaluation/verify.ts';
import { DEFAULT_CALENDAR, dateOf, schoolDaysBetween } from '../../shared/calendar.ts';
import { sample } from '../collector/harness.ts';
import { type Caller, placeAgent, type Running, send, startRunning } from '../collector/running.ts';
import {
  awardWords,
  type ReferenceFinding,
  type ReferenceRule,
  referenceItems,
  referenceScore,
} from '../shared/rubric/reference.ts';
import { CHROMIUM, launch, signIn, watch } from './chromium.ts';

/**
 * A whole period: a hundred schools measured, six people entering at once, two of them in browsers, to locked sheets;
 * every score against the reference that is computed from the decision's text.
 */

const SCHOOLS = 100;
/** The two in browsers enter this many schools by hand; the same two people enter the others over the API. */
const IN_BROWSERS = 25;
const PASSWORD = 'mat-khau-dai';
const DAY_MS = 24 * 3600_000;
const LEVELS = ['primary', 'secondary', 'preschool'] as const;
const ITEMS = referenceItems();
const RULES = ITEMS.flatMap((item) => item.rules.map((rule) => ({ item, rule })));
const AWARDED = RULES.flatMap(({ item, rule }) => (rule.kind === 'award' ? [{ item, rule }] : []));

interface School {
  id: string;
  name: string;
  level: (typeof LEVELS)[number];
  /** What the school is found to be, by rule; `measured` rules are found by measurement and need nobody. */
  findings: Map<string, ReferenceFinding>;
  measured: Set<string>;
}

/** The same numbers in every run (Park and Miller's generator). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** What is wrong, and what deserves a bonus, at one school. */
function findingsOf(index: number, level: School['level']): Map<string, ReferenceFinding> {
  const random = randomOf(1000 + index);
  const findings = new Map<string, ReferenceFinding>();
  for (const { item, rule } of RULES) {
    const roll = random(100);
    if (rule.kind === 'award') {
      if (applies(rule, level) && roll < 70)
        findings.set(rule.id, { award: rule.awards[random(rule.awards.length)]!.words });
    } else if (rule.kind === 'free') {
      if (roll < 70) findings.set(rule.id, { points: random(item.max * 4 + 1) / 4 });
    } else if (roll < 4) {
      // No further than the text goes: beyond it an assessor decides.
      const most = rule.kind === 'tiers' ? Math.min(2, rule.tiers.at(-1)!.to) : 2;
      findings.set(rule.id, rule.kind === 'once' ? {} : { count: 1 + random(most) });
    }
  }
  return findings;
}

const applies = (rule: ReferenceRule, level: School['level']): boolean =>
  rule.kind !== 'award' || rule.level === 'all' || (rule.level === 'preschool') === (level === 'preschool');

describe.skipIf(CHROMIUM === undefined)('a period of 100 schools (skipped where Chromium is not installed)', () => {
  let running: Running;
  let browser: Browser;
  let evaluationId: string;
  const schools: School[] = [];

  beforeAll(async () => {
    running = await startRunning();
    browser = await launch();
    const { admin } = running;
    const units: string[] = [];
    for (const name of ['Phường Bồ Đề', 'Phường Long Biên', 'Phường Phúc Lợi', 'Phường Việt Hưng'])
      units.push((await admin<{ id: string }>('POST', '/units', { name, parentId: null })).id);
    for (let index = 0; index < SCHOOLS; index++) {
      const level = LEVELS[index % 3]!;
      const name = `Trường số ${String(index + 1).padStart(3, '0')}`;
      const { id } = await admin<{ id: string }>('POST', '/schools', {
        unitId: units[index % 4]!,
        code: `T-${index + 1}`,
        name,
        levels: [level],
      });
      schools.push({ id, name, level, findings: findingsOf(index, level), measured: new Set() });
    }
    for (const [username, units] of Object.entries({
      nv: ['NV'],
      pgd: ['PGD'],
      gd: ['PGD'],
      cntt: ['CNTT'],
      'cntt-2': ['CNTT'],
      tckh: ['TCKH'],
    }))
      await admin('POST', '/people', {
        username,
        name: `Người ${username}`,
        role: 'assessor',
        units,
        schoolId: null,
        password: PASSWORD,
      });
    await admin('POST', '/people', {
      username: 'truong',
      name: 'Hiệu trưởng',
      role: 'school',
      units: [],
      schoolId: schools[0]!.id,
      password: PASSWORD,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await running?.close();
  });

  test('is measured, entered, contested, locked, and scored as the decision’s text says', async () => {
    const { admin } = running;
    const from = dateOf(Date.now() - 20 * DAY_MS);
    const to = dateOf(Date.now() + 20 * DAY_MS);
    await measureAll(running, schools);

    const prepared = await admin<{ id: string }>('POST', '/evaluations', {
      name: 'Năm học thử',
      from,
      to,
      schoolIds: schools.map(({ id }) => id),
    });
    evaluationId = prepared.id;
    await admin('PUT', `/evaluations/${evaluationId}/state`, { to: 'open' });
    const sheetOf = (id: string) => admin<EvaluationSheet>('GET', `/evaluations/${evaluationId}/schools/${id}`);
    for (const school of schools)
      await expect.poll(async () => (await sheetOf(school.id)).measuredAt, { timeout: 60_000 }).not.toBeNull();
    for (const school of schools) {
      const rules = rulesOf((await sheetOf(school.id)).sheet.standards);
      for (const id of school.measured)
        expect(rules.get(id)!.measured!.state, `${school.name} ${id}`).toBe(school.findings.has(id) ? 'fail' : 'pass');
    }

    const [nv, pgd, cntt, cntt2, tckh, gd] = await Promise.all(
      ['nv', 'pgd', 'cntt', 'cntt-2', 'tckh', 'gd'].map((username) => running.as(username, PASSWORD)),
    );
    const of = (unit: string, ...standards: string[]) =>
      RULES.filter(({ item }) => item.unit === unit && standards.includes(item.id.split('.')[0]!));
    await Promise.all([
      enterAll(nv!, of('NV', 'I')),
      enterAll(pgd!, of('PGD', 'I', 'II')),
      enterAll(cntt!, of('CNTT', 'I', 'II')),
      enterAll(cntt2!, of('CNTT', 'III', 'IV')),
      inBrowser('tckh', (page) => enterBudget(page)),
      inBrowser('gd', (page) => enterBonus(page)),
      enterAll(tckh!, of('TCKH', 'I', 'II', 'III', 'IV'), schools.slice(IN_BROWSERS)),
      enterAll(gd!, AWARDED, schools.slice(IN_BROWSERS)),
    ]);

    // One school contests a fault; CNTT answers and takes it back.
    const contested = schools[0]!;
    contested.findings.set('II.1.2.a', {});
    const path = `/evaluations/${evaluationId}/schools/${contested.id}`;
    await enterOne(cntt!, contested, 'II.1.2.a', { kind: 'finding' });
    await admin('PUT', `/evaluations/${evaluationId}/state`, { to: 'review' });
    const school = await running.as('truong', PASSWORD);
    const contest = { item: 'II.1.2', kind: 'contest', text: 'Trường có hồ sơ quản lý, xem biên bản ngày 12/10.' };
    const { id: answers } = await school<Remark>('POST', `${path}/remarks`, contest);
    expect((await detail()).rows.find((row) => row.id === contested.id)!.openContests).toBe(1);
    await cntt!('POST', `${path}/remarks`, { item: 'II.1.2', kind: 'answer', answers, text: 'Đã xem hồ sơ, đồng ý.' });
    await enterOne(cntt!, contested, 'II.1.2.a', { kind: 'meets' });
    contested.findings.delete('II.1.2.a');

    const open = await detail();
    expect(open.units.map(({ id, decided, items }) => [id, items - decided])).toEqual(
      open.units.map(({ id }) => [id, 0]),
    );
    await admin('PUT', `/evaluations/${evaluationId}/state`, { to: 'locked' });
    await expect.poll(async () => (await detail()).state, { timeout: 100_000 }).toBe('locked');

    const locked = await detail();
    expect(locked.rows).toHaveLength(SCHOOLS);
    for (const { id, name, findings } of schools) {
      const expected = referenceScore(findings);
      const row = locked.rows.find((candidate) => candidate.id === id)!;
      expect([row.total, row.grade, row.provisional], name).toEqual([expected.total, expected.grade, false]);
      const byUnit = ITEMS.map(({ unit, id: item }) => ({ unit, points: expected.items.get(item)! }));
      for (const [unit, { points }] of Object.entries(row.progress))
        expect(points, `${name} ${unit}`).toBe(
          byUnit.filter((own) => own.unit === unit).reduce((sum, own) => sum + own.points, 0),
        );
      const items = itemsOf((await sheetOf(id)).sheet.standards);
      expect(new Map(items.map((item) => [item.id, item.points])), name).toEqual(expected.items);
    }
    // The play is worth something only if it brings every grade.
    expect(new Set(locked.rows.map((row) => row.grade))).toEqual(new Set(['A', 'B', 'none']));

    const bodies = await running.store
      .selectFrom('locked_sheet')
      .select(['body', 'digest'])
      .where('evaluation_id', '=', evaluationId)
      .execute();
    expect(bodies).toHaveLength(SCHOOLS);
    for (const { body, digest } of bodies) {
      const verification = await verifySheet(running.store, body, digest);
      expect(verification.faults).toEqual([]);
    }
    expect((await checkAudit(running.store)).broken).toBeNull();
  }, 900_000);

  const detail = () => running.admin<EvaluationDetail>('GET', `/evaluations/${evaluationId}`);

  /** Over the API, as one person: every rule of theirs at every school that no measurement decided. */
  async function enterAll(caller: Caller, rules: typeof RULES, of: readonly School[] = schools): Promise<void> {
    for (const school of of)
      for (const { rule } of rules) {
        if (!applies(rule, school.level) || school.measured.has(rule.id)) continue;
        await enterOne(caller, school, rule.id, {});
      }
  }

  async function enterOne(caller: Caller, school: School, rule: string, entry: { kind?: string }): Promise<void> {
    const found = school.findings.get(rule);
    const { award, ...rest } = found ?? {};
    const kind = entry.kind ?? (found ? 'finding' : 'meets');
    const path = `/evaluations/${evaluationId}/schools/${school.id}`;
    const { entries } = entry.kind ? await caller<EvaluationSheet>('GET', path) : { entries: [] };
    await caller('POST', `${path}/entries`, {
      rule,
      kind,
      ...(kind === 'finding' ? { ...rest, ...(award === undefined ? {} : { award: awardWords[award] }) } : {}),
      reason: 'Kiểm tra hồ sơ tại trường',
      basedOn: entries.find((candidate) => candidate.rule === rule)?.id ?? null,
    });
  }

  async function inBrowser(username: string, work: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
    const page = await context.newPage();
    const wrong = watch(page, running.base);
    await signIn(page, running.base, username, PASSWORD);
    await work(page);
    expect(wrong).toEqual([]);
    await context.close();
  }

  /** TCKH: faults one by one, the rest of the item in one go, then on to the next school by its link. */
  async function enterBudget(page: Page): Promise<void> {
    const rules = RULES.filter(({ item }) => item.unit === 'TCKH');
    await page.goto(`${running.base}/ky-danh-gia/${evaluationId}/truong/${schools[0]!.id}`);
    const mine = schools.slice(0, IN_BROWSERS);
    for (const [index, school] of mine.entries()) {
      await page.getByRole('link', { name: school.name, exact: true }).waitFor();
      const faults = rules.filter(({ rule }) => school.findings.has(rule.id));
      for (const { rule } of faults) {
        await page.getByRole('button', { name: `Chấm ${rule.id}`, exact: true }).click();
        const item = page.locator('.sheet-rule', { hasText: rule.id });
        await item.getByLabel('Có tồn tại').check();
        const { count } = school.findings.get(rule.id)!;
        if (count !== undefined) await item.getByLabel(/^Số lượng/).fill(String(count));
        await item.getByLabel('Lý do (bắt buộc)').fill('Thiếu trong hồ sơ dự toán');
        await item.getByRole('button', { name: 'Lưu' }).click();
        await item.getByText(/✎ .*Thiếu trong hồ sơ dự toán/).waitFor();
      }
      const rest = rules.filter(({ rule }) => !school.findings.has(rule.id));
      if (rest.length > 1) {
        await page.getByRole('button', { name: `Các mục còn lại đáp ứng (${rest.length})` }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Lý do (bắt buộc)').fill('Hồ sơ tài chính đầy đủ');
        await dialog.getByRole('button', { name: 'Lưu' }).click();
        await dialog.waitFor({ state: 'hidden' });
      } else if (rest.length === 1) await sayMet(page, rest[0]!.rule.id, 'Đáp ứng, không trừ');
      await page.getByText('Còn 0/1 mục chưa có kết luận.').waitFor();
      const next = mine[index + 1];
      if (next) await page.getByRole('link', { name: `Trường tiếp theo: ${next.name}` }).click();
    }
  }

  /** GD: the bonus items that words of the decision give points for. */
  async function enterBonus(page: Page): Promise<void> {
    for (const school of schools.slice(0, IN_BROWSERS)) {
      await page.goto(`${running.base}/ky-danh-gia/${evaluationId}/truong/${school.id}`);
      for (const { rule } of AWARDED) {
        if (!applies(rule, school.level)) continue;
        const found = school.findings.get(rule.id);
        if (!found) {
          await sayMet(page, rule.id, 'Không có, không cộng điểm');
          continue;
        }
        await page.getByRole('button', { name: `Chấm ${rule.id}`, exact: true }).click();
        const item = page.locator('.sheet-rule', { hasText: rule.id });
        await item.getByLabel('Thành tích').selectOption(awardWords[found.award!]!);
        await item.getByLabel('Lý do (bắt buộc)').fill('Có giấy khen');
        await item.getByRole('button', { name: 'Lưu' }).click();
        await item.getByText(/✎ .*Có giấy khen/).waitFor();
      }
    }
  }

  async function sayMet(page: Page, rule: string, label: string): Promise<void> {
    await page.getByRole('button', { name: `Chấm ${rule}`, exact: true }).click();
    const item = page.locator('.sheet-rule', { hasText: rule });
    await item.getByLabel(label).check();
    await item.getByLabel('Lý do (bắt buộc)').fill('Đã xem hồ sơ');
    await item.getByRole('button', { name: 'Lưu' }).click();
    await item.getByText(/✎ .*Đã xem hồ sơ/).waitFor();
  }
});

/**
 * A third of the schools with a slow line, a third with a fast one, a third without an agent that measures it; a quarter
 * with a student's PC that is protected, a quarter with one that is not.
 */
async function measureAll({ admin, store, base }: Running, schools: readonly School[]): Promise<void> {
  const days = schoolDaysBetween(DEFAULT_CALENDAR, Date.now() - 18 * DAY_MS, Date.now()).slice(-9, -1);
  const put = (school: School, rule: string, isFault: boolean) => {
    school.measured.add(rule);
    if (isFault) school.findings.set(rule, rule === 'III.1.1.c' ? { count: 1 } : {});
    else school.findings.delete(rule);
  };
  for (const [index, school] of schools.entries()) {
    const samples = [];
    const device = (kind: string, target: string, use: string | null) =>
      admin('POST', `/schools/${school.id}/assets`, { roomId: null, kind, use, name: target, target });
    if (index % 3 < 2) {
      await device('internet', 'internet', null);
      const lineMbps = index % 3 === 0 ? 31.5 : 88;
      for (const day of days)
        for (let at = day.from; at < day.to; at += 3600_000)
          samples.push(sample('internet-speed', 'internet', at, { lineMbps }));
      put(school, 'III.2.2.a', index % 3 === 0);
    }
    if (index % 4 < 2) {
      await device('pc', 'may-01', 'student');
      const products = index % 4 === 0 ? [] : [{ name: 'Microsoft Defender', on: true, upToDate: true }];
      samples.push(sample('antivirus', 'may-01', days.at(-1)!.from + 3600_000, { products }));
      put(school, 'III.3.1.b', index % 4 === 0);
    }
    if (samples.length > 0) await send(base, await placeAgent(store, school.id), samples);
  }
}

type Standards = EvaluationSheet['sheet']['standards'];
const itemsOf = (standards: Standards): SheetItem[] =>
  standards.flatMap((standard) => standard.criteria.flatMap((criterion) => criterion.items));
const rulesOf = (standards: Standards) =>
  new Map(itemsOf(standards).flatMap((item) => item.rules.map((rule) => [rule.id, rule])));
