import { Alert, Button, Group, NativeSelect, Radio, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import type { ManualFinding, NewManualFinding } from '../../api/schemas/finding.ts';
import type { SheetRule } from '../../api/schemas/scoresheet.ts';
import { post } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { readCount, readDecimal } from '../numbers.ts';
import { sayFailure } from './query.tsx';

const MAX_COUNT = 1000;
const MIN_REASON = 3;

/**
 * An entry by hand for one rule, in the shape that the rule takes, always with a reason. What is typed stays as typed:
 * a number that the rule cannot take is named under its field and nothing is saved.
 */
export function EntryForm({
  rule,
  max,
  schoolId,
  close,
}: {
  rule: SheetRule;
  max: number;
  schoolId: string;
  close(): void;
}) {
  const t = useT();
  const gives = rule.shape === 'award' || rule.shape === 'free';
  const [kind, setKind] = useState<'finding' | 'meets'>(gives ? 'finding' : 'meets');
  const [count, setCount] = useState('1');
  const [award, setAward] = useState(rule.awards[0]?.id ?? '');
  const [points, setPoints] = useState('');
  const [reason, setReason] = useState('');
  const save = useSave(schoolId, close);

  const takesCount = kind === 'finding' && rule.per !== null;
  const countRead = readCount(count);
  const countError =
    takesCount && !(countRead !== undefined && countRead >= 1 && countRead <= MAX_COUNT)
      ? t('countWrong', { max: MAX_COUNT })
      : null;
  const pointsRead = readDecimal(points);
  const pointsError =
    rule.shape === 'free' && !(pointsRead !== undefined && pointsRead <= max && Number.isInteger(pointsRead * 4))
      ? t('pointsWrong', { max: formatPoints(max) })
      : null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (countError || pointsError || !isReason(reason)) return;
    const entry: NewManualFinding = { rule: rule.id, kind, reason: reason.trim() };
    if (takesCount) entry.count = countRead!;
    if (rule.shape === 'award') entry.award = award;
    if (rule.shape === 'free') entry.points = pointsRead!;
    save.mutate(entry);
  };
  return (
    <Stack component="form" gap="xs" mt="xs" maw={560} onSubmit={submit} className="no-print">
      {save.error && <Alert color="red">{sayFailure(save.error, t('timeout'))}</Alert>}
      {!gives && (
        <Radio.Group value={kind} onChange={(value) => setKind(value as 'finding' | 'meets')} aria-label={rule.id}>
          <Group>
            <Radio value="meets" label={t('verdictMeets')} />
            <Radio value="finding" label={t('verdictFault')} />
          </Group>
        </Radio.Group>
      )}
      {takesCount && (
        <TextInput
          label={t('count', { per: rule.per! })}
          inputMode="numeric"
          value={count}
          onChange={(event) => setCount(event.currentTarget.value)}
          error={countError}
        />
      )}
      {rule.shape === 'award' && (
        <NativeSelect
          label={t('award')}
          value={award}
          onChange={(event) => setAward(event.currentTarget.value)}
          data={rule.awards.map((entry) => ({
            value: entry.id,
            label: `${entry.label} (${formatPoints(entry.points)})`,
          }))}
        />
      )}
      {rule.shape === 'free' && (
        <TextInput
          label={t('giving', { max: formatPoints(max) })}
          inputMode="decimal"
          value={points}
          onChange={(event) => setPoints(event.currentTarget.value)}
          error={points === '' ? null : pointsError}
        />
      )}
      <ReasonInput label={t('reason')} reason={reason} setReason={setReason} />
      <Group gap="xs">
        <Button
          type="submit"
          loading={save.isPending}
          disabled={countError !== null || pointsError !== null || !isReason(reason)}
        >
          {t('save')}
        </Button>
        <Button variant="subtle" onClick={close}>
          {t('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}

/** Takes back the entry that stands, with a reason of its own. */
export function WithdrawForm({ rule, schoolId, close }: { rule: string; schoolId: string; close(): void }) {
  const t = useT();
  const [reason, setReason] = useState('');
  const save = useSave(schoolId, close);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReason(reason)) save.mutate({ rule, kind: 'withdrawn', reason: reason.trim() });
  };
  return (
    <Stack component="form" gap="xs" mt="xs" maw={560} onSubmit={submit} className="no-print">
      {save.error && <Alert color="red">{sayFailure(save.error, t('timeout'))}</Alert>}
      <ReasonInput label={t('withdrawReason')} reason={reason} setReason={setReason} />
      <Group gap="xs">
        <Button type="submit" color="red.9" loading={save.isPending} disabled={!isReason(reason)}>
          {t('withdrawNow')}
        </Button>
        <Button variant="subtle" onClick={close}>
          {t('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}

function useSave(schoolId: string, close: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (entry: NewManualFinding) =>
      post<ManualFinding>(`/schools/${encodeURIComponent(schoolId)}/findings`, entry),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['school', schoolId] });
      close();
    },
  });
}

const isReason = (reason: string) => reason.trim().length >= MIN_REASON;

function ReasonInput({ label, reason, setReason }: { label: string; reason: string; setReason(reason: string): void }) {
  const t = useT();
  return (
    <TextInput
      label={label}
      value={reason}
      onChange={(event) => setReason(event.currentTarget.value)}
      maxLength={1000}
      aria-required
      error={reason !== '' && !isReason(reason) ? t('reasonShort', { n: MIN_REASON }) : null}
    />
  );
}
