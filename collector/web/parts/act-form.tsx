import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

/** A small form with one act: its failure above, "saved" below. */
export function ActForm<T>({
  act,
  label,
  children,
  done,
  disabled = false,
}: {
  act(): Promise<T>;
  label: string;
  children: ReactNode;
  done?(answer: T): void;
  /** Something in the form cannot be saved; its field says what. */
  disabled?: boolean;
}) {
  const t = useT();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async (answer) => {
      await queries.invalidateQueries();
      done?.(answer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!disabled) mutation.mutate();
  };
  return (
    <Stack component="form" gap="xs" onSubmit={submit} onChange={() => mutation.isSuccess && mutation.reset()}>
      {mutation.error && <Alert color="red">{sayFailure(mutation.error, t('timeout'))}</Alert>}
      {children}
      <Group>
        <Button type="submit" loading={mutation.isPending} disabled={disabled}>
          {label}
        </Button>
        {mutation.isSuccess && (
          <Text size="sm" role="status">
            {t('saved')}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
