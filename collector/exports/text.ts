import { formatDate, formatTime } from '../../shared/vietnamese.ts';

/** Text of exports as it is printed. Pure. */

/** A sentence that goes on after this: without its own full stop. */
export const stop = (text: string) => text.replace(/\.$/, '');

/** 14:05 ngày 20/11/2026 */
export const sayInstant = (at: string) => `${formatTime(at)} ngày ${formatDate(at)}`;

/** 14:05 20/11/2026 */
export const shortInstant = (at: string) => `${formatTime(at)} ${formatDate(at)}`;

/** Nghị định 30/2020/NĐ-CP, annex I, II.4: days below 10 and months 1 and 2 have a 0 before them. */
export function sayDay(at: string): string {
  const [day, month, year] = formatDate(at).split('/').map(Number) as [number, number, number];
  const two = (value: number) => String(value).padStart(2, '0');
  return `ngày ${two(day)} tháng ${month < 3 ? two(month) : month} năm ${year}`;
}

/** A dash for a minus sign, and no line break between a number and its unit. */
export const typeset = (text: string) =>
  text.replaceAll(/(^|[\s(])-(?=\d)/g, '$1–').replaceAll(/(?<=\d) (?=(?:%|điểm|Mbps|ms|dBm)(?![\p{L}\d]))/gu, '\u00A0');

/** Well-formed, printable, on one line: what no file format and no reader's eye can be tricked with. */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Noncharacter_Code_Point}\p{Bidi_Control}]/gu, '')
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();

/** The same for every text of a value that JSON can hold. */
export const cleaned = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === 'string' ? clean(part) : part)) as T;
