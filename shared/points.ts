/**
 * Points of the rubric, exact. The decision's smallest step is a quarter of a point ("trừ 0,25 điểm"), so a value is a
 * whole number of quarters and no total ever passes through a binary fraction. Only `toNumber` and `format` leave this type.
 */
export type Quarters = number & { readonly __quarters: unique symbol };

export const ZERO = 0 as Quarters;

/** Reads a decimal number of points (0.25, 1.5). Throws RangeError unless it is finite and a multiple of 0.25. */
export function quarters(points: number): Quarters {
  const value = points * 4; // exact: a power of two only shifts the exponent
  if (!Number.isSafeInteger(value)) throw new RangeError(`${points} is not a multiple of 0.25 points`);
  return (value === 0 ? 0 : value) as Quarters;
}

export const add = (a: Quarters, b: Quarters): Quarters => (a + b) as Quarters;
export const subtract = (a: Quarters, b: Quarters): Quarters => (a - b) as Quarters;
export const times = (a: Quarters, count: number): Quarters => (a * count) as Quarters;
export const sum = (values: Iterable<Quarters>): Quarters => {
  let total = 0;
  for (const value of values) total += value;
  return total as Quarters;
};
export const clamp = (value: Quarters, max: Quarters): Quarters => Math.min(Math.max(value, 0), max) as Quarters;

/** Decimal points, exact in JSON: every quarter has a short binary and decimal form. */
export const toNumber = (value: Quarters): number => value / 4;

/** Vietnamese notation: 0,5 and 89,75 without trailing zeros. */
export const formatPoints = (points: number): string => String(points).replace('.', ',');
