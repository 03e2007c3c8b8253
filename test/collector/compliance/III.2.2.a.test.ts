import { expect, test } from 'vitest';
import { assetOf, HOUR, judge, MINUTE, moments, sampleOf } from './school-facts.ts';

const line = assetOf('internet', 'internet');
/** Ten hourly tests a day on ten days; the first `slow` of them read 44. */
const tests = (slow: number, slowRate = 44, rate = 87.3, days = 10, target = 'internet') =>
  moments(HOUR, days).map((at, index) =>
    sampleOf('internet-speed', target, at, { lineMbps: index < slow ? slowRate : rate }),
  );

test('exactly 80 % at 45 or more passes, one test fewer fails', () => {
  expect(judge('III.2.2.a', { assets: [line], samples: tests(20) })).toMatchObject({ state: 'pass', count: 0 });
  const failed = judge('III.2.2.a', { assets: [line], samples: tests(21) });
  expect(failed).toMatchObject({ state: 'fail', count: 1, figure: '87,3 Mbps' });
  expect(failed.verdict).toBe(
    'Không đạt: 79/100 lần đo từ 45 Mbps trở lên (79 %), trung vị 87,3 Mbps, 10 ngày học, từ 09/11/2026 đến 20/11/2026',
  );
  expect(failed.evidence[0]!.says).toBe('44 Mbps');
});

test.each([
  [44.54, 'fail', false],
  [44.55, 'pass', true],
  [45, 'pass', true],
  [45.44, 'pass', true],
  [45.45, 'pass', false],
])('a line that always reads %d: %s, borderline %s', (rate, state, borderline) => {
  expect(judge('III.2.2.a', { assets: [line], samples: tests(0, 0, rate) })).toMatchObject({ state, borderline });
});

test('20 tests on 5 days suffice; 19 tests, or 4 days, do not', () => {
  const policy = { expectedEverySeconds: { 'internet-speed': 9000 } };
  const few = moments(2.5 * HOUR, 5).map((at) => sampleOf('internet-speed', 'internet', at, { lineMbps: 20 }));
  expect(few).toHaveLength(20);
  expect(judge('III.2.2.a', { assets: [line], samples: few, policy }).state).toBe('fail');
  const missing = judge('III.2.2.a', { assets: [line], samples: few.slice(1), policy });
  expect(missing).toMatchObject({ state: 'insufficient', count: 0 });
  expect(missing.missing[0]!.why).toContain('19/20');
  expect(judge('III.2.2.a', { assets: [line], samples: tests(0, 0, 20, 4) }).state).toBe('insufficient');
});

test('tests at night show the line, and decide nothing', () => {
  const atNight = tests(0, 0, 90).map((sample) => ({ ...sample, at: sample.at + 12 * HOUR }));
  expect(judge('III.2.2.a', { assets: [line], samples: atNight }).state).toBe('insufficient');
  expect(judge('III.2.2.a', { assets: [line], samples: [...tests(0, 0, 20), ...atNight] })).toMatchObject({
    state: 'fail',
    figure: '20 Mbps',
  });
});

test('tests that say nothing about the line are not held against the school, and are no data for it either', () => {
  const withBad = (isBad: (index: number) => boolean, failure: object) =>
    moments(HOUR).map((at, index) =>
      sampleOf('internet-speed', 'internet', at, isBad(index) ? { lineMbps: 3, ...failure } : { lineMbps: 90 }),
    );
  const judged = (isBad: (index: number) => boolean) =>
    judge('III.2.2.a', { assets: [line], samples: withBad(isBad, { valid: false }) });
  expect(judged((index) => index % 4 === 0)).toMatchObject({ state: 'pass', samples: 100 });
  // A line that hangs in most hours must not be judged by the others.
  expect(judged((index) => index % 2 === 0)).toMatchObject({ state: 'insufficient' });
  const hanging = withBad(() => false, {}).map((sample, index) =>
    index % 5 === 0 ? sample : { ...sample, ok: false, reason: 'timeout', values: {} },
  );
  expect(judge('III.2.2.a', { assets: [line], samples: hanging })).toMatchObject({ state: 'insufficient' });
});

test('of two lines one that reaches the speed is enough, and one nobody measured keeps the point', () => {
  const second = assetOf('du-phong', 'internet');
  const slow = tests(0, 0, 20);
  const fast = tests(0, 0, 90, 10, 'du-phong');
  expect(judge('III.2.2.a', { assets: [line, second], samples: [...slow, ...fast] }).state).toBe('pass');
  expect(judge('III.2.2.a', { assets: [line, second], samples: fast }).state).toBe('pass');
  expect(judge('III.2.2.a', { assets: [line, second], samples: slow }).state).toBe('insufficient');
  const both = [...slow, ...tests(0, 0, 30, 10, 'du-phong')];
  expect(judge('III.2.2.a', { assets: [line, second], samples: both }).state).toBe('fail');
});

test('many tests in one hour do not outweigh the other hours, on one day not the other days', () => {
  const policy = { internetMinTests: 20 };
  // Sixty fast tests in the first hour of each day, one slow test in each other hour.
  const crowded = moments(HOUR).flatMap((at, index) =>
    index % 10 === 0
      ? Array.from({ length: 60 }, (_, minute) =>
          sampleOf('internet-speed', 'internet', at + minute * MINUTE, { lineMbps: 90 }),
        )
      : [sampleOf('internet-speed', 'internet', at, { lineMbps: 20 })],
  );
  expect(judge('III.2.2.a', { assets: [line], samples: crowded, policy })).toMatchObject({ state: 'fail' });
  const tenMinutes = moments(24 * HOUR).flatMap((at) =>
    Array.from({ length: 10 }, (_, minute) =>
      sampleOf('internet-speed', 'internet', at + minute * MINUTE, { lineMbps: 90 }),
    ),
  );
  expect(judge('III.2.2.a', { assets: [line], samples: tenMinutes, policy }).state).toBe('insufficient');
  const oneDay = tests(0).map((sample, index) =>
    index < 90 ? { ...sample, values: { lineMbps: 90, valid: false } } : sample,
  );
  expect(judge('III.2.2.a', { assets: [line], samples: oneDay, policy: { internetMinTests: 10 } }).state).toBe(
    'insufficient',
  );
});

test('a verdict within the uncertainty names the limit that it rests on, a fail by share says so', () => {
  expect(judge('III.2.2.a', { assets: [line], samples: tests(0, 0, 44.7) }).verdict).toBe(
    'Đạt (sát ngưỡng): 0/100 lần đo từ 45 Mbps trở lên (0 %), trung vị 44,7 Mbps, 10 ngày học, từ 09/11/2026 đến 20/11/2026; trong sai số 1 % của phép đo (từ 44,55 Mbps)',
  );
  expect(judge('III.2.2.a', { assets: [line], samples: tests(25) }).faults[0]!.why).toBe(
    '25 % số lần đo dưới 45 Mbps, trung vị 87,3 Mbps',
  );
});

test('a fallback line that nobody measures neither wins nor keeps the point', () => {
  const fallback = assetOf('4g', 'internet', { target: null });
  expect(judge('III.2.2.a', { assets: [line, fallback], samples: tests(0, 0, 20) }).state).toBe('fail');
  expect(judge('III.2.2.a', { assets: [fallback], samples: tests(0) }).state).toBe('insufficient');
});
