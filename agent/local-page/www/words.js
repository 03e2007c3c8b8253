// @ts-check
import { en } from './en.js';
import { vi } from './vi.js';

/** Texts in the person's language; Vietnamese unless they chose otherwise. */

/** @typedef {keyof typeof vi} Key */

const KEPT = 'thdt-language';
let language = localStorage.getItem(KEPT) === 'en' ? 'en' : 'vi';

export const languageNow = () => language;

export function switchLanguage() {
  language = language === 'vi' ? 'en' : 'vi';
  localStorage.setItem(KEPT, language);
}

/**
 * The text of `key` with `{name}` replaced.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = (language === 'en' ? en : vi)[key];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/**
 * The same for a key that is made of data; `otherwise` when there is none.
 * @param {string} key
 * @param {string} otherwise
 * @param {Record<string, string | number>} [values]
 */
export const maybe = (key, otherwise, values) =>
  Object.hasOwn(vi, key) ? t(/** @type {Key} */ (key), values) : otherwise;

/** @param {number} value @param {number} [digits] */
export const number = (value, digits = 1) =>
  new Intl.NumberFormat(language === 'en' ? 'en-GB' : 'vi-VN', { maximumFractionDigits: digits }).format(value);

/** Time of day, with the date where it is not today; Vietnam's. @param {string} at */
export function clock(at) {
  const options = /** @type {const} */ ({ timeZone: 'Asia/Ho_Chi_Minh', hourCycle: 'h23' });
  const day = (/** @type {Date} */ date) => date.toLocaleDateString('vi-VN', options);
  const date = new Date(at);
  const time = date.toLocaleTimeString('vi-VN', { ...options, hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return day(date) === day(new Date()) ? time : `${time} ${day(date)}`;
}

/** @param {number} seconds */
export function every(seconds) {
  if (seconds < 120) return t('everySeconds', { n: number(seconds) });
  if (seconds < 7200) return t('everyMinutes', { n: number(seconds / 60) });
  return t('everyHours', { n: number(seconds / 3600) });
}

/** @param {number} bytes */
export const size = (bytes) => (bytes >= 1e6 ? `${number(bytes / 1e6)} MB` : `${number(bytes / 1e3)} kB`);
