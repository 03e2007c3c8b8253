import { LineChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { ReferenceArea, ReferenceLine } from 'recharts';
import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { School } from '../../api/schemas/school.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import type { Timeline } from './timeline.ts';

const RED = '#c92a2a';
const GREY = '#6b7280';

/** Line rate of each test on the strips' own time axis, against the threshold and its band of uncertainty. */
export default function SpeedChart({ speed, timeline }: { speed: School['speed']; timeline: Timeline }) {
  const t = useT();
  const { thresholdMbps, uncertainty, points } = speed;
  if (points.length === 0) return <Text size="sm">{t('speedNone')}</Text>;
  const placed = points.flatMap((point) => {
    const x = timeline.place(Date.parse(point.at));
    return x === undefined ? [] : [{ ...point, x }];
  });
  const outside = points.length - placed.length;
  const measured = placed.flatMap(({ x, at, lineMbps }) =>
    lineMbps === null ? [] : [{ x, at, line: Math.round(lineMbps * 10) / 10 }],
  );
  const lost = placed.filter((point) => point.lineMbps === null);
  const low = thresholdMbps * (1 - uncertainty);
  const high = thresholdMbps * (1 + uncertainty);
  const scale = niceScale([low, high, ...measured.map((point) => point.line)]);
  const labels = new Map(timeline.ticks.map((tick) => [tick.left, tick.label]));
  const said = { n: formatNumber(thresholdMbps) };
  return (
    <figure className="chart">
      <figcaption>
        <Text size="sm" fw={600}>
          {t('speedTitle')}
        </Text>
      </figcaption>
      <LineChart
        h={220}
        data={measured}
        dataKey="x"
        series={[{ name: 'line', label: t('speedLine'), color: 'blue.7' }]}
        xAxisProps={{
          type: 'number',
          domain: [0, 100],
          ticks: [...labels.keys()],
          interval: 'preserveStart',
          tickFormatter: (left: number) => labels.get(left) ?? '',
        }}
        yAxisProps={{
          domain: [scale[0]!, scale.at(-1)!],
          ticks: scale,
          width: 44,
          tickFormatter: (value: number) => formatNumber(value),
        }}
        tooltipProps={{
          labelFormatter: (_, payload) => formatWhen((payload?.[0]?.payload as { at: string } | undefined)?.at ?? ''),
          content: ({ active, payload }) => {
            const point = payload?.[0]?.payload as { at: string; line: number } | undefined;
            if (!active || !point) return null;
            return (
              <div className="chart-tip">
                {formatWhen(point.at)}: {formatNumber(point.line)} Mbps
              </div>
            );
          },
        }}
        curveType="linear"
        withDots
      >
        <ReferenceArea y1={low} y2={high} fill={RED} fillOpacity={0.3} stroke="none" />
        <ReferenceLine y={thresholdMbps} stroke={RED} strokeDasharray="8 4" />
        {lost.map((point) => (
          <ReferenceLine key={point.at} x={point.x} stroke={GREY} strokeDasharray="2 4" strokeWidth={1.5} />
        ))}
      </LineChart>
      <Text size="xs" component="p" m={0} className="legend">
        <span>
          <i className="swatch-line swatch-speed" /> {t('speedLine')}
        </span>
        <span>
          <i className="swatch-line swatch-threshold" /> {t('speedThreshold', said)}
        </span>
        <span>
          <i className="swatch swatch-band" />{' '}
          {t('speedBand', {
            share: formatShare(uncertainty),
            low: formatNumber(low, 2),
            high: formatNumber(high, 2),
          })}
        </span>
        {lost.length > 0 && (
          <span>
            <i className="swatch-line swatch-lost" /> {t('speedInvalid', { n: lost.length })}
          </span>
        )}
        {outside > 0 && <span>{t('speedOutside', { n: outside })}</span>}
      </Text>
    </figure>
  );
}

/** Round values around the given ones, evenly spaced, each once. Not from 0: a threshold near the values must be seen. */
function niceScale(values: readonly number[]): number[] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const rough = Math.max((most - least) / 4, 0.5);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.max(0, Math.floor(least / step - 0.2));
  const last = Math.ceil(most / step + 0.2);
  return Array.from({ length: last - first + 1 }, (_, index) => Math.round((first + index) * step * 100) / 100);
}
