import { Alert, Button, Group, Modal, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

/** A button whose act is asked about first: what it does to whom, in a sentence. */
export function AskButton({
  label,
  name,
  title,
  text,
  act,
}: {
  label: string;
  /** What it acts on, for readers that hear the button alone. */
  name: string;
  title: string;
  text: string;
  act(): Promise<unknown>;
}) {
  const t = useT();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async () => {
      await queries.invalidateQueries();
    },
  });
  return (
    <DialogButton label={label} name={name} title={title} onOpen={mutation.reset}>
      {(close) => (
        <>
          {mutation.error && (
            <Alert color="red" mb="sm">
              {sayFailure(mutation.error, t('timeout'))}
            </Alert>
          )}
          <Text>{text}</Text>
          <Group mt="md" gap="sm">
            <Button
              color="red.9"
              loading={mutation.isPending}
              onClick={() => mutation.mutate(undefined, { onSuccess: close })}
            >
              {label}
            </Button>
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
          </Group>
        </>
      )}
    </DialogButton>
  );
}

/** A button that acts at once, for what another click undoes. Its failure stands beside it. */
export function ActButton({ label, name, act }: { label: string; name: string; act(): Promise<unknown> }) {
  const t = useT();
  const queries = useQueryClient();
  const mutation = useMutation({ mutationFn: act, onSuccess: () => queries.invalidateQueries() });
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${label}: ${name}`}
        loading={mutation.isPending}
        onClick={() => mutation.mutate()}
      >
        {label}
      </Button>
      {mutation.error && (
        <Text size="sm" c="red.9" role="alert">
          {sayFailure(mutation.error, t('timeout'))}
        </Text>
      )}
    </>
  );
}

/** A button that opens a dialogue; its contents are made anew each time. */
export function DialogButton({
  label,
  name,
  title,
  onOpen,
  onClose,
  children,
}: {
  label: string;
  name: string;
  title: string;
  onOpen?(): void;
  onClose?(): void;
  children(close: () => void): ReactNode;
}) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
    onClose?.();
  };
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${label}: ${name}`}
        onClick={() => {
          onOpen?.();
          setOpened(true);
        }}
      >
        {label}
      </Button>
      {/* Put together by hand: Mantine's own head is a `header`, which would be a second banner of the page. */}
      <Modal.Root opened={opened} onClose={close} centered>
        <Modal.Overlay />
        <Modal.Content>
          <Modal.Body pt="md">
            <Group justify="space-between" wrap="nowrap" mb="sm">
              <Modal.Title fw={700}>{title}</Modal.Title>
              <Modal.CloseButton aria-label={t('close')} />
            </Group>
            {children(close)}
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}
