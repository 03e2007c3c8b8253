import { Anchor, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { EditionDetail, EditionEntry } from '../../api/schemas/edition.ts';
import type { Overview } from '../../api/schemas/overview.ts';
import type { PersonView, Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { AdminNav } from '../parts/admin-nav.tsx';
import { DialogButton } from '../parts/ask.tsx';
import { PersonForm } from '../parts/person-form.tsx';
import { Show } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';

/** Who may sign in, with which rights, and the form for one more. */
export function People({ user }: { user: Session['user'] }) {
  const t = useT();
  const people = useQuery({ queryKey: ['people'], queryFn: ({ signal }) => get<PersonView[]>('/people', signal) });
  const overview = useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => get<Overview>('/overview', signal) });
  const units = useQuery({ queryKey: ['editions', 'units'], queryFn: ({ signal }) => unitsInForce(signal) });
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('people')}
      </Title>
      <AdminNav />
      <Show query={people}>
        {(list) => (
          <Show query={units}>
            {(known) => {
              const schools = overview.data?.schools ?? [];
              return (
                <>
                  <Paper withBorder p="md">
                    <Rows
                      label={t('people')}
                      columns={[
                        { name: t('personName') },
                        { name: t('username') },
                        { name: t('role') },
                        { name: t('roleWhere') },
                        { name: t('actions') },
                      ]}
                      rows={list.map((person) => ({
                        key: person.id,
                        quiet: !person.active,
                        cells: [
                          person.active ? person.name : `${person.name} (${t('personInactive')})`,
                          person.username,
                          t(`role_${person.role}`),
                          person.role === 'school'
                            ? (schools.find((school) => school.id === person.schoolId)?.name ?? '')
                            : person.units.join(', '),
                          <DialogButton key="edit" label={t('edit')} name={person.name} title={t('editPerson')}>
                            {(close) => (
                              <PersonForm
                                person={person}
                                units={known}
                                schools={schools}
                                isSelf={person.id === user.id}
                                done={close}
                              />
                            )}
                          </DialogButton>,
                        ],
                      }))}
                    />
                  </Paper>
                  <Paper withBorder p="md" className="adding">
                    <Title order={2} size="h5" mb="xs">
                      {t('newPerson')}
                    </Title>
                    <PersonForm units={known} schools={schools} isSelf={false} />
                    <Text size="sm" mt="sm">
                      <Anchor component={Link} href="/nhap-tep/people" fz="sm">
                        {t('importPeople')}
                      </Anchor>
                    </Text>
                  </Paper>
                </>
              );
            }}
          </Show>
        )}
      </Show>
    </Stack>
  );
}

/** The assessing units of the edition in force. */
async function unitsInForce(signal: AbortSignal): Promise<EditionDetail['edition']['units']> {
  const entries = await get<EditionEntry[]>('/editions', signal);
  const key = entries.find((entry) => entry.inForce)?.key;
  if (key === undefined) return [];
  return (await get<EditionDetail>(`/editions/${encodeURIComponent(key)}`, signal)).edition.units;
}
