import { Anchor, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Evaluation } from '../../api/schemas/evaluation.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatLocalDate } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { NewPeriod } from '../parts/new-period.tsx';
import { Show } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';
import { StateBadgeOfPeriod } from '../parts/state-of-period.tsx';

/** The evaluation periods, newest first, and for an administrator the form for the next one. */
export function Evaluations({ user }: { user: Session['user'] }) {
  const t = useT();
  const [, navigate] = useLocation();
  const periods = useQuery({
    queryKey: ['evaluations'],
    queryFn: ({ signal }) => get<Evaluation[]>('/evaluations', signal),
  });
  // A school's person goes straight to their own sheet.
  const addressOf = ({ id }: Evaluation) =>
    user.role === 'school' ? `/ky-danh-gia/${id}/truong/${user.schoolId}` : `/ky-danh-gia/${id}`;
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('periods')}
      </Title>
      <Show query={periods}>
        {(list) =>
          list.length === 0 ? (
            <Text>{t(user.role === 'admin' ? 'noPeriodsAdmin' : 'noPeriods')}</Text>
          ) : (
            <Paper withBorder p="md">
              <Rows
                label={t('periods')}
                columns={[
                  { name: t('periodName') },
                  { name: t('periodState') },
                  { name: t('periodWindow') },
                  { name: t('edition') },
                  { name: t('schools'), num: true },
                ]}
                rows={list.map((period) => ({
                  key: period.id,
                  cells: [
                    <Anchor key="name" component={Link} href={addressOf(period)} fw={600} fz="sm">
                      {period.name}
                    </Anchor>,
                    <StateBadgeOfPeriod key="state" state={period.state} />,
                    `${formatLocalDate(period.from)} – ${formatLocalDate(period.to)}`,
                    `${period.edition.id} (${formatLocalDate(period.edition.date)})`,
                    period.schools,
                  ],
                }))}
              />
            </Paper>
          )
        }
      </Show>
      {user.role === 'admin' && (
        <Paper withBorder p="md" className="adding">
          <Title order={2} size="h5" mb="xs">
            {t('newPeriod')}
          </Title>
          <NewPeriod done={({ id }) => navigate(`/ky-danh-gia/${id}`)} />
        </Paper>
      )}
    </Stack>
  );
}
