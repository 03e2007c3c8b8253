import { formatNumber } from '../../../shared/vietnamese.ts';
import type { SpeedPoint } from '../../api/schemas/line.ts';
import { formatWhen } from '../format.ts';
import type { Translate } from '../messages/messages.tsx';
import { sayMark, sayProvider, sayReason } from '../words.ts';
import type { Timeline } from './timeline.ts';

/** The speed tests as they stand on the time axis, and in words. */

export interface PlacedPoint extends SpeedPoint {
  key: string;
  /** Per cent of the axis. */
  x: number;
  /** Uncertainty of its figure, Mbps; both null where it has no figure, and for a lower bound. */
  low: number | null;
  high: number | null;
}

/** Half of the width over which the tests between two school days are spread, per cent. */
const NIGHT = 0.9;

/** `uncertainty`: share, that of every test that has none of its own or a narrower one. */
export function placePoints(points: readonly SpeedPoint[], timeline: Timeline, uncertainty: number): PlacedPoint[] {
  return points.map((point) => {
    const { mbps, lowMbps, highMbps, kind } = point;
    const isRate = kind === 'rate' && mbps !== null;
    return {
      ...point,
      key: `${point.reportId} ${point.target} ${point.at}`,
      x: placeOf(Date.parse(point.at), timeline),
      low: isRate ? Math.min(lowMbps ?? mbps, mbps * (1 - uncertainty)) : null,
      high: isRate ? Math.max(highMbps ?? mbps, mbps * (1 + uncertainty)) : null,
    };
  });
}

/** A test outside school hours stands at the edge between the days, spread by its time so that each is seen. */
function placeOf(at: number, { stretches, place }: Timeline): number {
  const inside = place(at);
  if (inside !== undefined) return inside;
  const next = stretches.findIndex(({ from }) => from > at);
  const [before, after] = [stretches.at(next === -1 ? -1 : next - 1), stretches[next]];
  if (next === 0) return 0;
  if (!before || !after) return 100;
  return after.left + ((at - before.to) / (after.from - before.to) - 0.5) * 2 * NIGHT;
}

/** "87,3 Mbps", "ít nhất 30 Mbps", or why there is none. */
export function sayResult({ kind, mbps, reason }: SpeedPoint, t: Translate): string {
  if (mbps === null) return sayReason(reason, t);
  return kind === 'least' ? t('speedLeastSaid', { n: formatNumber(mbps) }) : `${formatNumber(mbps)} Mbps`;
}

export const sayMarks = ({ marks }: SpeedPoint, t: Translate): string =>
  marks.map((mark) => sayMark(mark, t)).join(', ');

export function sayCross({ crossCheck }: SpeedPoint, t: Translate): string {
  if (!crossCheck) return '';
  const said = `${formatNumber(crossCheck.lineMbps)} Mbps (${sayProvider(crossCheck.provider, t)})`;
  return crossCheck.differs ? `≠ ${said}` : said;
}

/** What the second provider found where it disagrees, or the first where its figure is not the one that counts; Mbps. */
export function otherOf({ crossCheck, mbps, lineMbps }: SpeedPoint): number | null {
  if (!crossCheck?.differs || mbps === null) return null;
  return mbps === crossCheck.lineMbps ? lineMbps : crossCheck.lineMbps;
}

export const sayInterval = ({ low, high }: PlacedPoint, t: Translate): string =>
  low === null || high === null ? '' : t('speedIntervalSaid', { low: formatNumber(low), high: formatNumber(high) });

/** All of it in one line, for who hears it or points at it. */
export function sayPoint(point: PlacedPoint, t: Translate): string {
  const cross = sayCross(point, t);
  return [
    `${formatWhen(point.at)}: ${sayResult(point, t)}`,
    sayInterval(point, t),
    sayMarks(point, t),
    cross && `${t('speedCross')} ${cross}`,
    point.inHours ? '' : t('speedOff'),
  ]
    .filter((part) => part !== '')
    .join('; ');
}
