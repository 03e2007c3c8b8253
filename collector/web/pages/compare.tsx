import { Anchor, Group, Paper, Stack, Switch, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import type { EditionComparison, Row } from '../../../shared/rubric/compare.ts';
import { get } from '../api.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';

/** Two editions side by side: sums first, then every part that differs, in the order of the second. */
export function Compare({ a, b }: { a: string; b: string }) {
  const t = useT();
  const comparison = useQuery({
    queryKey: ['editions', a, b],
    queryFn: ({ signal }) =>
      get<EditionComparison>(`/editions/${encodeURIComponent(a)}/compare/${encodeURIComponent(b)}`, signal),
  });
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          {t('compareTitle')}
        </Title>
        <Anchor component={Link} href="/bo-tieu-chi">
          {t('editions')}
        </Anchor>
      </div>
      <Show query={comparison}>{(data) => <Differences comparison={data} />}</Show>
    </Stack>
  );
}

function Differences({ comparison }: { comparison: EditionComparison }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const { sums, header, rows, lists, counts } = comparison;
  const differ = (row: Row) => all || row.state !== 'same';
  const header2 = header.map(({ field, a, b }) => ({
    key: field,
    cells: [sayField(field, t), sayValue(a, t), sayValue(b, t)],
  }));
  return (
    <>
      {comparison.identical && <Text>{t('compareIdentical')}</Text>}
      <Paper withBorder p="md">
        <Title order={2} size="h5">
          {t('compareSums')}
        </Title>
        <Rows
          label={t('compareSums')}
          columns={[
            { name: t('comparePart') },
            { name: t('compareA'), num: true },
            { name: t('compareB'), num: true },
            { name: t('compareChange'), num: true },
          ]}
          rows={[
            { id: t('sheetTotal'), ...sums.total },
            { id: t('compareItems'), ...sums.items },
            { id: t('compareRules'), ...sums.rules },
            ...sums.units.map((unit) => ({ ...unit, id: t('compareUnit', { unit: unit.id }) })),
          ].map(({ id, a, b, change }) => ({
            key: id,
            cells: [id, formatPoints(a), formatPoints(b), change === 0 ? '=' : sayChange(change)],
          }))}
        />
        {header2.length > 0 && (
          <Rows
            label={t('compareHeader')}
            columns={[{ name: t('comparePart') }, { name: t('compareA') }, { name: t('compareB') }]}
            rows={header2}
          />
        )}
      </Paper>
      <Group>
        <Text size="sm">
          {t('compareCounts', {
            changed: counts.changed,
            added: counts.added,
            removed: counts.removed,
            same: counts.same,
          })}
        </Text>
        <Switch label={t('compareAll')} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
      </Group>
      <Paper withBorder p="md">
        <Title order={2} size="h5">
          {t('compareParts')}
        </Title>
        <Parts rows={rows.filter(differ)} label={t('compareParts')} />
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h5">
          {t('compareLists')}
        </Title>
        <Parts rows={lists.filter(differ)} label={t('compareLists')} />
      </Paper>
    </>
  );
}

function Parts({ rows, label }: { rows: readonly Row[]; label: string }) {
  const t = useT();
  if (rows.length === 0) return <Text size="sm">{t('compareIdentical')}</Text>;
  return (
    <Rows
      label={label}
      columns={[
        { name: t('comparePart') },
        { name: t('compareState') },
        { name: t('compareA') },
        { name: t('compareB') },
      ]}
      rows={rows.map((row) => ({
        key: `${row.kind} ${row.a?.id ?? ''} ${row.b?.id ?? ''}`,
        cells: [
          `${t(`part_${row.kind}`)} ${row.b?.id ?? row.a?.id ?? ''}`,
          `${SIGNS[row.state]} ${t(`diff_${row.state}`)}`,
          <Side key="a" row={row} side="a" />,
          <Side key="b" row={row} side="b" />,
        ],
      }))}
    />
  );
}

const SIGNS = { same: '=', changed: '≠', added: '+', removed: '−' } as const;

/** What one edition says where the two differ; of a part that only one has, its wording. */
function Side({ row, side }: { row: Row; side: 'a' | 'b' }) {
  const t = useT();
  const own = row[side];
  if (!own) return null;
  if (row.changes.length === 0) return <>{sayValue(own.fields.text ?? own.fields.title ?? own.fields.label, t)}</>;
  return row.changes.map((change) => (
    <div key={change.field}>
      <b>{sayField(change.field, t)}</b>: {sayValue(change[side], t)}
    </div>
  ));
}

function sayField(field: string, t: Translate): string {
  const key = keyOf('field_', field);
  return key ? t(key) : field;
}

function sayValue(value: unknown, t: Translate): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return formatPoints(value);
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join('\n');
  return JSON.stringify(value);
}

const sayChange = (change: number) => `${change > 0 ? '+' : '−'}${formatPoints(Math.abs(change))}`;
