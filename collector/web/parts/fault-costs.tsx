import { Paper, Text, Title } from '@mantine/core';
import { formatPoints } from '../../../shared/points.ts';
import type { EvaluationDetail } from '../../api/schemas/evaluation.ts';
import { useT } from '../messages/messages.tsx';
import { Rows } from './rows.tsx';

const MOST = 20;

/** What the faults of all schools cost together, dearest first: where mending pays most. */
export function FaultCosts({ period }: { period: EvaluationDetail }) {
  const t = useT();
  const byRule = Map.groupBy(
    period.rows.flatMap((row) => row.faults.map((fault) => ({ ...fault, school: row.name }))),
    (fault) => fault.rule,
  );
  const texts = new Map(period.rules.map(({ id, text }) => [id, text]));
  const rules = [...byRule]
    .map(([rule, faults]) => ({ rule, faults, points: faults.reduce((total, { points }) => total + points, 0) }))
    .sort((a, b) => b.points - a.points);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        {t('faultCostsTitle')}
      </Title>
      {rules.length === 0 ? (
        <Text size="sm">{t('noFaults')}</Text>
      ) : (
        <Rows
          label={t('faultCostsTitle')}
          columns={[
            { name: t('ruleFilter') },
            { name: t('schools'), num: true },
            { name: t('pointsLost'), num: true },
            { name: t('example') },
          ]}
          rows={rules.slice(0, MOST).map(({ rule, faults, points }) => ({
            key: rule,
            cells: [
              `${rule} ${texts.get(rule) ?? ''}`,
              faults.length,
              formatPoints(points),
              `${faults[0]!.school}: ${faults[0]!.why}`,
            ],
          }))}
        />
      )}
    </Paper>
  );
}
