import { isIP } from 'node:net';

/** The addresses of `a.b.c.d-a.b.c.e`, both included; none for what is no such range. */
export function addressesIn(range: string): string[] {
  const [from, to] = range.split('-').map(numberOf);
  if (from === undefined || to === undefined || to < from || to - from >= MOST_IN_RANGE) return [];
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const number = from + index;
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
  });
}

/** Largest range of the configuration: what DHCP gives out in one school. */
export const MOST_IN_RANGE = 1024;

const numberOf = (address: string): number | undefined =>
  isIP(address) === 4 ? address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
