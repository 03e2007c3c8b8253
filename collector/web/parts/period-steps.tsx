import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Evaluation, EvaluationState } from '../../api/schemas/evaluation.ts';
import { put } from '../api.ts';
import { type Key, useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';
import { DialogButton } from './ask.tsx';

type Target = 'open' | 'review' | 'locked';
/** Where an administrator may take a period from each state; a step back is asked for its reason. */
const STEPS: Record<EvaluationState, { to: Target; label: Key; ask: Key; back?: true }[]> = {
  prepared: [{ to: 'open', label: 'stepOpen', ask: 'stepOpenAsk' }],
  open: [{ to: 'review', label: 'stepReview', ask: 'stepReviewAsk' }],
  review: [
    { to: 'locked', label: 'stepLock', ask: 'stepLockAsk' },
    { to: 'open', label: 'stepReopen', ask: 'stepReopenAsk', back: true },
  ],
  locking: [
    { to: 'locked', label: 'stepLockAgain', ask: 'stepLockAgainAsk' },
    { to: 'review', label: 'stepUnlock', ask: 'stepUnlockAsk', back: true },
  ],
  locked: [{ to: 'review', label: 'stepUnlock', ask: 'stepUnlockAsk', back: true }],
};

export function PeriodSteps({ period, undecided }: { period: Evaluation; undecided: boolean }) {
  const t = useT();
  return (
    <Group gap="xs">
      {STEPS[period.state].map((step) => (
        <DialogButton key={step.to} label={t(step.label)} name={period.name} title={t(step.label)}>
          {(close) => <StepForm period={period} step={step} undecided={undecided} close={close} />}
        </DialogButton>
      ))}
    </Group>
  );
}

function StepForm({
  period,
  step,
  undecided,
  close,
}: {
  period: Evaluation;
  step: (typeof STEPS)[EvaluationState][number];
  undecided: boolean;
  close(): void;
}) {
  const t = useT();
  const [reason, setReason] = useState('');
  const body = step.back ? { to: step.to, reason: reason.trim() } : { to: step.to };
  return (
    <Stack gap="xs">
      <Text>{t(step.ask)}</Text>
      {step.to === 'locked' && undecided && <Text fw={600}>{t('stepLockUndecided')}</Text>}
      <ActForm
        act={() => put<Evaluation>(`/evaluations/${encodeURIComponent(period.id)}/state`, body)}
        label={t(step.label)}
        disabled={step.back === true && reason.trim().length < 3}
        done={close}
      >
        {step.back && (
          <Textarea
            label={t('reason')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={1000}
            required
          />
        )}
      </ActForm>
      <Button variant="default" onClick={close}>
        {t('cancel')}
      </Button>
    </Stack>
  );
}
