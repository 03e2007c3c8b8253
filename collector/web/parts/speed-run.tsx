import { Anchor, Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Report, Sample } from '../../../shared/wire/report.ts';
import type { StoredReport } from '../../api/schemas/school.ts';
import { get } from '../api.ts';
import { formatWhenExact } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { sayMark, sayMend, sayReason } from '../words.ts';
import { Show } from './query.tsx';
import { SampleValues } from './sample-values.tsx';
import type { PlacedPoint } from './speed-points.ts';

/** One speed test out of its signed report: its picture, its marks with what to do, its figures. */
export function SpeedRun({
  point,
  thresholdMbps,
  close,
}: {
  point: PlacedPoint;
  thresholdMbps: number;
  close(): void;
}) {
  const t = useT();
  const title = t('runTitle', { time: formatWhenExact(point.at) });
  const report = useQuery({
    queryKey: ['report', point.reportId],
    queryFn: ({ signal }) => get<StoredReport>(`/reports/${encodeURIComponent(point.reportId)}`, signal),
    // Signed and stored: it never changes.
    refetchInterval: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section className="speed-run" aria-label={title}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Group gap="sm">
          <Anchor component={Link} href={`/bao-cao/${point.reportId}`} fz="sm">
            {t('toReport')}
          </Anchor>
          <Button size="compact-xs" variant="default" onClick={close}>
            {t('speedClose')}
          </Button>
        </Group>
      </Group>
      <Show query={report}>
        {({ payload }) => <Run sample={sampleIn(payload, point)} point={point} thresholdMbps={thresholdMbps} />}
      </Show>
    </section>
  );
}

function Run({
  sample,
  point,
  thresholdMbps,
}: {
  sample: Sample | undefined;
  point: PlacedPoint;
  thresholdMbps: number;
}) {
  const t = useT();
  if (!sample) return <Text size="sm">{t('runMissing')}</Text>;
  return (
    <>
      {point.kind === 'nothing' && <Text size="sm">{t('runWorthless', { why: sayReason(point.reason, t) })}</Text>}
      {point.marks.length > 0 && (
        <>
          {point.kind === 'least' && <Text size="sm">{t('runMarks')}</Text>}
          <ul className="plain-list">
            {point.marks.map((mark) => (
              <li key={mark}>
                <Text size="sm">
                  <b>{sayMark(mark, t)}</b>: {sayMend(mark, t)}
                </Text>
              </li>
            ))}
          </ul>
        </>
      )}
      <SampleValues sample={sample} thresholdMbps={thresholdMbps} />
    </>
  );
}

/** Ids are compared as the collector stores them: two spellings of one letter are one. */
const sampleIn = (payload: unknown, { target, at }: PlacedPoint): Sample | undefined =>
  (payload as Report | null)?.samples.find(
    (sample) =>
      sample.probe === 'internet-speed' && sample.at === at && sample.target.normalize('NFC').trim() === target,
  );
