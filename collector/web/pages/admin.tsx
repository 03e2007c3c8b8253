import { Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Overview } from '../../api/schemas/overview.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { NewSchoolForm, NewUnitForm, PasswordForm, type UnitEntry } from '../parts/admin-forms.tsx';
import { Show } from '../parts/query.tsx';
import { SchoolAdmin } from '../parts/school-admin.tsx';

/** Password, units, schools, and of one school: installation code, rooms, devices, agents. */
export function Admin({ user }: { user: Session['user'] }) {
  const t = useT();
  const [schoolId, setSchoolId] = useState('');
  const units = useQuery({ queryKey: ['units'], queryFn: ({ signal }) => get<UnitEntry[]>('/units', signal) });
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<Overview>('/overview', signal),
  });
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('admin')}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        <Paper withBorder p="md">
          <Title order={2} size="h5">
            {t('setPassword')}
          </Title>
          <PasswordForm username={user.username} />
        </Paper>
        <Show query={units}>
          {(list) => (
            <>
              <Paper withBorder p="md">
                <Title order={2} size="h5">
                  {t('units')}
                </Title>
                <NewUnitForm units={list} />
              </Paper>
              <Paper withBorder p="md">
                <Title order={2} size="h5">
                  {t('schools')}
                </Title>
                <NewSchoolForm units={list} onMade={setSchoolId} />
              </Paper>
            </>
          )}
        </Show>
      </SimpleGrid>
      <Show query={overview}>
        {({ schools }) => <SchoolAdmin schools={schools} schoolId={schoolId} choose={setSchoolId} />}
      </Show>
    </Stack>
  );
}
