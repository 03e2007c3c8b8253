import { Anchor, Badge, Button, Group, NativeSelect, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import { ranked } from '../../../shared/rubric/ranking.ts';
import { plain } from '../../../shared/vietnamese.ts';
import type { EvaluatedSchool, EvaluationDetail } from '../../api/schemas/evaluation.ts';
import { gradeOf, gradesOf, NO_GRADE } from '../grades.ts';
import { type Translate, useT } from '../messages/messages.tsx';
import { Rows } from './rows.tsx';

/** Rows drawn at first, and more at each click. */
const PAGE = 200;
const LEVELS = ['preschool', 'primary', 'secondary'] as const;

/** Every school of the period in order of its points; what it lacks for each grade; what changed since another period. */
export function Results({ period, previous }: { period: EvaluationDetail; previous: EvaluationDetail | undefined }) {
  const t = useT();
  const [search, setSearch] = useState('');
  const [level, setLevel] = useState('');
  const [unit, setUnit] = useState('');
  const [grade, setGrade] = useState('');
  const [most, setMost] = useState(PAGE);
  const [by, setBy] = useState<'standard' | 'unit'>('standard');
  const columns = pointColumns(period, by, t);
  const before = new Map(previous?.rows.map((row) => [row.id, row]));
  const rows = ranked(period.rows)
    .filter(({ row }) => plain(`${row.name} ${row.code}`).includes(plain(search)))
    .filter(({ row }) => level === '' || (row.levels as string[]).includes(level))
    .filter(({ row }) => unit === '' || row.unit === unit)
    .filter(({ row }) => grade === '' || gradeOf(row) === grade);
  const units = [...new Set(period.rows.map((row) => row.unit))].sort((a, b) => a.localeCompare(b, 'vi'));
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('resultsTitle')}
        </Title>
        <Group gap="sm" align="end">
          <TextInput
            label={t('search')}
            placeholder={t('searchHint')}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('level')}
            value={level}
            onChange={(event) => setLevel(event.currentTarget.value)}
            data={[{ value: '', label: t('anyLevel') }, ...LEVELS.map((value) => ({ value, label: t(value) }))]}
          />
          <NativeSelect
            label={t('unit')}
            value={unit}
            onChange={(event) => setUnit(event.currentTarget.value)}
            data={[{ value: '', label: t('anyUnit') }, ...units]}
          />
          <NativeSelect
            label={t('gradeFilter')}
            value={grade}
            onChange={(event) => setGrade(event.currentTarget.value)}
            data={[
              { value: '', label: t('anyGrade') },
              ...gradesOf(period).map(({ id, label }) => ({ value: id, label })),
              { value: NO_GRADE, label: t('notGraded') },
            ]}
          />
          <NativeSelect
            label={t('pointsBy')}
            value={by}
            onChange={(event) => setBy(event.currentTarget.value as 'standard' | 'unit')}
            data={[
              { value: 'standard', label: t('pointsByStandard') },
              { value: 'unit', label: t('pointsByUnit') },
            ]}
          />
          <Text size="sm">{t('schoolsShown', { n: rows.length })}</Text>
        </Group>
        {rows.length === 0 ? (
          <Text size="sm">{t('noMatch')}</Text>
        ) : (
          <Rows
            label={t('resultsTitle')}
            columns={[
              { name: t('rank'), num: true },
              { name: t('school') },
              ...columns.map(({ name }) => ({ name, num: true })),
              { name: t('sheetTotal'), num: true },
              { name: t('gradeFilter') },
              { name: t('gapShort') },
              ...(previous ? [{ name: t('changeSince'), num: true }] : []),
              { name: t('progressShort'), num: true },
            ]}
            rows={rows.slice(0, most).map(({ row, rank }) => ({
              key: row.id,
              cells: [
                rank ?? '–',
                <SchoolCell key="school" row={row} periodId={period.id} />,
                ...columns.map(({ pointsOf }) => formatPoints(pointsOf(row))),
                <TotalCell key="total" row={row} />,
                row.provisional ? t('notGraded') : row.gradeLabel,
                <GapCell key="gap" row={row} />,
                ...(previous ? [<ChangeCell key="change" row={row} before={before.get(row.id)} />] : []),
                progressOf(row),
              ],
            }))}
          />
        )}
        {rows.length > most && (
          <Button variant="default" onClick={() => setMost(most + PAGE)}>
            {t('showMore', { n: Math.min(PAGE, rows.length - most), all: rows.length })}
          </Button>
        )}
      </Stack>
    </Paper>
  );
}

/** Columns of points: a standard each, or an assessing unit each. */
function pointColumns(period: EvaluationDetail, by: 'standard' | 'unit', t: Translate) {
  const first = period.rows[0];
  if (!first) return [];
  if (by === 'standard')
    return first.standards.map(({ id, max }) => ({
      name: t('standardShort', { id, max: formatPoints(max) }),
      pointsOf: (row: EvaluatedSchool) => row.standards.find((own) => own.id === id)?.points ?? 0,
    }));
  return period.units.map(({ id }) => ({
    name: `${id} (/${formatPoints(first.progress[id]?.max ?? 0)})`,
    pointsOf: (row: EvaluatedSchool) => row.progress[id]?.points ?? 0,
  }));
}

function SchoolCell({ row, periodId }: { row: EvaluatedSchool; periodId: string }) {
  const t = useT();
  return (
    <>
      <Anchor component={Link} href={`/ky-danh-gia/${periodId}/truong/${row.id}`} fw={600} fz="sm">
        {row.name}
      </Anchor>
      <Text size="xs">
        {row.unit} · {row.levels.map((level) => t(level)).join(', ')}
      </Text>
      {row.openContests > 0 && (
        <Badge size="sm" variant="outline" color="orange.9" radius="sm" className="whole-badge">
          {t('contestsOpen', { n: row.openContests })}
        </Badge>
      )}
    </>
  );
}

function TotalCell({ row }: { row: EvaluatedSchool }) {
  return row.provisional ? (
    <>
      {formatPoints(row.range.least)}–{formatPoints(row.range.most)}
    </>
  ) : (
    <b>{formatPoints(row.total)}</b>
  );
}

/** What separates the school from the grades that it has not reached. */
function GapCell({ row }: { row: EvaluatedSchool }) {
  const t = useT();
  const missing = row.gaps.filter((gap) => !gap.reached);
  return missing.map((gap) => (
    <div key={gap.grade}>
      {gap.label}:
      {gap.points > 0 &&
        ` ${row.provisional ? t('gapAtLeast', { points: formatPoints(gap.points) }) : formatPoints(gap.points)}`}
      {gap.needs
        .filter((need) => need.of !== null || need.without !== null)
        .map((need) => ` ${need.text}${need.points ? ` (${formatPoints(need.points)})` : ''}`)
        .join(',')}
      {gap.standards.map((entry) => ` ${t('standardLacks', { id: entry.id, points: formatPoints(entry.points) })}`)}
    </div>
  ));
}

function ChangeCell({ row, before }: { row: EvaluatedSchool; before: EvaluatedSchool | undefined }) {
  const t = useT();
  if (!before) return t('notInPrevious');
  if (row.provisional || before.provisional) return '–';
  const change = row.total - before.total;
  return `${formatPoints(before.total)} → ${change === 0 ? '=' : `${change > 0 ? '+' : '−'}${formatPoints(Math.abs(change))}`}`;
}

function progressOf(row: EvaluatedSchool): string {
  const units = Object.values(row.progress);
  return `${units.reduce((n, unit) => n + unit.decided, 0)}/${units.reduce((n, unit) => n + unit.items, 0)}`;
}
