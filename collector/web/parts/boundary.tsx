import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useT } from '../messages/messages.tsx';

/** Catches what a page throws while it is drawn: a sentence and a way back in place of a blank page. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (this.state.error === null) return this.props.children;
    return <Failed message={this.state.error.message} again={() => this.setState({ error: null })} />;
  }
}

function Failed({ message, again }: { message: string; again(): void }) {
  const t = useT();
  return (
    <Alert color="red" variant="outline" c="dark" title={t('brokenTitle')} m="md" role="alert">
      <Text mb={4}>{t('brokenText')}</Text>
      <Text size="xs" mb="sm" className="raw">
        {message}
      </Text>
      <Group gap="sm">
        <Button variant="default" onClick={again}>
          {t('retry')}
        </Button>
        <Anchor href="/" c="blue.9" underline="always">
          {t('brokenBack')}
        </Anchor>
      </Group>
    </Alert>
  );
}
