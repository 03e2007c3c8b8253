import { Alert, Anchor, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Installation } from '../../api/schemas/installation.ts';
import type { Role } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { Arrivals, Codes } from '../parts/install-arrivals.tsx';
import { InstallCard, type MadeCode } from '../parts/install-card.tsx';
import { Show } from '../parts/query.tsx';

const KINDS = ['site', 'endpoint'] as const;
const isLoopback = ({ hostname }: Location) => /^(localhost|127\.|\[::1\])/.test(hostname);

/** Everything that a person needs who installs agents at a school, and who has arrived. Codes are made by administrators. */
export function InstallationPage({ id, role }: { id: string; role: Role }) {
  const t = useT();
  const path = `/schools/${encodeURIComponent(id)}`;
  const [made, setMade] = useState<readonly (MadeCode & { kind: 'site' | 'endpoint' })[]>([]);
  const installation = useQuery({
    queryKey: ['installation', id],
    queryFn: ({ signal }) => get<Installation>(`${path}/installation`, signal),
  });
  return (
    <Show query={installation}>
      {(data) => (
        <Stack gap="md">
          <div>
            <Title order={1} size="h2">
              {t('installOf', { name: data.school.name })}
            </Title>
            <Group gap="md">
              <Anchor component={Link} href={`/truong/${id}`} size="sm">
                {t('school')}
              </Anchor>
              <Anchor component={Link} href={`/truong/${id}/thiet-bi`} size="sm">
                {t('inventory')}
              </Anchor>
            </Group>
            <Text size="sm">{t('installWhat')}</Text>
          </div>
          {isLoopback(location) && <Alert color="orange">{t('installLoopback', { origin: location.origin })}</Alert>}
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {KINDS.map((kind) => (
              <InstallCard
                key={kind}
                kind={kind}
                path={path}
                data={data}
                acts={role === 'admin'}
                made={made.findLast((one) => one.kind === kind)}
                onMade={(code) => setMade((before) => [...before, { ...code, kind }])}
              />
            ))}
          </SimpleGrid>
          <Arrivals data={data} made={made} />
          <Codes codes={data.codes} acts={role === 'admin'} />
        </Stack>
      )}
    </Show>
  );
}
