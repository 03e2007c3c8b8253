import { Alert, Button, Group, Loader, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api.ts';
import { useT } from '../messages/messages.tsx';

/** A query's answer, or the sentence for loading or failed with the next step. Old data stays while it is fetched anew. */
export function Show<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const t = useT();
  if (query.data !== undefined) return children(query.data);
  if (query.isPending)
    return (
      <Group p="lg" role="status">
        <Loader size="sm" />
        <Text>{t('loading')}</Text>
      </Group>
    );
  return (
    <Alert color="red" title={t('failedTitle')} m="md">
      <Text mb="sm">{sayFailure(query.error, t('timeout'))}</Text>
      <Button variant="light" color="red" onClick={() => void query.refetch()}>
        {t('retry')}
      </Button>
    </Alert>
  );
}

export function sayFailure(error: unknown, whenSilent: string): string {
  if (error instanceof ApiFailure && error.code !== 'no-answer') return error.message;
  return whenSilent;
}
