import { formatDate, formatNumber, formatTime } from '../../shared/vietnamese.ts';
import type { Translate } from './messages/messages.tsx';

/** Times and durations as the pages write them. */

const exact = new Intl.DateTimeFormat('vi-VN', {
  timeZone: 'Asia/Ho_Chi_Minh',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** 14:05 23/11/2026 */
export const formatWhen = (at: string): string => `${formatTime(at)} ${formatDate(at)}`;
/** 14:05:09 23/11/2026, for what is evidence. */
export const formatWhenExact = (at: string): string => `${exact.format(new Date(at))} ${formatDate(at)}`;
/** 2026-11-23 as 23/11/2026; a local date has no zone. */
export const formatLocalDate = (date: string): string => date.split('-').reverse().join('/');

/** 5400 as "1 giờ 30 phút". */
export function formatDuration(seconds: number, t: Translate): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  const parts = [
    ...(hours > 0 ? [t('hours', { n: hours })] : []),
    ...(minutes > 0 ? [t('minutes', { n: minutes })] : []),
    ...(rest > 0 || seconds === 0 ? [t('seconds', { n: formatNumber(rest) })] : []),
  ];
  return parts.join(' ');
}
