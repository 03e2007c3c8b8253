import { Alert, Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { ManualFinding } from '../../api/schemas/finding.ts';
import type { SheetAnswer, SheetItem } from '../../api/schemas/scoresheet.ts';
import type { Role } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { PrintedSheet, sayProvisional, sourceKey } from '../parts/sheet-print.tsx';
import { ReadingNote, SheetRule } from '../parts/sheet-rule.tsx';

/** Formats of `collector/exports`, the one that computes first. */
const EXPORTS = ['xlsx', 'docx', 'html', 'csv'] as const;

/** The sheet of 100 points as the decision prints it; every rule says what decided it, and takes an entry by hand. */
export function Sheet({ id, role }: { id: string; role: Role }) {
  const path = `/schools/${encodeURIComponent(id)}`;
  const sheet = useQuery({
    queryKey: ['school', id, 'sheet'],
    queryFn: ({ signal }) => get<SheetAnswer>(`${path}/scoresheet`, signal),
    placeholderData: keepPreviousData,
  });
  const entries = useQuery({
    queryKey: ['school', id, 'entries'],
    queryFn: ({ signal }) => get<ManualFinding[]>(`${path}/findings`, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Show query={sheet}>
      {(data) => (
        <>
          <OnScreen sheet={data} entries={entries.data ?? []} mayEnter={role !== 'viewer'} />
          <PrintedSheet sheet={data} />
        </>
      )}
    </Show>
  );
}

interface Shown {
  sheet: SheetAnswer;
  entries: readonly ManualFinding[];
  mayEnter: boolean;
}

function OnScreen({ sheet, entries, mayEnter }: Shown) {
  const t = useT();
  const { school, rubric } = sheet;
  const history = Map.groupBy(entries, (entry) => entry.rule);
  return (
    <Stack gap="md" className="no-print">
      <Group justify="space-between" align="start">
        <div>
          <Title order={1} size="h2">
            {t('sheetTitle')}
          </Title>
          <Anchor component={Link} href={`/truong/${school.id}`}>
            {school.name}
          </Anchor>
          <Text size="sm">
            {school.unit} · {school.code} · {school.levels.map((level) => t(level)).join(', ')}
          </Text>
          <Text size="sm">
            {rubric.id} ({formatDate(rubric.date)}) – {rubric.issuer}
          </Text>
        </div>
        <div className="sheet-head">
          <Text size="xl" fw={700}>
            {sheet.provisional ? t('notGraded') : sheet.gradeLabel} · {formatPoints(sheet.total)}/
            {formatPoints(sheet.max)}
          </Text>
          {sheet.provisional && <Text size="sm">{sayProvisional(sheet, t)}</Text>}
          <Group gap="xs">
            <Text size="sm">{t('exportAs')}</Text>
            {EXPORTS.map((format) => (
              <Anchor
                key={format}
                href={`/api/v1/schools/${encodeURIComponent(school.id)}/scoresheet/exports/${format}`}
                download
              >
                {format.toUpperCase()}
              </Anchor>
            ))}
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
              : t(sheet.provisional ? 'sheetReachedProvisional' : 'sheetReached', { grade: gap.label })}
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
            <div className="num">
              <Text fw={700}>
                {formatPoints(standard.points)}/{formatPoints(standard.max)}
              </Text>
              {standard.mandatory && !standard.aboveMinimum && <Text size="sm">{t('belowMinimum')}</Text>}
              {standard.least < standard.points && (
                <Text size="sm">{t('certain', { least: formatPoints(standard.least) })}</Text>
              )}
            </div>
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
                <Item key={item.id} item={item} history={history} schoolId={school.id} mayEnter={mayEnter} />
              ))}
            </div>
          ))}
        </Paper>
      ))}
    </Stack>
  );
}

function Item({
  item,
  history,
  schoolId,
  mayEnter,
}: {
  item: SheetItem;
  history: ReadonlyMap<string, ManualFinding[]>;
  schoolId: string;
  mayEnter: boolean;
}) {
  const t = useT();
  return (
    <div className="sheet-item">
      <Group justify="space-between" wrap="nowrap" align="start" gap="md">
        <div>
          <Group gap={8}>
            <Text fw={600}>{item.id}</Text>
            <Badge size="sm" variant="outline" color="gray.8" radius="sm" className="whole-badge">
              {t(sourceKey(item))}
            </Badge>
            {item.needsAssessor && <Text size="xs">{t('needsAssessor')}</Text>}
          </Group>
          {item.text.map((line) => (
            <Text size="sm" key={line}>
              {line}
            </Text>
          ))}
          <Text size="xs">{t('assessedBy', { unit: item.unit })}</Text>
          <ReadingNote reading={item.reading} />
        </div>
        <Text fw={700} className="num">
          {formatPoints(item.points)}/{formatPoints(item.max)}
        </Text>
      </Group>
      {item.rules.map((rule) => (
        <SheetRule
          key={rule.id}
          rule={rule}
          max={item.max}
          history={history.get(rule.id) ?? []}
          schoolId={schoolId}
          mayEnter={mayEnter}
        />
      ))}
    </div>
  );
}
