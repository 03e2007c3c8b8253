import { Alert, Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { SheetAnswer, SheetItem, SheetRule } from '../../api/schemas/scoresheet.ts';
import type { Role } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { type Key, useT } from '../messages/messages.tsx';
import { EntryForm } from '../parts/entry-form.tsx';
import { Show } from '../parts/query.tsx';

/** The sheet of 100 points as the decision prints it; every rule says what decided it, and takes an entry by hand. */
export function Sheet({ id, role }: { id: string; role: Role }) {
  const sheet = useQuery({
    queryKey: ['school', id, 'sheet'],
    queryFn: ({ signal }) => get<SheetAnswer>(`/schools/${encodeURIComponent(id)}/scoresheet`, signal),
    placeholderData: keepPreviousData,
  });
  return <Show query={sheet}>{(data) => <Printed sheet={data} mayEnter={role !== 'viewer'} />}</Show>;
}

function Printed({ sheet, mayEnter }: { sheet: SheetAnswer; mayEnter: boolean }) {
  const t = useT();
  const schoolId = sheet.school.id;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="start">
        <div>
          <Title order={1} size="h2">
            {t('sheetTitle')}
          </Title>
          <Anchor component={Link} href={`/truong/${schoolId}`}>
            {sheet.school.name}
          </Anchor>
          <Text size="sm">
            {sheet.rubric.id} ({formatDate(sheet.rubric.date)}) – {sheet.rubric.issuer}
          </Text>
        </div>
        <div className="num">
          <Text size="xl" fw={700}>
            {t('sheetTotal')}: {formatPoints(sheet.total)}/{formatPoints(sheet.max)} · {sheet.gradeLabel}
          </Text>
          <Group gap="xs" justify="end" className="no-print">
            <Anchor href={`/api/v1/schools/${encodeURIComponent(schoolId)}/scoresheet/exports/csv`} download>
              {t('exportCsv')}
            </Anchor>
            <Button size="compact-sm" variant="default" onClick={() => print()}>
              {t('print')}
            </Button>
          </Group>
        </div>
      </Group>
      {sheet.unassessed > 0 && (
        <Alert color="gray" variant="outline" c="dark">
          {t('sheetUnassessed', { n: sheet.unassessed })}
        </Alert>
      )}
      <Paper withBorder p="sm">
        {sheet.gaps.map((gap) => (
          <Text size="sm" key={gap.grade}>
            {gap.points > 0
              ? t('sheetGap', { points: formatPoints(gap.points), grade: gap.label })
              : t('sheetReached', { grade: gap.label })}
            {gap.standards.map(
              (entry) => ` · ${t('sheetGapStandard', { id: entry.id, points: formatPoints(entry.points) })}`,
            )}
          </Text>
        ))}
      </Paper>
      {sheet.standards.map((standard) => (
        <Paper withBorder p="md" key={standard.id}>
          <Group justify="space-between" wrap="nowrap" align="start">
            <Title order={2} size="h4">
              {standard.title}
            </Title>
            <Text fw={700} className="num">
              {formatPoints(standard.points)}/{formatPoints(standard.max)}
              {standard.mandatory && !standard.aboveMinimum ? ` (${t('belowMinimum')})` : ''}
            </Text>
          </Group>
          {standard.criteria.map((criterion) => (
            <div key={criterion.id}>
              {criterion.title && (
                <Group justify="space-between" wrap="nowrap" align="start" mt="md">
                  <Title order={3} size="h5">
                    {criterion.title}
                  </Title>
                  <Text fw={600} className="num">
                    {formatPoints(criterion.points)}/{formatPoints(criterion.max)}
                  </Text>
                </Group>
              )}
              {criterion.items.map((item) => (
                <Item key={item.id} item={item} schoolId={schoolId} mayEnter={mayEnter} />
              ))}
            </div>
          ))}
        </Paper>
      ))}
    </Stack>
  );
}

function Item({ item, schoolId, mayEnter }: { item: SheetItem; schoolId: string; mayEnter: boolean }) {
  const t = useT();
  return (
    <div className="sheet-item">
      <Group justify="space-between" wrap="nowrap" align="start" gap="md">
        <div>
          <Group gap={8}>
            <Text fw={600}>{item.id}</Text>
            <Badge size="sm" variant="outline" color="gray.8" radius="sm">
              {t(`source_${item.source}` as Key)}
            </Badge>
            {item.needsAssessor && <Text size="xs">{t('needsAssessor')}</Text>}
          </Group>
          {item.text.map((line) => (
            <Text size="sm" key={line}>
              {line}
            </Text>
          ))}
          <Text size="xs">{t('assessedBy', { unit: item.unit })}</Text>
        </div>
        <Text fw={700} className="num">
          {formatPoints(item.points)}/{formatPoints(item.max)}
        </Text>
      </Group>
      {item.rules.map((rule) => (
        <Rule key={rule.id} rule={rule} max={item.max} schoolId={schoolId} mayEnter={mayEnter} />
      ))}
    </div>
  );
}

function Rule({
  rule,
  max,
  schoolId,
  mayEnter,
}: {
  rule: SheetRule;
  max: number;
  schoolId: string;
  mayEnter: boolean;
}) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const effect = rule.effect === 0 ? '' : `${rule.effect > 0 ? '+' : '−'}${formatPoints(Math.abs(rule.effect))}`;
  return (
    <div className="sheet-rule">
      <Group justify="space-between" wrap="nowrap" align="start" gap="md">
        <div>
          <Text size="sm">
            <b>{rule.id}</b> {rule.label ? `${rule.label}. ` : ''}
            {rule.text}
          </Text>
          {!rule.applies && <Text size="xs">{t('notApplies')}</Text>}
          {rule.why && <Text size="sm">{rule.why}</Text>}
          {rule.measured && rule.measured.state !== 'manual' && <Text size="sm">⌁ {rule.measured.verdict}</Text>}
          {rule.manual && (
            <Text size="sm">
              ✎ {t('entered', { by: rule.manual.by, date: formatDate(rule.manual.at), reason: rule.manual.reason })}
              {rule.measured && rule.measured.state !== 'manual' ? ` (${t('overrides')})` : ''}
            </Text>
          )}
          {rule.applies && rule.decidedBy === null && <Text size="xs">{t('undecided')}</Text>}
        </div>
        <Group gap={6} wrap="nowrap" align="start">
          <Text size="sm" fw={700} className="num">
            {effect}
          </Text>
          {mayEnter && rule.applies && !open && (
            <Button
              className="no-print"
              size="compact-sm"
              variant="light"
              aria-label={`${t('enter')} ${rule.id}`}
              onClick={() => setOpen(true)}
            >
              {t('enter')}
            </Button>
          )}
        </Group>
      </Group>
      {open && <EntryForm rule={rule} max={max} schoolId={schoolId} close={() => setOpen(false)} />}
    </div>
  );
}
