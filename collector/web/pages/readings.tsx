import { Anchor, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { ReadingView } from '../../../shared/rubric/readings.ts';
import type { EvaluationDetail } from '../../api/schemas/evaluation.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { Readings } from '../parts/readings.tsx';
import { detailQuery } from './evaluation.tsx';

/** How a period reads the unclear places of its edition. */
export function PeriodReadings({ id, user }: { id: string; user: Session['user'] }) {
  const t = useT();
  const path = `/evaluations/${encodeURIComponent(id)}/readings`;
  const detail = useQuery<EvaluationDetail>(detailQuery(id));
  const readings = useQuery({
    queryKey: ['evaluations', id, 'readings'],
    queryFn: ({ signal }) => get<ReadingView[]>(path, signal),
  });
  return (
    <Show query={detail}>
      {(period) => (
        <Stack>
          <div>
            <Title order={1} size="h2">
              {t('readingsOfPeriod')}
            </Title>
            <Anchor component={Link} href={`/ky-danh-gia/${id}`}>
              {period.name}
            </Anchor>
            <Text size="sm">{t('readingsHelp')}</Text>
          </div>
          <Show query={readings}>
            {(list) => (
              <Readings
                readings={list}
                path={path}
                mayChoose={user.role === 'admin' && ['prepared', 'open', 'review'].includes(period.state)}
              />
            )}
          </Show>
        </Stack>
      )}
    </Show>
  );
}
