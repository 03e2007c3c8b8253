import { readProductName } from '../antivirus-products.ts';
import type { Product, ProductState } from '../rollup/antivirus.ts';

/** Sentences on what a PC's products do. */

const NOT_ON: Readonly<Record<Exclude<ProductState, 'on'>, string>> = {
  expired: 'đã hết hạn sử dụng',
  snoozed: 'đang bị tạm dừng',
  off: 'đang tắt',
  passive: 'chỉ chạy thụ động, không phần mềm nào khác đang bật',
};
const WORST = ['expired', 'snoozed', 'off', 'passive'] as const;

/** Why none of a PC's products protects it. One that somebody installed says more than what came with the system. */
export function sayNoneOn(products: readonly Product[]): string | { unknown: string } {
  const first = products[0];
  if (!first) return 'không có phần mềm diệt virus';
  const unknown = products.filter(({ on }) => on === null);
  const isDetailed = products.some(({ state }) => state !== null);
  if (unknown.length > 0) return { unknown: `không biết ${(isDetailed ? unknown[0]! : first).name} có đang bật` };
  if (!isDetailed) return `${first.name} đang tắt`;
  const ranked = products.toSorted((a, b) => rank(a) - rank(b));
  const { name, state } = ranked[0]!;
  return `${name} ${NOT_ON[stateOf(state)]}`;
}

const stateOf = (state: ProductState | null) => (state === null || state === 'on' ? 'off' : state);
const rank = ({ name, state }: Product) =>
  WORST.indexOf(stateOf(state)) + (readProductName(name).cost === 'built-in' ? WORST.length : 0);
