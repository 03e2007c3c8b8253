/** Numbers and dates as Vietnamese readers write them; times in Asia/Ho_Chi_Minh. */

const ZONE = 'Asia/Ho_Chi_Minh';
const date = new Intl.DateTimeFormat('vi-VN', { timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric' });
const time = new Intl.DateTimeFormat('vi-VN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

const numberFormat = (digits: number) =>
  new Intl.NumberFormat('vi-VN', { maximumFractionDigits: digits, useGrouping: false });
/** By decimals: making one costs far more than using it. */
const numbers = [0, 1, 2].map(numberFormat);

/** 23/11/2026 */
export const formatDate = (at: number | string): string => date.format(new Date(at));
/** 14:05 */
export const formatTime = (at: number | string): string => time.format(new Date(at));
/** 0,5 with at most `digits` decimals. */
export const formatNumber = (value: number, digits = 1): string =>
  (numbers[digits] ?? numberFormat(digits)).format(value);
/** 96 % from 0.96. */
export const formatShare = (share: number, digits = 1): string => `${formatNumber(share * 100, digits)} %`;
/** Lower case without diacritics, for comparing what people type: "Mã trường" → "ma truong". */
export const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd');
