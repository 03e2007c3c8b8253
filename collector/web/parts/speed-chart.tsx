import { Text } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { School } from '../../api/schemas/school.ts';
import { useT } from '../messages/messages.tsx';
import { heightOn, niceScale } from './scale.ts';
import { otherOf, type PlacedPoint, sayPoint } from './speed-points.ts';
import type { Timeline } from './timeline.ts';

/**
 * Each speed test on the strips' own time axis, against the threshold and its band. What a test says shows by its shape:
 * a dot with its uncertainty, a hollow square for a lower bound, a cross for nothing; pale outside school hours. The tests
 * are buttons, and one stop of the tab key: arrows go from one to the next.
 */
export function SpeedChart({
  speed,
  points,
  timeline,
  opened,
  open,
}: {
  speed: School['speed'];
  points: readonly PlacedPoint[];
  timeline: Timeline;
  opened: string | null;
  open(key: string): void;
}) {
  const t = useT();
  const [current, setCurrent] = useState<string | null>(null);
  const { thresholdMbps, uncertainty } = speed;
  const low = thresholdMbps * (1 - uncertainty);
  const high = thresholdMbps * (1 + uncertainty);
  const differing = points.flatMap((point) => {
    const other = otherOf(point);
    return other === null ? [] : [{ key: point.key, x: point.x, from: point.mbps!, other }];
  });
  const scale = niceScale([
    low,
    high,
    ...points.flatMap((point) => [point.mbps, point.low, point.high].filter((value) => value !== null)),
    ...differing.map(({ other }) => other),
  ]);
  const y = (value: number) => heightOn(scale, value);
  const judged = points.filter(({ kind, inHours }) => kind === 'rate' && inHours);
  const stop = points.some(({ key }) => key === current) ? current : points.at(-1)?.key;
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, to))]?.focus();
  };
  return (
    <figure className="chart speed-chart">
      <figcaption>
        <Text size="sm" fw={600}>
          {t('speedTitle')}
        </Text>
      </figcaption>
      <div className="speed-frame">
        <div className="speed-scale" aria-hidden>
          {scale.map((value) => (
            <span key={value} style={{ top: `${y(value)}%` }}>
              {formatNumber(value)}
            </span>
          ))}
        </div>
        <div className="speed-plot">
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            {scale.map((value) => (
              <line key={value} x1={0} x2={100} y1={y(value)} y2={y(value)} className="line-scale" />
            ))}
            {timeline.ticks.map(({ left }) => (
              <line key={left} x1={left} x2={left} y1={0} y2={100} className="line-tick" />
            ))}
            <rect x={0} width={100} y={y(high)} height={y(low) - y(high)} className="area-band" />
            <line x1={0} x2={100} y1={y(thresholdMbps)} y2={y(thresholdMbps)} className="line-threshold" />
            <polyline points={judged.map(({ x, mbps }) => `${x},${y(mbps!)}`).join(' ')} className="line-course" />
            {points.map(({ key, x, low: from, high: to, inHours }) =>
              from === null || to === null ? null : (
                <line
                  key={key}
                  x1={x}
                  x2={x}
                  y1={y(from)}
                  y2={y(to)}
                  className={inHours ? 'line-bar' : 'line-bar pale'}
                />
              ),
            )}
            {differing.map(({ key, x, from, other }) => (
              <line key={key} x1={x} x2={x} y1={y(from)} y2={y(other)} className="line-differs" />
            ))}
          </svg>
          {differing.map(({ key, x, other }) => (
            <span key={key} className="speed-other" style={{ left: `${x}%`, top: `${y(other)}%` }} aria-hidden />
          ))}
          {/* biome-ignore lint/a11y/useSemanticElements: a set of buttons on a picture is no fieldset */}
          <div role="group" aria-label={t('speedPoints')} className="speed-dots" onKeyDown={move}>
            {points.map((point) => (
              <button
                key={point.key}
                type="button"
                className={`speed-dot speed-dot-${point.kind}${point.inHours ? '' : ' pale'}`}
                style={{ left: `${point.x}%`, top: `${point.mbps === null ? 98 : y(point.mbps)}%` }}
                title={sayPoint(point, t)}
                aria-label={sayPoint(point, t)}
                aria-expanded={opened === point.key}
                tabIndex={point.key === stop ? 0 : -1}
                onFocus={() => setCurrent(point.key)}
                onClick={() => open(point.key)}
              />
            ))}
          </div>
        </div>
        <div
          className={timeline.ticks.length > MOST_ON_PHONE ? 'axis axis-many speed-axis' : 'axis speed-axis'}
          aria-hidden
        >
          {timeline.ticks.map((tick) => (
            <span key={tick.label} className="axis-label" style={{ left: `${tick.left}%` }}>
              {tick.label}
            </span>
          ))}
        </div>
      </div>
      <Legend speed={speed} points={points} differing={differing.length} />
    </figure>
  );
}

/** More labels than these overlap on a phone; there every fourth is shown. */
const MOST_ON_PHONE = 3;

function Legend({
  speed: { thresholdMbps, uncertainty, older },
  points,
  differing,
}: {
  speed: School['speed'];
  points: readonly PlacedPoint[];
  differing: number;
}) {
  const t = useT();
  const count = (fits: (point: PlacedPoint) => boolean) => points.filter(fits).length;
  const least = count(({ kind }) => kind === 'least');
  const nothing = count(({ kind }) => kind === 'nothing');
  const off = count(({ inHours }) => !inHours);
  return (
    <Text size="xs" component="p" m={0} className="legend">
      <span>
        <i className="speed-dot speed-dot-rate" /> {t('speedRate')}
      </span>
      {least > 0 && (
        <span>
          <i className="speed-dot speed-dot-least" /> {t('speedLeast', { n: least })}
        </span>
      )}
      {nothing > 0 && (
        <span>
          <i className="speed-dot speed-dot-nothing" /> {t('speedNothing', { n: nothing })}
        </span>
      )}
      {differing > 0 && (
        <span>
          <i className="speed-other" /> {t('speedDiffers', { n: differing })}
        </span>
      )}
      {off > 0 && (
        <span>
          <i className="speed-dot speed-dot-rate pale" /> {t('speedOffHours', { n: off })}
        </span>
      )}
      <span>
        <i className="swatch-line swatch-threshold" /> {t('speedThreshold', { n: formatNumber(thresholdMbps) })}
      </span>
      <span>
        <i className="swatch swatch-band" />{' '}
        {t('speedBand', {
          share: formatShare(uncertainty),
          low: formatNumber(thresholdMbps * (1 - uncertainty), 2),
          high: formatNumber(thresholdMbps * (1 + uncertainty), 2),
        })}
      </span>
      {older > 0 && <span>{t('speedOlder', { n: older })}</span>}
    </Text>
  );
}
