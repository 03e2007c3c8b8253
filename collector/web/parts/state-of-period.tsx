import { Badge, Group } from '@mantine/core';
import type { EvaluationState } from '../../api/schemas/evaluation.ts';
import { useT } from '../messages/messages.tsx';

const STEPS = ['prepared', 'open', 'review', 'locked'] as const;

/** The four steps of a period in their order, the present one marked. */
export function StateOfPeriod({ state }: { state: EvaluationState }) {
  const t = useT();
  const now = state === 'locking' ? 'locked' : state;
  return (
    <ol className="steps" aria-label={t('periodState')}>
      {STEPS.map((step) => (
        <li
          key={step}
          className={step === now ? 'step step-now' : 'step'}
          aria-current={step === now ? 'step' : undefined}
        >
          {step === now ? `● ${t(`period_${state}`)}` : t(`period_${step}`)}
        </li>
      ))}
    </ol>
  );
}

/** The present step alone, for a row of a table. */
export function StateBadgeOfPeriod({ state }: { state: EvaluationState }) {
  const t = useT();
  return (
    <Group gap={6}>
      <Badge variant="outline" color="gray.8" radius="sm" className="whole-badge">
        {t(`period_${state}`)}
      </Badge>
    </Group>
  );
}
