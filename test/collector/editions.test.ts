import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Editions } from '../../collector/editions/editions.ts';
import { sayEditionError } from '../../collector/editions/say.ts';
import { EditionError } from '../../shared/rubric/edition.ts';
import { parseEditionText } from '../../shared/rubric/edition-text.ts';
import { twoGroups, twoGroupsText } from '../shared/rubric/fixtures/two-groups.ts';
import { type Harness, makeSchool, startHarness } from './harness.ts';

/** Editions of the rubric in a running collector: uploaded, compared, read otherwise, put in force. */

const SHIPPED = '8265-qd-ubnd-2021-12-09';
const UPLOADED = 'thu-nghiem-hai-nhom-2026-01-01';
let harness: Harness;
let schoolId: string;
beforeAll(async () => {
  harness = await startHarness();
  schoolId = await makeSchool(harness);
});
afterAll(() => harness.close());

const log = async (subject: string) => (await harness.ask('GET', `/audit?subject=${encodeURIComponent(subject)}`)).body;
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever JSON came back
const reading = (views: any[], id: string) => views.find((view) => view.id === id);
const choose = (place: string, id: string, choice: string, reason = 'thống nhất tại cuộc họp') =>
  harness.ask('PUT', `${place}/readings/${id}`, { choice, reason });
const newPeriod = async (edition?: string) =>
  harness.ask('POST', '/evaluations', {
    name: 'Kỳ thử',
    from: '2026-09-01',
    to: '2026-11-30',
    schoolIds: [schoolId],
    ...(edition === undefined ? {} : { edition }),
  });

describe('an uploaded edition', () => {
  test('is listed beside the shipped one, with who brought it, and recorded', async () => {
    const made = await harness.ask('POST', '/editions', { text: twoGroupsText });
    expect(made).toMatchObject({
      status: 201,
      body: { key: UPLOADED, source: 'uploaded', inForce: false, max: 200, items: 10, uploadedBy: 'Quản trị' },
    });
    const { body } = await harness.ask('GET', '/editions');
    expect(body).toMatchObject([
      { key: UPLOADED, id: 'THU-NGHIEM/hai-nhom', evaluations: [] },
      {
        key: SHIPPED,
        id: '8265/QĐ-UBND',
        source: 'shipped',
        inForce: true,
        items: 27,
        uploadedBy: null,
        uploadedAt: null,
      },
    ]);
    expect(await log(`edition/${UPLOADED}`)).toMatchObject([{ action: 'edition.added', by: 'Quản trị', before: null }]);
  });

  test('is not taken a second time; with another date it is another edition', async () => {
    const again = await harness.ask('POST', '/editions', { text: twoGroupsText });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'already-exists' } } });
    const shipped = readFileSync('shared/rubric/editions/8265-qd-ubnd.json', 'utf8');
    expect((await harness.ask('POST', '/editions', { text: shipped })).status).toBe(409);
    expect((await harness.ask('GET', '/editions')).body).toHaveLength(2);
  });

  test.each([
    ['no JSON', 'xin chào', 'dòng 1, cột 1: cần một giá trị nhưng gặp "x"'],
    ['a text cut short', twoGroupsText.slice(0, 200), /^dòng \d+, cột \d+: /],
    ['a missing key', twoGroupsText.replace('"max": 200,', ''), '/ (dòng 1): thiếu max'],
    [
      'a sum that is off',
      twoGroupsText.replace('"max": 200,', '"max": 210,'),
      '/max (dòng 6): tổng điểm các tiêu chuẩn không khớp điểm tối đa',
    ],
    ['a step of 0,1', twoGroupsText.replace('"points": 2.5', '"points": 2.6'), /\(dòng \d+\): phải là bội của 0.25$/],
    [
      'a date that is none',
      twoGroupsText.replace('"date": "2026-01-01"', '"date": "năm nay"'),
      '/date: phải là ngày dạng 2026-11-23',
    ],
    ['a text too long', ' '.repeat(1_200_000), 'nội dung lớn hơn 1000000 byte'],
  ])('%s is refused with its place, in Vietnamese', async (_, text, says) => {
    const answer = await harness.ask('POST', '/editions', { text });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'input-invalid' } } });
    expect(answer.body.error.message).toMatch(says);
  });

  test('a text beyond every limit is refused before it is read', async () => {
    expect((await harness.ask('POST', '/editions', { text: 'x'.repeat(6_000_000) })).status).toBe(413);
  });

  test('is compared with another', async () => {
    const { body } = await harness.ask('GET', `/editions/${SHIPPED}/compare/${UPLOADED}`);
    expect(body).toMatchObject({ identical: false, sums: { total: { a: 100, b: 200, change: 100 } } });
    expect((await harness.ask('GET', `/editions/${SHIPPED}/compare/${SHIPPED}`)).body.identical).toBe(true);
    expect((await harness.ask('GET', `/editions/${SHIPPED}/compare/khong-co`)).status).toBe(404);
  });

  test('everything that an edition can be refused for is said in Vietnamese', () => {
    const said = (pointer: string, value: unknown) => {
      const edition = twoGroups();
      const keys = pointer.split('.');
      const last = keys.pop()!;
      const place = keys.reduce(
        (part, key) => part[key] as Record<string, unknown>,
        edition as Record<string, unknown>,
      );
      place[last] = value;
      try {
        parseEditionText(JSON.stringify(edition));
      } catch (error) {
        return sayEditionError(error as EditionError).replace(/^\S+ \(dòng \d+\): /, '');
      }
      return 'taken';
    };
    const { levels, grades } = twoGroups();
    for (const line of [
      said('levels', [...levels, levels[0]]),
      said('standards.0.criteria.0.items.1.unit', 'X'),
      said('standards.0.criteria.0.items.1.rules.0.reading', 'X'),
      said('readings.0.chosen', 'X'),
      said('readings.0.about', ['X']),
      said('groups.0.max', 1),
      said('grades.0.from', 500),
      said('grades', grades.toReversed()),
      said('extra', 1),
    ]) {
      expect(line).not.toBe('taken');
      expect(line).toMatch(/[àáảãạăâđèéẻẽẹêìíỉĩịòóỏõọôơùúủũụưỳýỷỹỵầấẩẫậếềểễệốồổỗộớờởỡợứừửữự]/);
      expect(line).not.toMatch(/\b(must|unknown|names|stands|the|is|of)\b/);
    }
    expect(sayEditionError(new EditionError('edition: something new'))).toBe('something new');
  });
});

describe('readings', () => {
  test('a choice holds for the live sheet at once and is recorded with from, to and reason', async () => {
    const take = { rule: 'III.2.1.a', kind: 'finding', count: 1, reason: 'một máy rớt mạng' };
    expect((await harness.ask('POST', `/schools/${schoolId}/findings`, take)).status).toBe(201);
    const total = async () => (await harness.ask('GET', `/schools/${schoolId}/scoresheet`)).body.total;
    const before = await total();
    const shown = (await harness.ask('GET', `/editions/${SHIPPED}`)).body;
    expect(shown.edition.id).toBe('8265/QĐ-UBND');
    expect(reading(shown.readings, 'III.2.1-penalty')).toMatchObject({ chosen: 'half', isDefault: true });
    const changed = await choose(`/editions/${SHIPPED}`, 'III.2.1-penalty', 'whole');
    expect(changed.status).toBe(200);
    expect(reading(changed.body, 'III.2.1-penalty')).toMatchObject({
      chosen: 'whole',
      default: 'half',
      isDefault: false,
    });
    expect(await total()).toBeLessThan(before);
    expect(await log(`edition/${SHIPPED}/III.2.1-penalty`)).toMatchObject([
      { action: 'reading.chosen', before: 'half', after: { choice: 'whole', reason: 'thống nhất tại cuộc họp' } },
    ]);
    // The same again changes nothing and is not recorded.
    await choose(`/editions/${SHIPPED}`, 'III.2.1-penalty', 'whole');
    expect(await log(`edition/${SHIPPED}/III.2.1-penalty`)).toHaveLength(1);
  });

  test.each([
    ['an unknown edition', '/editions/khong-co', 'III.2.1-penalty', 'whole', 'lý do', 404],
    ['an unknown reading', `/editions/${SHIPPED}`, 'khong-co', 'whole', 'lý do', 404],
    ['an unknown choice', `/editions/${SHIPPED}`, 'III.2.1-penalty', 'khac', 'lý do', 400],
    ['a reason of spaces', `/editions/${SHIPPED}`, 'III.2.1-penalty', 'half', '    ', 400],
    ['an unknown period', '/evaluations/khong-co', 'III.2.1-penalty', 'half', 'lý do', 404],
  ])('%s is refused', async (_, place, id, choice, reason, status) => {
    expect((await choose(place, id, choice, reason)).status).toBe(status);
  });

  test('a period takes the readings of its day with it, and is read otherwise by itself until it is locked', async () => {
    const { body: period } = await newPeriod();
    const place = `/evaluations/${period.id}`;
    const chosen = async (of: string) =>
      reading(
        of === place ? (await harness.ask('GET', `${of}/readings`)).body : (await harness.ask('GET', of)).body.readings,
        'III.2.1-penalty',
      ).chosen;
    expect(await chosen(place)).toBe('whole');
    await choose(`/editions/${SHIPPED}`, 'III.2.1-penalty', 'half');
    expect([await chosen(place), await chosen(`/editions/${SHIPPED}`)]).toEqual(['whole', 'half']);
    expect((await choose(place, 'III.2.1-penalty', 'half', 'kỳ này đọc lại')).status).toBe(200);
    expect(await chosen(place)).toBe('half');
    expect(await log(`evaluation/${period.id}/reading/III.2.1-penalty`)).toMatchObject([
      { before: 'whole', after: { choice: 'half', reason: 'kỳ này đọc lại' } },
    ]);
    for (const to of ['open', 'review', 'locked']) {
      await harness.ask('PUT', `${place}/state`, { to });
      await harness.jobs();
    }
    expect(await choose(place, 'III.2.1-penalty', 'whole')).toMatchObject({
      status: 409,
      body: { error: { code: 'not-now' } },
    });
    expect((await harness.ask('GET', '/audit/check')).body.broken).toBeNull();
  });
});

describe('in force', () => {
  const put = (key: string) => harness.ask('PUT', '/editions/in-force', { key, reason: 'văn bản mới có hiệu lực' });

  test('another edition scores the live sheets from then on, and after a restart', async () => {
    expect((await put('khong-co')).status).toBe(404);
    const answer = await put(UPLOADED);
    expect(answer.body.filter((entry: { inForce: boolean }) => entry.inForce)).toMatchObject([{ key: UPLOADED }]);
    expect((await harness.ask('GET', `/schools/${schoolId}/scoresheet`)).body).toMatchObject({
      rubric: { id: 'THU-NGHIEM/hai-nhom' },
      max: 200,
    });
    expect((await harness.ask('GET', '/overview')).body.rubric).toBe('THU-NGHIEM/hai-nhom');
    expect((await harness.ask('GET', `/schools/${schoolId}`)).status).toBe(200);
    expect((await newPeriod()).body.edition.id).toBe('THU-NGHIEM/hai-nhom');
    const again = await Editions.open(harness.store, '8265/QĐ-UBND');
    expect(again.inForce().id).toBe('THU-NGHIEM/hai-nhom');
    expect((await put(SHIPPED)).status).toBe(200);
    expect(await log(`edition/${SHIPPED}`)).toContainEqual(
      expect.objectContaining({ action: 'edition.in-force', before: UPLOADED }),
    );
  });

  test('an edition without the level of a school is neither put in force nor used for its period', async () => {
    const { unitId } = (await harness.ask('GET', `/schools/${schoolId}/inventory`)).body.school;
    const nursery = { unitId, code: 'MN-1', name: 'Mầm non Thử', levels: ['preschool'] };
    const { id } = (await harness.ask('POST', '/schools', nursery)).body;
    const refused = await put(UPLOADED);
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain('không chấm được Mầm non Thử');
    const period = { name: 'Kỳ', from: '2026-09-01', to: '2026-11-30', schoolIds: [id], edition: UPLOADED };
    expect((await harness.ask('POST', '/evaluations', period)).status).toBe(400);
    expect((await harness.ask('POST', '/evaluations', { ...period, edition: 'khong-co' })).status).toBe(400);
  });

  test('an assessor may belong to a unit of any known edition', async () => {
    const person = { username: 'don-vi-a', name: 'A', role: 'assessor', units: ['A'], schoolId: null };
    expect((await harness.ask('POST', '/people', { ...person, password: 'mat-khau-dai' })).status).toBe(201);
  });

  test('an uploaded amendment of the edition in force does not come into force by itself', async () => {
    const amended = readFileSync('shared/rubric/editions/8265-qd-ubnd.json', 'utf8').replace(
      '2021-12-09',
      '2026-12-01',
    );
    const made = await harness.ask('POST', '/editions', { text: amended });
    expect(made.body).toMatchObject({ id: '8265/QĐ-UBND', date: '2026-12-01', inForce: false });
    for (const preferred of ['8265/QĐ-UBND', undefined]) {
      await harness.store.deleteFrom('edition_in_force').execute();
      expect((await Editions.open(harness.store, preferred)).known().key).toBe(SHIPPED);
    }
  });

  test('an unknown one named at the start is told', async () => {
    await expect(Editions.open(harness.store, 'khong-co')).rejects.toThrow('rubric khong-co is not known; known: ');
  });
});
