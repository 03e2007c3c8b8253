import { Anchor, Button, FileButton, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { formatNumber } from '../../../shared/vietnamese.ts';
import type { EvidenceFile } from '../../api/schemas/evaluation.ts';
import { upload } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

/** What the collector takes; it looks at the content, these names only help in choosing. */
const ACCEPT = '.pdf,.jpg,.jpeg,.png,.docx';

/** Files that support an item: who handed in what and when, and a button for one more. */
export function Evidence({
  path,
  schoolId,
  item,
  files,
  mayAdd,
}: {
  /** Of the sheet in its period. */
  path: string;
  schoolId: string;
  item: string;
  files: readonly EvidenceFile[];
  mayAdd: boolean;
}) {
  const t = useT();
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (file: File) =>
      upload<EvidenceFile>(
        `${path}/evidence?item=${encodeURIComponent(item)}&name=${encodeURIComponent(file.name.slice(-255))}`,
        file,
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['school', schoolId] }),
  });
  if (files.length === 0 && !mayAdd) return null;
  return (
    <div className="sheet-more">
      {files.map((file) => (
        <Text size="sm" key={file.id}>
          <Anchor href={`/api/v1${path}/evidence/${file.id}`} download fz="sm">
            {file.name}
          </Anchor>{' '}
          {t('evidenceFile', { size: formatNumber(file.bytes / 1024, 0), by: file.by, time: formatWhen(file.at) })}
        </Text>
      ))}
      {mayAdd && (
        <Group gap="xs">
          <FileButton
            accept={ACCEPT}
            onChange={(file) => file && add.mutate(file)}
            inputProps={{ 'aria-label': t('evidenceAdd', { item }) }}
          >
            {(props) => (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={t('evidenceAdd', { item })}
                loading={add.isPending}
                {...props}
              >
                {t('evidenceAddShort')}
              </Button>
            )}
          </FileButton>
          {add.error && (
            <Text size="sm" c="red.9" role="alert">
              {sayFailure(add.error, t('timeout'))}
            </Text>
          )}
        </Group>
      )}
    </div>
  );
}
