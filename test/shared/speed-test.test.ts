import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MARKS, MOST_MBPS, readCurve, readSpeedTest, tellsOf } from '../../shared/speed-test.ts';

/** What agents send is a claim: every figure is looked at by itself. */

const nonsense = [null, undefined, Number.NaN, Infinity, -1, 0, 1e9, '45', [], {}, true];

test('figures that make no sense are not there', () => {
  for (const value of nonsense) {
    const read = readSpeedTest({
      lineMbps: value,
      lineLowMbps: value,
      upload: { lineMbps: value },
      crossCheck: { lineMbps: value, differs: true },
      linkMbps: value,
    });
    expect(read).toMatchObject({ lineMbps: null, lowMbps: null, uploadMbps: null, crossCheck: null, linkMbps: null });
    expect(tellsOf(read)).toBeNull();
  }
  for (const value of nonsense) {
    const read = readSpeedTest({ lineMbps: 50, upload: value, latency: value, crossCheck: value, marks: value });
    expect(read).toMatchObject({ uploadMbps: null, latency: { idleMs: null }, crossCheck: null, marks: [] });
    expect(tellsOf(read)).toEqual({ mbps: 50, isLeast: false });
  }
});

test('ten thousand marks are the few that there are', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `mark-${index}`);
  expect(readSpeedTest({ lineMbps: 50, marks: [...many, 'vpn', 'wifi', 5, null] }).marks).toEqual([
    'wifi',
    'vpn',
    'other',
  ]);
});

test.each([
  [
    { lineMbps: 50, valid: true, marks: ['cpu'] },
    { mbps: 50, isLeast: true },
  ],
  [
    { lineMbps: 50, valid: false, marks: ['new-mark'], invalidReason: 'new-mark' },
    { mbps: 50, isLeast: true },
  ],
  [{ lineMbps: 50, valid: false, marks: ['new-mark'], invalidReason: 'window-too-short' }, null],
  [{ lineMbps: 50, valid: false, marks: [], invalidReason: null }, null],
  [{ lineMbps: 50, valid: false, invalidReason: 'wifi' }, null],
  [
    { lineMbps: 30, marks: ['wifi'], crossCheck: { lineMbps: 60 } },
    { mbps: 60, isLeast: true },
  ],
  [
    { lineMbps: 30, crossCheck: { lineMbps: 60, differs: true } },
    { mbps: 30, isLeast: false },
  ],
  [{ marks: ['wifi'] }, null],
])('%j tells %j', (values, tells) => {
  expect(tellsOf(readSpeedTest(values))).toEqual(tells);
});

test('whatever the values are, what is read is a figure that can be, or none', () => {
  const names = [
    'lineMbps',
    'lineLowMbps',
    'lineHighMbps',
    'marks',
    'valid',
    'invalidReason',
    'upload',
    'latency',
    'crossCheck',
    'curve',
    'curveSeconds',
    'rampSeconds',
    '__proto__',
  ];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.double())), (values) => {
      const read = readSpeedTest(values as Record<string, unknown>);
      const tells = tellsOf(read);
      if (tells) expect(tells.mbps > 0 && tells.mbps <= MOST_MBPS).toBe(true);
      if (read.lowMbps !== null) expect(read.lowMbps <= read.lineMbps! && read.lineMbps! <= read.highMbps!).toBe(true);
      expect(read.marks.every((mark) => MARKS.includes(mark))).toBe(true);
      const curve = readCurve(values as Record<string, unknown>);
      if (curve) expect(curve.mbps.every((step) => step === null || (step >= 0 && step <= MOST_MBPS))).toBe(true);
    }),
  );
});

test('a curve is read step by step, and is none without a time between', () => {
  expect(readCurve({ curve: [1, 'x', 50, -3, null, 60], curveSeconds: 0.1, rampSeconds: 0.2 })).toEqual({
    mbps: [1, null, 50, null, null, 60],
    everySeconds: 0.1,
    rampSeconds: 0.2,
  });
  for (const values of [
    { curve: [1, 2] },
    { curve: [1, 2], curveSeconds: 0 },
    { curve: 'x', curveSeconds: 1 },
    { curve: [1], curveSeconds: 1 },
  ])
    expect(readCurve(values)).toBeNull();
});
