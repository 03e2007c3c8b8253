import { Alert, Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ReleaseEntry } from '../../api/schemas/releases.ts';
import { ApiFailure, post, upload } from '../api.ts';
import { type Translate, useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

/** Takes the folder of a release: its manifest first, then the files that the collector does not have. */
export function ReleaseUpload() {
  const t = useT();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const add = useMutation({
    mutationFn: (files: readonly File[]) => send(files, t),
    onSettled: () => queries.invalidateQueries({ queryKey: ['releases'] }),
  });
  return (
    <>
      <Text size="sm" mt="sm" mb="xs">
        {t('releaseAddHelp')}
      </Text>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={t('releaseChoose')}
        // Not in React's types for TypeScript; every browser that the page supports has it.
        {...{ webkitdirectory: '' }}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (files.length > 0) add.mutate(files);
        }}
      />
      <Button variant="default" loading={add.isPending} onClick={() => input.current?.click()}>
        {t('releaseChoose')}
      </Button>
      {add.error && (
        <Alert color="red" mt="xs">
          {sayFailure(add.error, t('timeout'))}
        </Alert>
      )}
      {add.data && (
        <Text size="sm" mt="xs" role="status">
          {t('releaseAdded', { version: add.data.version })}
        </Text>
      )}
    </>
  );
}

async function send(files: readonly File[], t: Translate): Promise<ReleaseEntry> {
  const manifest = files.find(({ name }) => name === 'manifest.jws');
  if (!manifest) throw new ApiFailure('no-manifest', t('releaseNoManifest'));
  const entry = await post<ReleaseEntry>('/releases', { manifest: await manifest.text() });
  for (const digest of entry.missing) {
    const file = files.find(({ name }) => name === digest);
    if (!file) throw new ApiFailure('no-file', t('releaseNoFile', { name: digest }));
    await upload(`/releases/files/${digest}`, file);
  }
  return entry;
}
