import { Alert, Anchor, Button, FileButton, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Evaluation } from '../../api/schemas/evaluation.ts';
import type { ImportAnswer, ImportKind } from '../../api/schemas/imports.ts';
import type { Overview } from '../../api/schemas/overview.ts';
import type { Session } from '../../api/schemas/session.ts';
import { get, upload } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { AdminNav } from '../parts/admin-nav.tsx';
import { sayFailure } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';

const KINDS: readonly ImportKind[] = ['schools', 'people', 'entries', 'devices'];

/** Many rows at once from a spreadsheet: the template, a preview with errors by row, and the import. `?ky=` names a period, `?truong=` a school. */
export function Imports({ kind, user }: { kind: string; user: Session['user'] }) {
  const t = useT();
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const allowed = user.role === 'admin' ? KINDS : (['entries'] as const);
  const chosen = allowed.find((candidate) => candidate === kind) ?? allowed[0]!;
  const period = search.get('ky') ?? '';
  const periods = useQuery({
    queryKey: ['evaluations'],
    queryFn: ({ signal }) => get<Evaluation[]>('/evaluations', signal),
  });
  const open = (periods.data ?? []).filter((entry) => entry.state === 'open' || entry.state === 'review');
  const periodId = period || (open[0]?.id ?? '');
  const schoolId = search.get('truong') ?? '';
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<Overview>('/overview', signal),
    enabled: chosen === 'devices',
  });
  const schools = (overview.data?.schools ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const query =
    chosen === 'entries'
      ? `evaluation=${encodeURIComponent(periodId)}`
      : chosen === 'devices'
        ? `school=${encodeURIComponent(schoolId)}`
        : '';
  const missing =
    chosen === 'entries' && open.length === 0
      ? t('importNoPeriod')
      : chosen === 'devices' && schoolId === ''
        ? t('importNoSchool')
        : null;
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('imports')}
      </Title>
      {user.role === 'admin' && <AdminNav />}
      <Paper withBorder p="md">
        <Stack gap="sm">
          <Group gap="sm" align="end">
            <NativeSelect
              label={t('importWhat')}
              value={chosen}
              onChange={(event) => navigate(`/nhap-tep/${event.currentTarget.value}`)}
              data={allowed.map((value) => ({ value, label: t(`import_${value}`) }))}
            />
            {chosen === 'entries' && (
              <NativeSelect
                label={t('periods')}
                value={periodId}
                onChange={(event) => setSearch({ ky: event.currentTarget.value })}
                data={open.map((entry) => ({ value: entry.id, label: entry.name }))}
              />
            )}
            {chosen === 'devices' && (
              <NativeSelect
                label={t('school')}
                value={schoolId}
                onChange={(event) => setSearch({ truong: event.currentTarget.value })}
                data={[{ value: '', label: '—' }, ...schools]}
              />
            )}
          </Group>
          {missing !== null ? (
            <Text size="sm">{missing}</Text>
          ) : (
            <>
              <Text size="sm">
                {t('importStep1')}{' '}
                <Anchor href={`/api/v1/imports/${chosen}/template${query && `?${query}`}`} download fz="sm">
                  {t('importTemplate')}
                </Anchor>
              </Text>
              <File key={`${chosen} ${query}`} kind={chosen} query={query} />
            </>
          )}
        </Stack>
      </Paper>
    </Stack>
  );
}

function File({ kind, query }: { kind: ImportKind; query: string }) {
  const t = useT();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: ({ chosen, apply }: { chosen: File; apply: boolean }) =>
      upload<ImportAnswer>(`/imports/${kind}?apply=${apply}${query && `&${query}`}`, chosen),
    onSuccess: async (answer) => {
      if (answer.applied) await queries.invalidateQueries();
    },
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    if (chosen) send.mutate({ chosen, apply: false });
  };
  const answer = send.data;
  const good = answer ? answer.created + answer.changed : 0;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Text size="sm">{t('importStep2')}</Text>
        <FileButton accept=".xlsx" onChange={choose} inputProps={{ 'aria-label': t('importChoose') }}>
          {(props) => (
            <Button variant="default" loading={send.isPending} {...props}>
              {t('importChoose')}
            </Button>
          )}
        </FileButton>
        {file && <Text size="sm">{file.name}</Text>}
      </Group>
      {send.error && <Alert color="red">{sayFailure(send.error, t('timeout'))}</Alert>}
      {answer && (
        <>
          <Text size="sm" fw={600} role="status">
            {t(answer.applied ? 'importDone' : 'importPreview', {
              rows: answer.rows,
              created: answer.created,
              changed: answer.changed,
              same: answer.same,
              errors: answer.errors.length + answer.moreErrors,
            })}
          </Text>
          {!answer.applied && good > 0 && file && (
            <Group>
              <Button loading={send.isPending} onClick={() => send.mutate({ chosen: file, apply: true })}>
                {t('importApply', { n: good })}
              </Button>
            </Group>
          )}
          {answer.errors.length > 0 && (
            <Rows
              label={t('importErrors')}
              columns={[
                { name: t('importRow'), num: true },
                { name: t('importColumn') },
                { name: t('importValue') },
                { name: t('importWhy') },
              ]}
              rows={answer.errors.map((error) => ({
                key: `${error.row} ${error.column} ${error.why}`,
                cells: [error.row === 0 ? t('importWholeFile') : error.row, error.column, error.value, error.why],
              }))}
            />
          )}
          {answer.moreErrors > 0 && <Text size="sm">{t('importMoreErrors', { n: answer.moreErrors })}</Text>}
        </>
      )}
    </Stack>
  );
}
