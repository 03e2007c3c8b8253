/**
 * The address ranges that a person asks to sweep: `192.168.1.0/24` or `192.168.1.10-192.168.1.99` (the end may be its
 * last octet alone: `192.168.1.10-99`). IPv4 only: an IPv6 link has more addresses than can be asked.
 */

import { numberOf, textOf } from '../probes/lan-reach/ranges.ts';

/** What a person typed that is not swept; the message is one line in Vietnamese. */
export class SweepRangeError extends Error {
  override name = 'SweepRangeError';
}

export const MAX_SWEEP = 4096;

/** RFC 1918, 3927, 6598 and loopback: what a school may have inside. */
const INSIDE: readonly [number, number][] = [
  [0x0a00_0000, 8],
  [0xac10_0000, 12],
  [0xc0a8_0000, 16],
  [0xa9fe_0000, 16],
  [0x6440_0000, 10],
  [0x7f00_0000, 8],
];

/** All addresses of the ranges, each once, in order. Throws SweepRangeError. */
export function addressesOf(ranges: readonly string[]): string[] {
  const numbers = new Set<number>();
  for (const range of ranges) {
    const [from, to] = boundsOf(range);
    if (to < from)
      throw new SweepRangeError(`--sweep: ${shown(range)} đi ngược, địa chỉ đầu phải nhỏ hơn địa chỉ cuối`);
    if (to - from + 1 > MAX_SWEEP) throw tooMany();
    if (!INSIDE.some(([base, bits]) => within(from, base, bits) && within(to, base, bits)))
      throw new SweepRangeError(`--sweep: ${shown(range)} không phải mạng nội bộ, chỉ quét mạng của trường`);
    for (let address = from; address <= to; address++) numbers.add(address);
    if (numbers.size > MAX_SWEEP) throw tooMany();
  }
  return [...numbers].sort((a, b) => a - b).map(textOf);
}

const tooMany = () => new SweepRangeError(`--sweep: quá ${MAX_SWEEP} địa chỉ, hãy quét từng phần nhỏ hơn`);

function boundsOf(range: string): [number, number] {
  const [, base = '', bits] = /^([\d.]{7,15})\/(\d{1,2})$/.exec(range) ?? [];
  const [, first = '', last = ''] = /^([\d.]{7,15})-([\d.]{1,15})$/.exec(range) ?? [];
  if (bits !== undefined) {
    const address = numberOf(base);
    const size = 2 ** (32 - Number(bits));
    if (address !== undefined && size >= 1) {
      const from = Math.floor(address / size) * size;
      // The first and last address of a network are nobody's (RFC 1122, 3.2.1.3), but for links of two (RFC 3021).
      return size > 2 ? [from + 1, from + size - 2] : [from, from + size - 1];
    }
  }
  const from = numberOf(first);
  const to = numberOf(/^\d+$/.test(last) ? `${first.split('.').slice(0, 3).join('.')}.${last}` : last);
  if (from === undefined || to === undefined)
    throw new SweepRangeError(
      `--sweep: không hiểu ${shown(range)}, hãy viết như 192.168.1.0/24 hoặc 192.168.1.10-192.168.1.99`,
    );
  return [from, to];
}

const within = (address: number, base: number, bits: number) => address >>> (32 - bits) === base >>> (32 - bits);
/** What was typed, fit for one line. */
const shown = (range: string) => `"${range.replaceAll(/\p{C}+/gu, ' ').slice(0, 60)}"`;
