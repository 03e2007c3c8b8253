import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsOf, has, union } from '../../../collector/compliance/rollup/bits.ts';

test('a set of numbers holds what was put in and nothing else, alone and united', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 20_000, max: 20_300 }), { maxLength: 20 });
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const both = union(bitsOf(a), bitsOf(b));
      for (let member = 19_900; member < 20_400; member++)
        expect(has(both, member), String(member)).toBe(a.includes(member) || b.includes(member));
    }),
  );
});
