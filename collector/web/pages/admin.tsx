import { Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import type { Overview } from '../../api/schemas/overview.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { PasswordForm, SchoolForm, type UnitEntry, UnitForm } from '../parts/admin-forms.tsx';
import { AdminNav } from '../parts/admin-nav.tsx';
import { Show } from '../parts/query.tsx';
import { SchoolAdmin } from '../parts/school-admin.tsx';
import { UnitsTable } from '../parts/units-table.tsx';

/** Password, units, schools, and of one school everything that can be corrected. `?truong=` names that school. */
export function Admin({ user }: { user: Session['user'] }) {
  const t = useT();
  const [search, setSearch] = useSearchParams();
  const choose = (id: string) => setSearch(id === '' ? {} : { truong: id });
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
      {user.role === 'admin' && <AdminNav />}
      <Show query={units}>
        {(list) => (
          <>
            <SimpleGrid cols={{ base: 1, md: 3 }}>
              <Paper withBorder p="md">
                <Title order={2} size="h5">
                  {t('setPassword')}
                </Title>
                <PasswordForm username={user.username} />
              </Paper>
              <Paper withBorder p="md">
                <Title order={2} size="h5">
                  {t('newUnit')}
                </Title>
                <UnitForm units={list} />
              </Paper>
              <Paper withBorder p="md">
                <Title order={2} size="h5">
                  {t('newSchool')}
                </Title>
                <SchoolForm units={list} done={choose} />
              </Paper>
            </SimpleGrid>
            <Show query={overview}>
              {({ schools }) => (
                <>
                  <Paper withBorder p="md">
                    <Title order={2} size="h5">
                      {t('units')}
                    </Title>
                    <UnitsTable units={list} schools={schools} />
                  </Paper>
                  <SchoolAdmin schools={schools} units={list} schoolId={search.get('truong') ?? ''} choose={choose} />
                </>
              )}
            </Show>
          </>
        )}
      </Show>
    </Stack>
  );
}
