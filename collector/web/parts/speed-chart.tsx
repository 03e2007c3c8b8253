import { LineChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { formatDate, formatNumber, formatTime } from '../../../shared/vietnamese.ts';
import type { School } from '../../api/schemas/school.ts';
import { useT } from '../messages/messages.tsx';

/** Line rate of each test against the threshold and its band of uncertainty. */
export default function SpeedChart({ speed, minutes }: { speed: School['speed']; minutes: boolean }) {
  const t = useT();
  const { thresholdMbps, uncertainty, points } = speed;
  const measured = points.filter((point) => point.lineMbps !== null);
  if (points.length === 0) return <Text size="sm">{t('speedNone')}</Text>;
  const data = measured.map((point) => ({
    at: minutes ? formatTime(point.at) : `${formatDate(point.at).slice(0, 5)} ${formatTime(point.at)}`,
    line: Math.round(point.lineMbps! * 10) / 10,
  }));
  const band = thresholdMbps * uncertainty;
  const lost = points.length - measured.length;
  return (
    <figure className="chart">
      <figcaption>
        <Text size="sm" fw={600}>
          {t('speedTitle')}
        </Text>
      </figcaption>
      <LineChart
        h={220}
        data={data}
        dataKey="at"
        series={[{ name: 'line', label: t('speedLine'), color: 'blue.7' }]}
        yAxisProps={{
          domain: [0, (max: number) => Math.ceil((Math.max(max, thresholdMbps) * 1.1) / 20) * 20],
          width: 44,
          tickFormatter: String,
        }}
        referenceLines={[
          { y: thresholdMbps, label: t('speedThreshold', { n: formatNumber(thresholdMbps) }), color: 'red.8' },
          { y: thresholdMbps - band, color: 'red.3' },
          { y: thresholdMbps + band, color: 'red.3' },
        ]}
        valueFormatter={(value) => `${formatNumber(value)} Mbps`}
        curveType="linear"
        withDots
      />
      {lost > 0 && <Text size="sm">{t('speedInvalid', { n: lost })}</Text>}
    </figure>
  );
}
