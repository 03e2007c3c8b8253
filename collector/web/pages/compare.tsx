import { Anchor, Group, Paper, Stack, Switch, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import type { EditionComparison, Row } from '../../../shared/rubric/compare.ts';
import type { EditionEntry } from '../../api/schemas/edition.ts';
import { get } from '../api.ts';
import { formatLocalDate } from '../format.ts';
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
  const editions = useQuery({
    queryKey: ['editions'],
    queryFn: ({ signal }) => get<EditionEntry[]>('/editions', signal),
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
      <Show query={comparison}>
        {(data) => (
          <Show query={editions}>
            {(list) => <Differences comparison={data} names={{ a: nameOf(list, a), b: nameOf(list, b) }} />}
          </Show>
        )}
      </Show>
    </Stack>
  );
}

/** Headings of the two columns. */
interface Names {
  a: string;
  b: string;
}
function nameOf(editions: readonly EditionEntry[], key: string): string {
  const entry = editions.find((candidate) => candidate.key === key);
  return entry ? `${entry.id} (${formatLocalDate(entry.date)})` : key;
}

function Differences({ comparison, names }: { comparison: EditionComparison; names: Names }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const { sums, header, rows, lists, counts } = comparison;
  const differ = (row: Row) => all || row.state !== 'same';
  const headerRows = header.map(({ field, a, b }) => ({
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
            { name: names.a, num: true },
            { name: names.b, num: true },
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
        {headerRows.length > 0 && (
          <Rows
            label={t('compareHeader')}
            columns={[{ name: t('comparePart') }, { name: names.a }, { name: names.b }]}
            rows={headerRows}
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
        <Parts rows={rows.filter(differ)} label={t('compareParts')} names={names} />
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h5">
          {t('compareLists')}
        </Title>
        <Parts rows={lists.filter(differ)} label={t('compareLists')} names={names} />
      </Paper>
    </>
  );
}

function Parts({ rows, label, names }: { rows: readonly Row[]; label: string; names: Names }) {
  const t = useT();
  if (rows.length === 0) return <Text size="sm">{t('compareIdentical')}</Text>;
  return (
    <Rows
      label={label}
      columns={[{ name: t('comparePart') }, { name: t('compareState') }, { name: names.a }, { name: names.b }]}
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
  if (Array.isArray(value)) return value.map((entry) => sayValue(entry, t)).join('; ');
  return sayPart(value as Record<string, unknown>, t);
}

/** A step, an award, a choice or a need, in a few words. */
function sayPart(part: Record<string, unknown>, t: Translate): string {
  const { label, text, from, to, points, moreThanPercent } = part;
  const range =
    from === undefined ? '' : to === undefined ? `≥ ${sayValue(from, t)}` : `${sayValue(from, t)}–${sayValue(to, t)}`;
  const words = [label ?? text, range].filter((word) => typeof word === 'string' && word !== '').join(' ');
  const figure = points ?? moreThanPercent;
  if (words === '' && figure === undefined) return JSON.stringify(part);
  return figure === undefined ? words : `${words}: ${sayValue(figure, t)}`;
}

const sayChange = (change: number) => `${change > 0 ? '+' : '−'}${formatPoints(Math.abs(change))}`;
