import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../../collector/access/people.ts';
import { itemsOf } from '../../shared/rubric/edition.ts';
import { loadEdition } from '../../shared/rubric/load.ts';
import { type Harness, makeSchool, startHarness } from './harness.ts';

/** The authorisation matrix by assessing unit: every route that writes about an item, for every item and every role. */

const edition = loadEdition('8265/QĐ-UBND');
const ITEMS = itemsOf(edition);
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n');

let harness: Harness;
let schoolId: string;
let otherId: string;
let sheet: string;
const cookies: Record<string, string> = {};

beforeAll(async () => {
  harness = await startHarness();
  cookies.admin = harness.cookie;
  schoolId = await makeSchool(harness);
  otherId = await makeSchool(harness);
  const person = async (username: string, role: string, units: string[], school: string | null) => {
    const made = await harness.ask('POST', '/people', {
      username: username.toLowerCase(),
      name: username,
      role,
      units,
      schoolId: school,
      password: 'mat-khau-dai',
    });
    cookies[username] = `thdt_session=${await openSession(harness.store, made.body.id, Date.now())}`;
  };
  for (const { id } of edition.units) await person(id, 'assessor', [id], null);
  await person('viewer', 'viewer', [], null);
  await person('school', 'school', [], schoolId);
  await person('stranger', 'school', [], otherId);
  const made = await harness.ask('POST', '/evaluations', {
    name: 'Kỳ thử',
    from: '2026-09-01',
    to: '2027-05-31',
    schoolIds: [schoolId],
  });
  sheet = `/api/v1/evaluations/${made.body.id}/schools/${schoolId}`;
  await harness.ask('PUT', `/evaluations/${made.body.id}/state`, { to: 'open' });
  await harness.jobs();
});
afterAll(() => harness.close());

const send = async (who: string, method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: object | Buffer) => {
  const isFile = Buffer.isBuffer(payload);
  const answer = await harness.app.inject({
    method,
    url: sheet + url,
    headers: {
      cookie: cookies[who]!,
      'x-thdt': '1',
      ...(isFile ? { 'content-type': 'application/octet-stream' } : {}),
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return answer.statusCode;
};

/** Whether a person enters the items of this unit. */
const enters = (who: string, unit: string) => who === 'admin' || who === unit;

test('entries, drafts and evidence: each unit its own items alone, an administrator all, nobody else any', async () => {
  const answers: Record<string, number> = {};
  const expected: Record<string, number> = {};
  for (const item of ITEMS)
    for (const who of Object.keys(cookies)) {
      const rule = item.rules.find((candidate) => !candidate.levels || candidate.levels.includes('primary'))!;
      const said = `${who} ${item.id}`;
      const may = enters(who, item.unit);
      answers[`${said} draft`] = await send(who, 'PUT', `/drafts/${rule.id}`, { fields: { reason: 'đang gõ' } });
      expected[`${said} draft`] = may ? 204 : 403;
      const entry = { rule: rule.id, kind: 'meets', reason: 'Đã kiểm tra', basedOn: null };
      answers[`${said} entry`] = await send(who, 'POST', '/entries', entry);
      // An administrator comes first; the unit then finds another entry than it saw, which is no question of rights.
      expected[`${said} entry`] = !may ? 403 : who === 'admin' ? 201 : 409;
      answers[`${said} evidence`] = await send(who, 'POST', `/evidence?item=${item.id}&name=a.pdf`, PDF);
      // The school hands in evidence for any item of its own sheet.
      expected[`${said} evidence`] = may || who === 'school' ? 201 : 403;
    }
  expect(answers).toEqual(expected);
});

test('contests come from the school alone, answers from CNTT alone', async () => {
  const contest = { item: 'I.1.1', kind: 'contest', text: 'Xin xem lại mục này' };
  for (const who of Object.keys(cookies))
    expect([who, await send(who, 'POST', '/remarks', contest)]).toEqual([who, who === 'school' ? 201 : 403]);
  const [first] = await harness.store.selectFrom('remark').select('id').where('kind', '=', 'contest').execute();
  const answer = { item: 'I.1.1', kind: 'answer', text: 'Đã xem lại', answers: first!.id };
  for (const who of Object.keys(cookies))
    expect([who, await send(who, 'POST', '/remarks', answer)]).toEqual([who, enters(who, 'CNTT') ? 201 : 403]);
});
