import './line.css';
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { School } from '../../api/schemas/school.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { sayProvider } from '../words.ts';
import { LineFigures } from './line-figures.tsx';
import { Rows } from './rows.tsx';
import { SpeedChart } from './speed-chart.tsx';
import { type PlacedPoint, placePoints, sayCross, sayInterval, sayMarks, sayResult } from './speed-points.ts';
import { SpeedRun } from './speed-run.tsx';
import type { Timeline } from './timeline.ts';

/** The picture that proves the verdict on the internet line: its tests, the one that was opened, and what stands beside. */
export default function InternetProof({ speed, timeline }: { speed: School['speed']; timeline: Timeline }) {
  const t = useT();
  const [opened, setOpened] = useState<string | null>(null);
  const points = placePoints(speed.points, timeline, speed.uncertainty);
  const shown = points.find(({ key }) => key === opened);
  return (
    <>
      {points.length === 0 ? (
        <Text size="sm">{t('speedNone')}</Text>
      ) : (
        <>
          <SpeedChart
            speed={speed}
            points={points}
            timeline={timeline}
            opened={opened}
            open={(key) => setOpened(key === opened ? null : key)}
          />
          {shown && <SpeedRun point={shown} thresholdMbps={speed.thresholdMbps} close={() => setOpened(null)} />}
          <TestTable points={points} open={setOpened} />
        </>
      )}
      {speed.lines.map((line) => (
        <LineFigures key={line.assetId} line={line} timeline={timeline} />
      ))}
    </>
  );
}

/** The same for who reads tables; made only when it is opened. */
function TestTable({ points, open }: { points: readonly PlacedPoint[]; open(key: string): void }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="no-print" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('speedTable', { n: points.length })}</summary>
      {isOpen && (
        <Rows
          label={t('speedTitle')}
          columns={[
            { name: t('measuredAt') },
            { name: t('result'), num: true },
            { name: t('speedInterval'), num: true },
            { name: t('speedMarks') },
            { name: t('speedCross') },
            { name: t('value_provider') },
            { name: t('speedOpen') },
          ]}
          rows={points.toReversed().map((point) => ({
            key: point.key,
            cells: [
              `${formatWhen(point.at)}${point.inHours ? '' : ` (${t('speedOff')})`}`,
              sayResult(point, t),
              sayInterval(point, t),
              sayMarks(point, t),
              sayCross(point, t),
              point.kind === 'nothing' ? '' : sayProvider(point.provider, t),
              <Button
                key="open"
                size="compact-xs"
                variant="default"
                aria-label={t('speedOpenOne', { time: formatWhen(point.at) })}
                onClick={() => open(point.key)}
              >
                {t('speedOpen')}
              </Button>,
            ],
          }))}
        />
      )}
    </details>
  );
}
