import { Alert, Anchor, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Evaluation, EvaluationDetail } from '../../api/schemas/evaluation.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatLocalDate } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { Distribution } from '../parts/distribution.tsx';
import { FaultCosts } from '../parts/fault-costs.tsx';
import { PeriodSteps } from '../parts/period-steps.tsx';
import { PeriodProgress } from '../parts/progress.tsx';
import { Show } from '../parts/query.tsx';
import { Results } from '../parts/results.tsx';
import { StateOfPeriod } from '../parts/state-of-period.tsx';

/** Formats of the summary, see `collector/exports`. */
const EXPORTS = ['xlsx', 'docx', 'html', 'csv'] as const;

/** One period: how far each unit is, the results with what separates each school from the grades, and its steps. */
export function EvaluationPage({ id, user }: { id: string; user: Session['user'] }) {
  const t = useT();
  const [previousId, setPreviousId] = useState('');
  const detail = useQuery(detailQuery(id));
  const periods = useQuery({
    queryKey: ['evaluations'],
    queryFn: ({ signal }) => get<Evaluation[]>('/evaluations', signal),
  });
  const previous = useQuery({ ...detailQuery(previousId), enabled: previousId !== '' });
  return (
    <Show query={detail}>
      {(period) => {
        const others = (periods.data ?? []).filter((other) => other.id !== id && other.state !== 'prepared');
        const undecided = period.units.some((unit) => unit.decided < unit.items);
        return (
          <Stack>
            <Group justify="space-between" align="start">
              <div>
                <Title order={1} size="h2">
                  {period.name}
                </Title>
                <Text size="sm">
                  {t('periodFacts', {
                    from: formatLocalDate(period.from),
                    to: formatLocalDate(period.to),
                    edition: `${period.edition.id} (${formatLocalDate(period.edition.date)})`,
                    schools: period.schools,
                  })}
                </Text>
                <Anchor component={Link} href={`/ky-danh-gia/${id}/cach-doc`} fz="sm">
                  {t('readingsOfPeriod')}
                </Anchor>
              </div>
              <Stack gap={4} align="end">
                <StateOfPeriod state={period.state} />
                {user.role === 'admin' && <PeriodSteps period={period} undecided={undecided} />}
              </Stack>
            </Group>
            {period.state === 'locking' && (
              <Alert color="gray" variant="outline" c="dark" role="status">
                {t('lockingNow', {
                  n: period.rows.filter((row) => row.locked !== null).length,
                  all: period.schools,
                })}
              </Alert>
            )}
            <Paper withBorder p="md">
              <Title order={2} size="h5" mb="xs">
                {t('progressTitle')}
              </Title>
              <PeriodProgress period={period} own={user.units} />
            </Paper>
            <Group gap="sm" align="end">
              <NativeSelect
                label={t('comparedWith')}
                value={previousId}
                onChange={(event) => setPreviousId(event.currentTarget.value)}
                data={[
                  { value: '', label: t('comparedWithNone') },
                  ...others.map((other) => ({ value: other.id, label: other.name })),
                ]}
              />
              <Text size="sm">{t('exportSummary')}</Text>
              {EXPORTS.map((format) => (
                <Anchor
                  key={format}
                  href={`/api/v1/evaluations/${encodeURIComponent(id)}/exports/${format}${previousId === '' ? '' : `?previous=${encodeURIComponent(previousId)}`}`}
                  download
                >
                  {format.toUpperCase()}
                </Anchor>
              ))}
              {user.role !== 'viewer' && (
                <Anchor component={Link} href={`/nhap-tep/entries?ky=${encodeURIComponent(id)}`}>
                  {t('importEntries')}
                </Anchor>
              )}
            </Group>
            <Results period={period} previous={previousId === '' ? undefined : previous.data} />
            <Distribution period={period} />
            <FaultCosts period={period} />
          </Stack>
        );
      }}
    </Show>
  );
}

export const detailQuery = (id: string) => ({
  queryKey: ['evaluations', id],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<EvaluationDetail>(`/evaluations/${encodeURIComponent(id)}`, signal),
  placeholderData: keepPreviousData<EvaluationDetail>,
});
