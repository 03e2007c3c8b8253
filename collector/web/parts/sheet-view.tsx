import { Alert, Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { SheetItem as Item, SheetAnswer } from '../../api/schemas/scoresheet.ts';
import { useT } from '../messages/messages.tsx';
import { usePlace } from './place.tsx';
import { SheetItem } from './sheet-item.tsx';
import { sayProvisional } from './sheet-print.tsx';

/** Formats of `collector/exports`, the one that computes first. */
const EXPORTS = ['xlsx', 'docx', 'html', 'csv'] as const;

/** The sheet as the decision prints it. `shows`: which items; `more`: what stands under each; `head`: what stands above all. */
export function SheetView({
  sheet,
  title,
  head,
  shows = () => true,
  more,
}: {
  sheet: SheetAnswer;
  title: string;
  head?: ReactNode;
  shows?(item: Item): boolean;
  more?(item: Item): ReactNode;
}) {
  const standards = sheet.standards
    .map((standard) => ({
      ...standard,
      criteria: standard.criteria
        .map((criterion) => ({ ...criterion, items: criterion.items.filter(shows) }))
        .filter(({ items }) => items.length > 0),
    }))
    .filter(({ criteria }) => criteria.length > 0);
  return (
    <Stack gap="md" className="no-print">
      <SheetHead sheet={sheet} title={title} />
      <Gaps sheet={sheet} />
      {head}
      {standards.map((standard) => (
        <Standard key={standard.id} standard={standard} more={more} />
      ))}
    </Stack>
  );
}

function SheetHead({ sheet, title }: { sheet: SheetAnswer; title: string }) {
  const t = useT();
  const { exports } = usePlace();
  const { school, rubric } = sheet;
  return (
    <>
      <Group justify="space-between" align="start">
        <div>
          <Title order={1} size="h2">
            {title}
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
              <Anchor key={format} href={`${exports}/${format}`} download>
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
    </>
  );
}

/** What separates the school from each grade. */
function Gaps({ sheet }: { sheet: SheetAnswer }) {
  const t = useT();
  return (
    <Paper withBorder p="sm">
      {sheet.gaps.map((gap) => (
        <Text size="sm" key={gap.grade}>
          {gap.points > 0
            ? t('sheetGap', { points: formatPoints(gap.points), grade: gap.label })
            : t(sheet.provisional ? 'sheetReachedProvisional' : 'sheetReached', { grade: gap.label })}
          {gap.standards.map(
            (entry) => ` · ${t('sheetGapStandard', { id: entry.id, points: formatPoints(entry.points) })}`,
          )}
          {gap.needs
            .filter((need) => need.of !== null || need.without !== null)
            .map(
              (need) =>
                ` · ${need.text}${need.points ? ` (${t('needPoints', { points: formatPoints(need.points) })})` : ''}`,
            )}
        </Text>
      ))}
      {sheet.groups?.map((group) => (
        <Text size="sm" key={group.id}>
          {group.title}: {formatPoints(group.points)}/{formatPoints(group.max)}
          {group.met ? '' : ` (${t('groupNotMet')})`}
        </Text>
      ))}
    </Paper>
  );
}

function Standard({
  standard,
  more,
}: {
  standard: SheetAnswer['standards'][number];
  more: ((item: Item) => ReactNode) | undefined;
}) {
  const t = useT();
  return (
    <Paper withBorder p="md">
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
            <SheetItem key={item.id} item={item} more={more?.(item)} />
          ))}
        </div>
      ))}
    </Paper>
  );
}
