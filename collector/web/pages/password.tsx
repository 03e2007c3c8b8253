import { Paper, Stack, Text, Title } from '@mantine/core';
import type { Session } from '../../api/schemas/session.ts';
import { useT } from '../messages/messages.tsx';
import { PasswordForm } from '../parts/admin-forms.tsx';

/** The reader's own account: who they are here, and a new password. */
export function Password({ user }: { user: Session['user'] }) {
  const t = useT();
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('account')}
      </Title>
      <Paper withBorder p="md" className="adding">
        <Text size="sm" mb="xs">
          {user.name} · {t(`role_${user.role}`)} {user.units.join(', ')}
        </Text>
        <PasswordForm username={user.username} />
      </Paper>
    </Stack>
  );
}
