import { Alert, Button, Group, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewEntry } from '../../api/schemas/evaluation.ts';
import type { SheetItem, SheetRule } from '../../api/schemas/scoresheet.ts';
import { post } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { DialogButton } from './ask.tsx';
import { usePlace } from './place.tsx';
import { sayFailure } from './query.tsx';

const MIN_REASON = 3;

/**
 * One reason for every rule of these items that nobody judged yet and that only takes points: all are met. Each becomes
 * an entry of its own; the list is shown before anything is saved.
 */
export function MeetRest({ items }: { items: readonly SheetItem[] }) {
  const t = useT();
  const { mayEnter } = usePlace();
  const rules = items
    .filter((item) => mayEnter(item.unit))
    .flatMap((item) => item.rules)
    .filter((rule) => rule.applies && rule.decidedBy === null && rule.shape !== 'award' && rule.shape !== 'free');
  // While it is open it stays, whatever has been judged meanwhile: what could not be saved is told in it.
  const [isOpen, setIsOpen] = useState(false);
  if (rules.length < 2 && !isOpen) return null;
  const label = t('meetRest', { n: rules.length });
  return (
    <DialogButton
      label={label}
      name={t('sheetTitle')}
      title={t('meetRestTitle')}
      onOpen={() => setIsOpen(true)}
      onClose={() => setIsOpen(false)}
    >
      {(close) => <MeetForm rules={rules} label={label} close={close} />}
    </DialogButton>
  );
}

function MeetForm({ rules, label, close }: { rules: readonly SheetRule[]; label: string; close(): void }) {
  const t = useT();
  // As when the dialogue was opened: what is saved leaves the sheet's list, not this one.
  const { schoolId, entries, history } = usePlace();
  const [asked] = useState(() => rules.map((rule) => ({ rule, basedOn: history(rule.id)[0]?.id ?? null })));
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(0);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      const failed: string[] = [];
      for (const { rule, basedOn } of asked) {
        const entry: NewEntry = {
          rule: rule.id,
          kind: 'meets',
          reason: reason.trim(),
          basedOn,
        };
        await post(entries, entry).catch((error: unknown) =>
          failed.push(`${rule.id}: ${sayFailure(error, t('timeout'))}`),
        );
        setDone((n) => n + 1);
      }
      await queries.invalidateQueries({ queryKey: ['school', schoolId] });
      await queries.invalidateQueries({ queryKey: ['evaluations'] });
      return failed;
    },
    onSuccess: (failed) => failed.length === 0 && close(),
  });
  return (
    <Stack gap="xs">
      <Text size="sm">{t('meetRestAsk', { n: asked.length })}</Text>
      <ul className="plain-list meet-list">
        {asked.map(({ rule }) => (
          <li key={rule.id}>
            <Text size="sm">
              <b>{rule.id}</b> {rule.text}
              {rule.measured?.state === 'insufficient' ? ` (${rule.measured.verdict})` : ''}
            </Text>
          </li>
        ))}
      </ul>
      <TextInput
        label={t('reason')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={1000}
        required
      />
      {save.isPending && <Progress value={(100 * done) / asked.length} aria-label={label} />}
      {save.data && save.data.length > 0 && (
        <Alert color="red">
          {save.data.map((line) => (
            <div key={line}>{line}</div>
          ))}
        </Alert>
      )}
      <Group gap="xs">
        <Button
          loading={save.isPending}
          disabled={reason.trim().length < MIN_REASON || save.isSuccess}
          onClick={() => save.mutate()}
        >
          {t('save')}
        </Button>
        <Button variant="default" onClick={close}>
          {t('close')}
        </Button>
      </Group>
    </Stack>
  );
}
