import { Alert, Button, Group, NativeSelect, NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import type { ManualFinding, NewManualFinding } from '../../api/schemas/finding.ts';
import type { SheetRule } from '../../api/schemas/scoresheet.ts';
import { post } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

/** An entry by hand for one rule, in the shape that the rule takes, always with a reason. */
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
  const queries = useQueryClient();
  const gives = rule.shape === 'award' || rule.shape === 'free';
  const [kind, setKind] = useState<'finding' | 'meets'>(gives ? 'finding' : 'meets');
  const [count, setCount] = useState<number | string>(1);
  const [award, setAward] = useState(rule.awards[0]?.id ?? '');
  const [points, setPoints] = useState<number | string>('');
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: (entry: NewManualFinding) =>
      post<ManualFinding>(`/schools/${encodeURIComponent(schoolId)}/findings`, entry),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['school', schoolId] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const entry: NewManualFinding = { rule: rule.id, kind, reason };
    if (kind === 'finding') {
      if (rule.per !== null) entry.count = Number(count);
      if (rule.shape === 'award') entry.award = award;
      if (rule.shape === 'free') entry.points = Number(points);
    }
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
      {kind === 'finding' && rule.per !== null && (
        <NumberInput
          label={t('count', { per: rule.per })}
          value={count}
          onChange={setCount}
          min={1}
          max={1000}
          allowDecimal={false}
          required
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
        <NumberInput
          label={t('giving', { max: formatPoints(max) })}
          value={points}
          onChange={setPoints}
          min={0}
          max={max}
          step={0.25}
          decimalSeparator=","
          required
        />
      )}
      <TextInput
        label={t('reason')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        minLength={3}
        maxLength={1000}
        required
      />
      <Group gap="xs">
        <Button type="submit" loading={save.isPending}>
          {t('save')}
        </Button>
        {rule.manual && (
          <Button
            variant="default"
            disabled={reason.length < 3}
            onClick={() => save.mutate({ rule: rule.id, kind: 'withdrawn', reason })}
          >
            {t('withdraw')}
          </Button>
        )}
        <Button variant="subtle" onClick={close}>
          {t('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}
