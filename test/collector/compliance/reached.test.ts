import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolvePolicy } from '../../../collector/compliance/policy.ts';
import { reached } from '../../../collector/compliance/reached.ts';
import type { Bound, Rate } from '../../../collector/compliance/rollup/speed.ts';

/** The logic of lower bounds, whatever the tests read. */

const policy = resolvePolicy([]);
const mbps = fc.oneof(
  fc.double({ min: 0.1, max: 100, noNaN: true }),
  fc.constantFrom(44, 44.54, 44.55, 44.9, 45, 45.44, 45.45, 46, 100_000),
);
const rates = fc.array(
  fc.record({ mbps, width: fc.constantFrom(0, 0.005, 0.02, 0.5) }).map(
    ({ mbps: own, width }): Rate => ({
      mbps: own,
      lowMbps: width === 0 ? null : own * (1 - width),
      highMbps: width === 0 ? null : own * (1 + width),
    }),
  ),
  { maxLength: 30 },
);
/** What a marked test read, and how much more the line really carried then. */
const hidden = fc.array(
  fc.record({ least: mbps, more: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 90, noNaN: true })) }),
  { minLength: 1, maxLength: 20 },
);
const boundOf = (least: number): Bound => ({ mbps: least, mark: 'wifi', linkMbps: null });
const passes = ({ surely, nearly }: ReturnType<typeof reached>) => surely || nearly !== null;

test('what is judged in spite of marked tests would be judged alike if they had told the truth', () => {
  fc.assert(
    fc.property(rates, hidden, (own, marked) => {
      const found = reached({ rates: own, bounds: marked.map(({ least }) => boundOf(least)) }, policy);
      const truth = reached(
        {
          rates: [...own, ...marked.map(({ least, more }) => ({ mbps: least + more, lowMbps: null, highMbps: null }))],
          bounds: [],
        },
        policy,
      );
      if (passes(found)) expect(passes(truth)).toBe(true);
      if (!passes(found) && !found.possibly) expect(passes(truth)).toBe(false);
      if (found.surely) expect(truth.surely).toBe(true);
      expect(found.possibly || !passes(found)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a mark more never costs the point: a pass may become unknown, and nothing becomes a fail', () => {
  fc.assert(
    fc.property(rates, fc.nat(29), (own, at) => {
      fc.pre(at < own.length);
      const before = reached({ rates: own, bounds: [] }, policy);
      const { mbps: figure } = own[at]!;
      const after = reached({ rates: own.toSpliced(at, 1), bounds: [boundOf(figure)] }, policy);
      if (before.possibly) expect(after.possibly).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('where every test is known, the rule is met or it is not', () => {
  fc.assert(
    fc.property(rates, (own) => {
      const found = reached({ rates: own, bounds: [] }, policy);
      expect(found.possibly).toBe(passes(found));
      expect(found.isMedianLeast).toBe(false);
      if (found.clearly) expect(found.surely).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
