import { expect, test } from 'vitest';
import type { Use } from '../../../collector/api/schemas/school.ts';
import { assetOf, DAYS, HOUR, judge, NOW, sampleOf } from './school-facts.ts';

const pcOf = (use: Use, licence: string | null = null) => assetOf('pc-1', 'pc', { use, licence });
const status = (products: unknown, at = NOW - HOUR, ok = true) => [sampleOf('antivirus', 'pc-1', at, { products }, ok)];
const product = (name: string, on: unknown = true, rest: object = {}) => ({
  name,
  on,
  upToDate: true,
  definitionsAt: null,
  ...rest,
});
const daysOld = (days: number) => new Date(NOW - days * 24 * HOUR).toISOString();

test.each([
  ['a paid product, on and up to date', [product('Kaspersky Endpoint Security')], null, 'pass'],
  ['nothing installed', [], null, 'fail'],
  ['installed and off', [product('Bkav Pro', false)], null, 'fail'],
  ['nobody knows whether it is on', [product('Bkav Pro', null)], null, 'insufficient'],
  ['a free product alone', [product('Windows Defender')], null, 'fail'],
  ['a free product with an entry in the register', [product('Windows Defender')], 'HĐ 12/2026', 'pass'],
  ['a free product beside a paid one', [product('Windows Defender'), product('ESET Security')], null, 'pass'],
  ['Defender by the name that the agent gives it', [product('Microsoft Defender Antivirus')], null, 'fail'],
  ['Defender for Endpoint', [product('Microsoft Defender for Endpoint')], null, 'pass'],
  ['a product that has free and paid editions', [product('Avast Antivirus')], null, 'insufficient'],
  ['the same with an entry in the register', [product('Avast Antivirus')], 'HĐ 12/2026', 'pass'],
  ['a product that nobody knows', [product('Diệt Virus Việt')], null, 'insufficient'],
  ['definitions of 7 days', [product('ESET Security', true, { definitionsAt: daysOld(7) })], null, 'pass'],
  ['definitions of 8 days', [product('ESET Security', true, { definitionsAt: daysOld(8) })], null, 'fail'],
  [
    'definitions from the future',
    [product('ESET Security', true, { definitionsAt: daysOld(-30) })],
    null,
    'insufficient',
  ],
  ['definitions nobody knows of', [product('ESET Security', true, { upToDate: null })], null, 'insufficient'],
  ['a list nobody can read', [{ naam: 'x' }], null, 'insufficient'],
  ['no list at all', 'none', null, 'insufficient'],
] as const)('III.3.1.a: %s', (_, products, licence, state) => {
  for (const use of ['management', 'teaching'] as const)
    expect(judge('III.3.1.a', { assets: [pcOf(use, licence)], samples: status(products) }).state).toBe(state);
});

test.each([
  ['the built-in Defender', [product('Windows Defender')], 'pass'],
  ['off', [product('Windows Defender', false)], 'fail'],
  ['nothing', [], 'fail'],
  ['unknown', [product('Windows Defender', null)], 'insufficient'],
  ['one off, one on', [product('Windows Defender', false), product('Avast', true)], 'pass'],
] as const)('III.3.1.b: %s', (_, products, state) => {
  expect(judge('III.3.1.b', { assets: [pcOf('student')], samples: status(products) }).state).toBe(state);
});

test('a status of the seventh school day still speaks, one of the eighth does not', () => {
  const at = (day: number) => status([product('Windows Defender')], DAYS.at(-day)!.from);
  expect(judge('III.3.1.b', { assets: [pcOf('student')], samples: at(7) }).state).toBe('pass');
  const old = judge('III.3.1.b', { assets: [pcOf('student')], samples: at(8) });
  expect(old).toMatchObject({ state: 'insufficient', missing: [{ name: 'PC-1' }] });
});

test('a PC never heard of is named and keeps the point; a known fault of another still costs it', () => {
  const never = assetOf('pc-2', 'pc', { use: 'student' });
  const good = judge('III.3.1.b', { assets: [pcOf('student'), never], samples: status([product('Avast')]) });
  expect(good).toMatchObject({ state: 'insufficient', figure: '1/2 máy', missing: [{ name: 'PC-2' }] });
  const bad = judge('III.3.1.b', { assets: [pcOf('student'), never], samples: status([]) });
  expect(bad).toMatchObject({ state: 'fail', faults: [{ name: 'PC-1' }], missing: [{ name: 'PC-2' }] });
});

test('a PC whose use nobody stated is named in both rules, and takes or gives no point', () => {
  const nobody = assetOf('pc-2', 'pc');
  for (const [rule, use] of [
    ['III.3.1.a', 'teaching'],
    ['III.3.1.b', 'student'],
  ] as const) {
    const verdict = judge(rule, { assets: [pcOf(use), nobody], samples: status([product('ESET Security')]) });
    expect(verdict).toMatchObject({ state: 'insufficient', figure: '1/2 máy', missing: [{ name: 'PC-2' }] });
  }
});

test('a PC that is off for a holiday does not let its definitions age', () => {
  const told = DAYS[4]!.from;
  const fresh = product('ESET Security', true, { definitionsAt: new Date(told - 2 * 24 * HOUR).toISOString() });
  expect(judge('III.3.1.a', { assets: [pcOf('teaching')], samples: status([fresh], told) }).state).toBe('pass');
});

test('a status that could not be read does not wipe out the one before', () => {
  const samples = [...status([product('ESET Security')]), ...status(null, NOW - HOUR / 2, false)];
  expect(judge('III.3.1.a', { assets: [pcOf('teaching')], samples }).state).toBe('pass');
});

test('two agents that speak for one PC in turns decide nothing, an agent that took over does', () => {
  const said = (agentId: string, hoursAgo: number, products: unknown) =>
    status(products, NOW - hoursAgo * HOUR).map((sample) => ({ ...sample, agentId }));
  const own = (hoursAgo: number) => said('own', hoursAgo, []);
  const other = (hoursAgo: number) => said('other', hoursAgo, [product('Avast')]);
  const assets = [pcOf('student')];
  const turns = [...own(8), ...other(6), ...own(4), ...other(2)];
  expect(judge('III.3.1.b', { assets, samples: turns })).toMatchObject({
    state: 'insufficient',
    missing: [{ name: 'PC-1' }],
  });
  expect(judge('III.3.1.b', { assets, samples: [...own(8), ...own(6), ...other(4), ...other(2)] }).state).toBe('pass');
});

test.each([
  ['an hour after the status', HOUR, 'insufficient'],
  ['23 hours before it', -23 * HOUR, 'insufficient'],
  ['25 hours before it, and quiet since', -25 * HOUR, 'pass'],
])('a machine that two PCs speak as, found out %s', (_, apart, state) => {
  const at = NOW - 2 * HOUR;
  const samples = [sampleOf('antivirus', 'may-1', at, { products: [product('ESET Security')] })];
  const pc = { machineId: 'may-1', contestedAt: at + apart };
  for (const [rule, use] of [
    ['III.3.1.a', 'teaching'],
    ['III.3.1.b', 'student'],
  ] as const) {
    const verdict = judge(rule, { assets: [assetOf('pc-1', 'pc', { use, ...pc })], samples });
    expect(verdict.state).toBe(state);
    if (state === 'insufficient') expect(verdict.missing[0]?.why).toMatch(/^hai máy không phân biệt được/);
  }
});
