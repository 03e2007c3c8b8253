import {
  Alert,
  Anchor,
  Button,
  FileButton,
  Group,
  NativeSelect,
  Paper,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import type { EditionEntry } from '../../api/schemas/edition.ts';
import { get, post, put } from '../api.ts';
import { formatLocalDate, formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from '../parts/act-form.tsx';
import { AdminNav } from '../parts/admin-nav.tsx';
import { DialogButton } from '../parts/ask.tsx';
import { Show, sayFailure } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';

/** The editions of the rubric that this collector knows: upload, compare, read, and put one in force. */
export function Editions() {
  const t = useT();
  const editions = useQuery({
    queryKey: ['editions'],
    queryFn: ({ signal }) => get<EditionEntry[]>('/editions', signal),
  });
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('editions')}
      </Title>
      <AdminNav />
      <Show query={editions}>
        {(list) => (
          <>
            <Paper withBorder p="md">
              <Rows
                label={t('editions')}
                columns={[
                  { name: t('edition') },
                  { name: t('editionTitle') },
                  { name: t('editionSize'), num: true },
                  { name: t('editionSource') },
                  { name: t('editionUsed') },
                  { name: t('actions') },
                ]}
                rows={list.map((entry) => ({
                  key: entry.key,
                  cells: [
                    <Anchor key="id" component={Link} href={`/bo-tieu-chi/${entry.key}`} fw={600} fz="sm">
                      {entry.id} ({formatLocalDate(entry.date)})
                    </Anchor>,
                    `${entry.title} – ${entry.issuer}`,
                    t('editionCounts', { max: formatPoints(entry.max), items: entry.items, rules: entry.rules }),
                    entry.source === 'shipped'
                      ? t('editionShipped')
                      : t('editionUploaded', { by: entry.uploadedBy ?? '', time: formatWhen(entry.uploadedAt ?? '') }),
                    <Uses key="uses" entry={entry} />,
                    entry.inForce ? (
                      <b key="force">{t('editionInForce')}</b>
                    ) : (
                      <DialogButton key="force" label={t('editionPut')} name={entry.id} title={t('editionPutTitle')}>
                        {(close) => <PutInForce entry={entry} close={close} />}
                      </DialogButton>
                    ),
                  ],
                }))}
              />
            </Paper>
            {list.length > 1 && <Compare editions={list} />}
            <Upload />
          </>
        )}
      </Show>
    </Stack>
  );
}

function Uses({ entry }: { entry: EditionEntry }) {
  return entry.evaluations.map((period) => (
    <div key={period.id}>
      <Anchor component={Link} href={`/ky-danh-gia/${period.id}`} fz="sm">
        {period.name}
      </Anchor>
    </div>
  ));
}

function PutInForce({ entry, close }: { entry: EditionEntry; close(): void }) {
  const t = useT();
  const [reason, setReason] = useState('');
  return (
    <ActForm
      act={() => put('/editions/in-force', { key: entry.key, reason: reason.trim() })}
      label={t('editionPut')}
      disabled={reason.trim().length < 3}
      done={close}
    >
      <Text size="sm">{t('editionPutAsk', { id: entry.id })}</Text>
      <TextInput
        label={t('reason')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={1000}
        required
      />
    </ActForm>
  );
}

function Compare({ editions }: { editions: readonly EditionEntry[] }) {
  const t = useT();
  const [, navigate] = useLocation();
  const [a, setA] = useState(editions[1]!.key);
  const [b, setB] = useState(editions[0]!.key);
  const data = editions.map((entry) => ({ value: entry.key, label: `${entry.id} (${formatLocalDate(entry.date)})` }));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        {t('compareTitle')}
      </Title>
      <Group gap="sm" align="end">
        <NativeSelect
          label={t('compareA')}
          value={a}
          onChange={(event) => setA(event.currentTarget.value)}
          data={data}
        />
        <NativeSelect
          label={t('compareB')}
          value={b}
          onChange={(event) => setB(event.currentTarget.value)}
          data={data}
        />
        <Button disabled={a === b} onClick={() => navigate(`/bo-tieu-chi/${a}/so-voi/${b}`)}>
          {t('compareNow')}
        </Button>
      </Group>
    </Paper>
  );
}

function Upload() {
  const t = useT();
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: async (file: File) => post<EditionEntry>('/editions', { text: await file.text() }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['editions'] }),
  });
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        {t('editionAdd')}
      </Title>
      <Text size="sm" mb="xs">
        {t('editionAddHelp')}
      </Text>
      <FileButton
        accept=".json"
        onChange={(file) => file && add.mutate(file)}
        inputProps={{ 'aria-label': t('editionChoose') }}
      >
        {(props) => (
          <Button variant="default" loading={add.isPending} {...props}>
            {t('editionChoose')}
          </Button>
        )}
      </FileButton>
      {add.error && (
        <Alert color="red" mt="xs" className="remark-text">
          {sayFailure(add.error, t('timeout'))}
        </Alert>
      )}
      {add.data && (
        <Text size="sm" role="status">
          {t('editionAdded', { id: add.data.id, items: add.data.items, rules: add.data.rules })}
        </Text>
      )}
    </Paper>
  );
}
