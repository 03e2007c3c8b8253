import { isIPv4 } from 'node:net';

/** The addresses of `a.b.c.d-a.b.c.e`, both included; none for what is no such range. */
export function addressesIn(range: string): string[] {
  const [from, to] = range.split('-').map(numberOf);
  if (from === undefined || to === undefined || to < from || to - from >= MOST_IN_RANGE) return [];
  return Array.from({ length: to - from + 1 }, (_, index) => textOf(from + index));
}

/** Largest range of the configuration: what DHCP gives out in one school. */
export const MOST_IN_RANGE = 1024;

/** An IPv4 address as a number; undefined for anything else, leading zeros included. */
export const numberOf = (address: string): number | undefined =>
  isIPv4(address) ? address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) : undefined;

export const textOf = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
