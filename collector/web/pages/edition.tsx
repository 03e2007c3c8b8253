import { Anchor, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { EditionDetail } from '../../api/schemas/edition.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatLocalDate } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { Readings } from '../parts/readings.tsx';

/** One edition: what it is, and how its unclear places are read on the live sheet and in periods still to be prepared. */
export function EditionPage({ editionKey, user }: { editionKey: string; user: Session['user'] }) {
  const t = useT();
  const path = `/editions/${encodeURIComponent(editionKey)}`;
  const detail = useQuery({
    queryKey: ['editions', editionKey],
    queryFn: ({ signal }) => get<EditionDetail>(path, signal),
  });
  return (
    <Show query={detail}>
      {({ edition, readings }) => (
        <Stack>
          <div>
            <Title order={1} size="h2">
              {edition.id}
            </Title>
            <Text>
              {edition.title} ({formatLocalDate(edition.date)}) – {edition.issuer}
            </Text>
            <Anchor component={Link} href="/bo-tieu-chi">
              {t('editions')}
            </Anchor>
            <Text size="sm">{t('readingsLiveHelp')}</Text>
          </div>
          <Readings readings={readings} path={`${path}/readings`} mayChoose={user.role === 'admin'} />
        </Stack>
      )}
    </Show>
  );
}
