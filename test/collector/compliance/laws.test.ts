import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measurable, rules } from '../../../collector/compliance/rules.ts';
import type { FactSample } from '../../../collector/compliance/series.ts';
import { assetOf, DAYS, facts, HOUR, MINUTE, moments, sampleOf } from './school-facts.ts';

/** What must hold for every rule, whatever a school's inventory and its samples are. */

const rooms = [
  { id: 'tin', name: 'Phòng Tin học', kind: 'it' as const },
  { id: 'ngoai-ngu', name: 'Phòng Ngoại ngữ', kind: 'language' as const },
];
const assets = [
  assetOf('pc-1', 'pc', { roomId: 'tin', use: 'student' }),
  assetOf('pc-2', 'pc', { roomId: 'ngoai-ngu', use: 'teaching' }),
  assetOf('in-1', 'printer', { roomId: 'tin' }),
  assetOf('cam-1', 'camera'),
  assetOf('ap-1', 'access-point'),
  assetOf('internet', 'internet'),
];
const watched = [
  ['lan-reach', 'pc-1'],
  ['lan-reach', 'pc-2'],
  ['printer', 'in-1'],
  ['camera', 'cam-1'],
  ['lan-reach', 'ap-1'],
  ['internet-speed', 'internet'],
  ['antivirus', 'pc-1'],
  ['antivirus', 'pc-2'],
] as const;

/** A school in perfect order. */
const perfect = (): FactSample[] =>
  watched.flatMap(([probe, target]) =>
    moments(probe === 'internet-speed' ? HOUR : 5 * MINUTE).map((at) =>
      sampleOf(probe, target, at, {
        state: 'live',
        lineMbps: 90,
        products: [{ name: 'Kaspersky Endpoint Security', on: true, upToDate: true, definitionsAt: null }],
      }),
    ),
  );
const PERFECT = perfect();
function states(samples: FactSample[]): [string, string][] {
  const judged = facts({ rooms, assets, samples });
  return rules.map((rule) => [rule.id, rule.judge(judged).state]);
}
const garbage = fc.dictionary(
  fc.constantFrom('state', 'lineMbps', 'products', 'valid', '__proto__', 'x'),
  fc.jsonValue(),
);

test('a school in perfect order passes every measurable rule', () => {
  const judged = facts({ rooms, assets, samples: PERFECT });
  for (const rule of measurable)
    expect(rule.judge(judged), rule.id).toMatchObject({
      state: 'pass',
      count: 0,
      faults: [],
      missing: [],
    });
});

test('without samples nothing passes and nothing fails, with or without an inventory', () => {
  for (const rule of measurable) {
    expect(rule.judge(facts({ rooms, assets })).state, rule.id).toBe('insufficient');
    expect(rule.judge(facts({})).state, rule.id).toBe('insufficient');
  }
});

test('every verdict explains itself in a sentence, and points are lost only by name', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }), (misses) => {
      const samples = PERFECT.map((sample, index) =>
        misses[index % 50] ? { ...sample, ok: false, values: {} } : sample,
      );
      const judged = facts({ rooms, assets, samples });
      for (const rule of rules) {
        const verdict = rule.judge(judged);
        expect(verdict.verdict).toMatch(/^(Đạt|Đạt \(sát ngưỡng\)|Không đạt|Chưa đủ dữ liệu|Người chấm nhập): .+/);
        expect(verdict.count > 0).toBe(verdict.state === 'fail');
        if (verdict.state === 'fail') expect(verdict.faults.length).toBeGreaterThan(0);
        if (verdict.state === 'fail') expect(verdict.evidence.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 40 },
  );
});

test('silence never turns a pass into a fail: any hours of the whole agent taken away', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 10 })),
        { maxLength: 12 },
      ),
      (gaps) => {
        const silent = gaps.map(([day, hour, hours]) => {
          const from = DAYS[day]!.from + hour * HOUR;
          return { from, to: from + hours * HOUR };
        });
        const samples = PERFECT.filter(({ at }) => !silent.some((gap) => at >= gap.from && at < gap.to));
        for (const [rule, state] of states(samples)) expect(['pass', 'insufficient', 'manual'], rule).toContain(state);
      },
    ),
    { numRuns: 100 },
  );
});

test('values that make no sense never throw and never earn a pass that depends on them', () => {
  fc.assert(
    fc.property(garbage, fc.boolean(), (values, ok) => {
      const { state: _, lineMbps: __, ...rest } = values;
      const samples = PERFECT.map((sample) => ({ ...sample, ok, reason: ok ? null : 'failed', values: rest }));
      const judged = new Map(states(samples));
      for (const id of ['III.2.2.a', 'III.3.2.a', 'III.3.2.b']) expect(judged.get(id), id).toBe('insufficient');
      // Whatever stands in every field, nothing throws.
      for (const sample of samples) sample.values = values;
      expect(states(samples)).toHaveLength(rules.length);
    }),
    { numRuns: 100 },
  );
});

test('what nobody watches costs a point only with the sample that proves the agent was at work', () => {
  const orphans = [
    assetOf('cam-2', 'camera', { target: null }),
    assetOf('pc-9', 'pc', { roomId: 'kho', target: null }),
  ];
  const room = { id: 'kho', name: 'Phòng máy cũ', kind: 'other' as const };
  const judged = facts({ rooms: [...rooms, room], assets: [...assets, ...orphans], samples: PERFECT });
  for (const id of ['III.1.1.c', 'III.3.2.a']) {
    const verdict = rules.find((rule) => rule.id === id)!.judge(judged);
    expect(verdict, id).toMatchObject({ state: 'fail', count: 1 });
    expect(
      verdict.evidence.some(({ says }) => says.includes('tác tử làm việc')),
      id,
    ).toBe(true);
  }
});
