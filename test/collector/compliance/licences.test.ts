import { expect, test } from 'vitest';
import type { Licence } from '../../../collector/compliance/licences.ts';
import { assetOf, HOUR, judge, NOW, sampleOf } from './school-facts.ts';

/** III.3.1.a by the register of licences; the window ends on 20/11/2026. */

const entry = (product: string, rest: Partial<Licence> = {}): Licence => ({
  id: `${product} ${JSON.stringify(rest)}`,
  product,
  seats: null,
  validFrom: '2026-01-01',
  validUntil: '2026-12-31',
  ...rest,
});
const product = (name: string, rest: object = {}) => ({ name, on: true, upToDate: true, definitionsAt: null, ...rest });
const school = (count: number, products: object[], own: Record<number, string> = {}) => {
  const ids = Array.from({ length: count }, (_, index) => `pc-${String(index + 1).padStart(2, '0')}`);
  return {
    assets: ids.map((id, index) => assetOf(id, 'pc', { use: 'teaching' as const, licence: own[index] ?? null })),
    samples: ids.map((id) => sampleOf('antivirus', id, NOW - HOUR, { products })),
  };
};
const judgeOne = (name: string, licences: Licence[] | null, rest: object = {}) =>
  judge('III.3.1.a', { ...school(1, [product(name, rest)]), licences });

test.for([
  ['unknown edition, no entry', 'Kaspersky', [], 'insufficient'],
  ['unknown edition, entry of its maker', 'Kaspersky', [entry('Kaspersky Small Office Security')], 'pass'],
  ['unknown edition, entry of another maker', 'Kaspersky', [entry('ESET')], 'insufficient'],
  ['free edition beside an entry of the paid one', 'Kaspersky Free', [entry('Kaspersky')], 'fail'],
  ['free edition with an entry of its own', 'Kaspersky Free', [entry('Kaspersky Free')], 'pass'],
  ['paid edition beside an entry of the free one', 'Kaspersky Premium', [entry('Kaspersky Free')], 'pass'],
  ['unknown edition beside an entry of the free one', 'Kaspersky', [entry('Kaspersky Free')], 'insufficient'],
  ['built-in, no entry', 'Windows Defender', [], 'fail'],
  ['built-in, run by the paid service', 'Windows Defender', [entry('Microsoft Defender for Business')], 'pass'],
  ['a name of nobody, entry of a like name', 'Diệt Virus Việt 2026', [entry('diet virus viet')], 'pass'],
  ['a name of nobody, no entry', 'Diệt Virus Việt 2026', [entry('Bkav Pro')], 'insufficient'],
  ['paid by its name, no entry', 'ESET Endpoint Antivirus', [], 'pass'],
  ['paid by its name, entry ended', 'ESET Security', [entry('ESET', { validUntil: '2026-11-19' })], 'fail'],
  ['the last day counts', 'ESET Security', [entry('ESET', { validUntil: '2026-11-20' })], 'pass'],
  ['the first day counts', 'Kaspersky', [entry('Kaspersky', { validFrom: '2026-11-20' })], 'pass'],
  ['not yet in force', 'Kaspersky', [entry('Kaspersky', { validFrom: '2026-11-21' })], 'fail'],
  ['never ends', 'Kaspersky', [entry('Kaspersky', { validUntil: null })], 'pass'],
  [
    'one ended, one in force',
    'Kaspersky',
    [entry('Kaspersky', { validUntil: '2026-02-01' }), entry('Kaspersky')],
    'pass',
  ],
] as const)('%s: %s', ([, name, licences, state]) => {
  expect(judgeOne(name, [...licences]).state).toBe(state);
});

test('an entry that ended is said with its day', () => {
  expect(judgeOne('Kaspersky', [entry('Kaspersky', { validUntil: '2026-11-01' })]).faults).toEqual([
    { assetId: 'pc-01', name: 'PC-01', why: 'bản quyền Kaspersky trong sổ đã hết hạn ngày 01/11/2026' },
  ]);
});

test('30 seats for 35 PCs: five are lacking, and none of them is named', () => {
  const licences = [entry('Kaspersky', { seats: 20 }), entry('Kaspersky Endpoint Security', { seats: 10 })];
  const verdict = judge('III.3.1.a', { ...school(35, [product('Kaspersky')]), licences });
  expect(verdict).toMatchObject({
    state: 'fail',
    count: 1,
    figure: '30/35 máy',
    faults: [{ assetId: null, name: 'Kaspersky', why: '30 bản quyền cho 35 máy' }],
    missing: [],
  });
  expect(verdict.verdict).toBe(
    'Không đạt: 5/35 máy quản lý, dạy học không đáp ứng: Kaspersky (30 bản quyền cho 35 máy)',
  );
  expect(judge('III.3.1.a', { ...school(30, [product('Kaspersky')]), licences })).toMatchObject({ state: 'pass' });
});

test('a PC with an entry of its own, or with another paid product, leaves its seat to others', () => {
  const licences = [entry('Kaspersky', { seats: 2 })];
  expect(judge('III.3.1.a', { ...school(3, [product('Kaspersky')], { 0: 'HĐ 12/2026' }), licences }).state).toBe(
    'pass',
  );
  const both = [product('Kaspersky'), product('ESET Security')];
  expect(judge('III.3.1.a', { ...school(3, both), licences }).state).toBe('pass');
});

test('a product of the register that is off, old or unknown is judged before its seat is counted', () => {
  const licences = [entry('Kaspersky', { seats: 1 })];
  expect(judgeOne('Kaspersky', licences, { on: false, state: 'off' }).state).toBe('fail');
  expect(judgeOne('Kaspersky', licences, { upToDate: false }).state).toBe('fail');
  expect(judgeOne('Kaspersky', licences, { upToDate: null }).state).toBe('insufficient');
});

test.for([
  ['expired', 'Kaspersky đã hết hạn sử dụng'],
  ['snoozed', 'Kaspersky đang bị tạm dừng'],
  ['off', 'Kaspersky đang tắt'],
] as const)('%s, beside a passive Defender: said of the product that somebody installed', ([state, why]) => {
  const products = [
    product('Windows Defender', { on: false, state: 'passive' }),
    product('Kaspersky', { on: false, state }),
  ];
  for (const [rule, use] of [
    ['III.3.1.a', 'teaching'],
    ['III.3.1.b', 'student'],
  ] as const)
    expect(
      judge(rule, {
        assets: [assetOf('pc-1', 'pc', { use })],
        samples: [sampleOf('antivirus', 'pc-1', NOW - HOUR, { products })],
      }).faults,
    ).toMatchObject([{ why }]);
});

test('a passive Defender beside a product that is on costs nothing; alone it protects nobody', () => {
  const passive = product('Windows Defender', { on: false, state: 'passive' });
  const judgeBoth = (products: object[]) => judge('III.3.1.a', { ...school(1, products) });
  expect(judgeBoth([passive, product('ESET Security')]).state).toBe('pass');
  expect(judgeBoth([passive]).faults[0]?.why).toBe(
    'Windows Defender chỉ chạy thụ động, không phần mềm nào khác đang bật',
  );
  const odd = product('Bkav Pro', { on: null, state: null });
  expect(judgeBoth([passive, odd]).missing[0]?.why).toBe('không biết Bkav Pro có đang bật');
});

test('coverage is told both ways: PCs that never reported, and reports of PCs that nobody entered', () => {
  const { assets, samples } = school(4, [product('ESET Security')]);
  const heard = samples.slice(0, 3);
  const stranger = sampleOf('antivirus', 'may-la', NOW - HOUR, { products: [] });
  const verdict = judge('III.3.1.a', { assets, samples: [...heard, stranger] });
  expect(verdict.also).toEqual([
    'Đã có báo cáo 3/4 máy quản lý, dạy học',
    '1 máy có báo cáo nhưng chưa có trong danh mục: may-la',
  ]);
  expect(verdict.missing).toMatchObject([{ name: 'PC-04' }]);
});

test('a PC that is linked to a device of the inventory is no stranger', () => {
  const pc = assetOf('pc-1', 'pc', { use: 'teaching', machineId: 'may-1' });
  const samples = [sampleOf('antivirus', 'may-1', NOW - HOUR, { products: [product('ESET Security')] })];
  const verdict = judge('III.3.1.a', { ...school(0, []), assets: [pc], samples });
  expect(verdict).toMatchObject({ state: 'pass', also: ['Đã có báo cáo 1/1 máy quản lý, dạy học'] });
});

test('a sheet that was locked before there was a register says what it said then, word by word', () => {
  const said = (name: string, rest: object = {}) => judgeOne(name, null, rest);
  expect(said('Kaspersky')).toMatchObject({ state: 'pass', also: [] });
  expect(said('Bitdefender Antivirus').state).toBe('pass');
  expect(said('Avast Antivirus').verdict).toBe(
    'Chưa đủ dữ liệu: chưa biết 1/1 máy quản lý, dạy học (PC-01 (chưa rõ Avast Antivirus là bản trả tiền hay miễn phí: ghi vào sổ bản quyền))',
  );
  expect(said('Trend Micro Worry-Free Agent').verdict).toBe(
    'Không đạt: 1/1 máy quản lý, dạy học không đáp ứng: PC-01 (chỉ có Trend Micro Worry-Free Agent miễn phí, chưa có trong sổ bản quyền)',
  );
  expect(said('Bkav Pro', { on: false }).verdict).toBe(
    'Không đạt: 1/1 máy quản lý, dạy học không đáp ứng: PC-01 (Bkav Pro đang tắt)',
  );
});
