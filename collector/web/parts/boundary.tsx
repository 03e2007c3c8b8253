import { Alert, Anchor, Button, Group, Text, Title } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useT } from '../messages/messages.tsx';

/**
 * Catches what a page (or with `part` a part of one) throws while it is drawn: a sentence and a way back in place of a
 * blank page. Trying again loads the page anew: a script that did not arrive is asked for again by nothing less.
 */
export class Boundary extends Component<{ children: ReactNode; part?: boolean }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (this.state.error === null) return this.props.children;
    return <Failed message={this.state.error.message} part={this.props.part === true} />;
  }
}

function Failed({ message, part }: { message: string; part: boolean }) {
  const t = useT();
  return (
    <Alert color="red" variant="outline" c="dark" role="alert">
      <Title order={part ? 3 : 1} size="h4" mb={4}>
        {t('brokenTitle')}
      </Title>
      <Text mb={4}>{t('brokenText')}</Text>
      <Text size="xs" mb="sm" className="raw">
        {message}
      </Text>
      <Group gap="sm">
        <Button variant="default" onClick={() => location.reload()}>
          {t('retry')}
        </Button>
        <Anchor href="/" c="blue.9" underline="always">
          {t('brokenBack')}
        </Anchor>
      </Group>
    </Alert>
  );
}
