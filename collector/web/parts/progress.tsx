import { Progress, Text } from '@mantine/core';
import { formatShare } from '../../../shared/vietnamese.ts';
import type { EvaluationDetail } from '../../api/schemas/evaluation.ts';
import { useT } from '../messages/messages.tsx';

/** How far each assessing unit is, over all schools. */
export function PeriodProgress({ period, own }: { period: EvaluationDetail; own: readonly string[] }) {
  const t = useT();
  return (
    <div className="progress-rows">
      {period.units.map((unit) => {
        const share = unit.items === 0 ? 1 : unit.decided / unit.items;
        return (
          <div key={unit.id} className="progress-row">
            <Text size="sm" fw={own.includes(unit.id) ? 700 : 400}>
              {unit.label}
            </Text>
            <Progress
              value={100 * share}
              color={share === 1 ? 'teal.8' : 'blue.8'}
              aria-label={t('progressOf', { unit: unit.label })}
            />
            <Text size="sm" className="num">
              {t('progressSaid', { n: unit.decided, all: unit.items, share: formatShare(share, 0) })}
            </Text>
          </div>
        );
      })}
    </div>
  );
}
