import { Alert, Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { AuditCheck, AuditRow } from '../../api/schemas/audit.ts';
import type { Evaluation } from '../../api/schemas/evaluation.ts';
import type { Overview } from '../../api/schemas/overview.ts';
import type { PersonView } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatWhenExact } from '../format.ts';
import { keyOf, useT } from '../messages/messages.tsx';
import { AdminNav } from '../parts/admin-nav.tsx';
import { sayFailure } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';

/** Rows that the collector answers at once. */
const PAGE = 200;

/** Every change with who, when, from and to; and whether the chain of the log holds. `?muc=` names a subject's beginning. */
export function Audit() {
  const t = useT();
  const [search, setSearch] = useSearchParams();
  const subject = search.get('muc') ?? '';
  const [typed, setTyped] = useState(subject);
  const rows = useInfiniteQuery({
    queryKey: ['audit', subject],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({
        ...(pageParam === 0 ? {} : { before: String(pageParam) }),
        ...(subject === '' ? {} : { subject }),
      });
      return get<AuditRow[]>(`/audit?${query}`, signal);
    },
    getNextPageParam: (last: AuditRow[]) => (last.length < PAGE ? undefined : last.at(-1)!.seq),
  });
  const all = rows.data?.pages.flat() ?? [];
  const named = useNames();
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('audit')}
      </Title>
      <AdminNav />
      <ChainCheck />
      <Paper withBorder p="md">
        <Group
          component="form"
          gap="sm"
          align="end"
          onSubmit={(event) => {
            event.preventDefault();
            setSearch(typed.trim() === '' ? {} : { muc: typed.trim() });
          }}
        >
          <TextInput
            label={t('auditSubject')}
            description={t('auditSubjectHelp')}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            maxLength={256}
          />
          <Button type="submit" variant="default">
            {t('auditFilter')}
          </Button>
        </Group>
        {rows.error && <Alert color="red">{sayFailure(rows.error, t('timeout'))}</Alert>}
        {rows.isPending && <Text role="status">{t('loading')}</Text>}
        {rows.data && all.length === 0 && <Text size="sm">{t('auditNone')}</Text>}
        {all.length > 0 && (
          <Rows
            label={t('audit')}
            columns={[
              { name: t('auditSeq'), num: true },
              { name: t('auditWhen') },
              { name: t('auditWho') },
              { name: t('auditAction') },
              { name: t('auditOn') },
              { name: t('auditChange') },
            ]}
            rows={all.map((row) => ({
              key: String(row.seq),
              cells: [
                row.seq,
                formatWhenExact(row.at),
                row.by ?? t('auditSystem'),
                sayAction(row.action, t),
                <span key="subject" className="raw" title={row.subject}>
                  {named(row.subject)}
                </span>,
                <Change key="change" row={row} />,
              ],
            }))}
          />
        )}
        {rows.hasNextPage && (
          <Button variant="default" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            {t('auditMore')}
          </Button>
        )}
      </Paper>
    </Stack>
  );
}

function ChainCheck() {
  const t = useT();
  const check = useMutation({ mutationFn: () => get<AuditCheck>('/audit/check') });
  return (
    <Group gap="sm">
      <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
        {t('auditCheck')}
      </Button>
      {check.error && (
        <Text size="sm" c="red.9" role="alert">
          {sayFailure(check.error, t('timeout'))}
        </Text>
      )}
      {check.data && (
        <Text size="sm" role="status" className="raw">
          {check.data.broken
            ? t('auditBroken', { seq: check.data.broken.seq, why: check.data.broken.why })
            : t('auditHolds', { n: check.data.rows, head: check.data.head })}
        </Text>
      )}
    </Group>
  );
}

function sayAction(action: string, t: ReturnType<typeof useT>): string {
  const key = keyOf('act_', action);
  return key ? t(key) : action;
}

/** Only what differs, a field a line; of something new what it holds. */
function Change({ row }: { row: AuditRow }) {
  const t = useT();
  const { before, after } = row;
  if (!isObject(after))
    return <span className="raw">{before === null ? say(after) : `${say(before)} → ${say(after)}`}</span>;
  const old = isObject(before) ? before : {};
  const keys = Object.keys(after).filter((key) => key !== 'id' && say(old[key]) !== say(after[key]));
  return (
    <ul className="plain-list">
      {keys.map((key) => (
        <li key={key} className="raw">
          {key}: {key in old ? `${say(old[key])} → ` : ''}
          {say(after[key])}
        </li>
      ))}
      {keys.length === 0 && <li>{t('auditSame')}</li>}
    </ul>
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const say = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

/** `evaluation/<id>/school/<id>/III.2.2.a` with names in place of the ids that are known. */
function useNames(): (subject: string) => string {
  const periods = useQuery({
    queryKey: ['evaluations'],
    queryFn: ({ signal }) => get<Evaluation[]>('/evaluations', signal),
  });
  const overview = useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => get<Overview>('/overview', signal) });
  const people = useQuery({ queryKey: ['people'], queryFn: ({ signal }) => get<PersonView[]>('/people', signal) });
  const names = new Map(
    [...(periods.data ?? []), ...(overview.data?.schools ?? []), ...(people.data ?? [])].map(({ id, name }) => [
      id,
      name,
    ]),
  );
  return (subject) =>
    subject
      .split('/')
      .map((part) => names.get(part) ?? part)
      .join(' / ');
}
