import { Alert, Button, Group, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import type { NewEntry } from '../../api/schemas/evaluation.ts';
import type { ManualFinding } from '../../api/schemas/finding.ts';
import type { SheetRule } from '../../api/schemas/scoresheet.ts';
import { post } from '../api.ts';
import { type EntryFields, gives, readFields } from '../entry-fields.ts';
import { useT } from '../messages/messages.tsx';
import { type KeptDraft, useDraft, useOwnDraft } from './draft.ts';
import { usePlace } from './place.tsx';
import { sayFailure } from './query.tsx';
import { sayEntry } from './say-entry.ts';

const MIN_REASON = 3;

/**
 * An entry by hand for one rule, in the shape that the rule takes, always with a reason. What is typed stays as typed:
 * a number that the rule cannot take is named under its field and nothing is saved.
 */
export function EntryForm({ rule, max, close }: { rule: SheetRule; max: number; close(): void }) {
  const t = useT();
  const own = useOwnDraft(rule.id);
  const [fields, setFields] = useState<EntryFields>(() => {
    const { basedOn: _, ...typed } = own ?? {};
    return {
      kind: gives(rule) ? 'finding' : 'meets',
      count: '1',
      of: '',
      award: rule.awards[0]?.id ?? '',
      points: '',
      reason: '',
      ...typed,
    };
  });
  const set = (changed: Partial<EntryFields>) => setFields({ ...fields, ...changed });
  const based = useBase(rule, own);
  const draft = useDraft(rule.id, { ...fields, basedOn: based.id ?? '' }, own);
  const save = useSave(close, draft);
  const { asks, errors, values } = readFields(rule, max, fields, t);
  const isReady = Object.keys(errors).length === 0 && isReason(fields.reason);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    const kind = fields.kind === 'finding' ? 'finding' : 'meets';
    save.mutate({ entry: { rule: rule.id, kind, reason: fields.reason.trim(), ...values }, basedOn: based.id });
  };
  const cancel = () => {
    draft.drop();
    close();
  };
  return (
    <Stack component="form" gap="xs" mt="xs" maw={560} onSubmit={submit} className="no-print">
      {save.error && <Alert color="red">{sayFailure(save.error, t('timeout'))}</Alert>}
      <Newer based={based} rule={rule} />
      <Radio.Group value={fields.kind} onChange={(value) => set({ kind: value })} aria-label={rule.id}>
        <Group>
          <Radio value="meets" label={t(gives(rule) ? 'verdictNothing' : 'verdictMeets')} />
          <Radio value="finding" label={t(gives(rule) ? 'verdictGives' : 'verdictFault')} />
        </Group>
      </Radio.Group>
      {asks.includes('count') && (
        <TextInput
          label={t('count', { per: rule.per! })}
          inputMode="numeric"
          value={fields.count}
          onChange={(event) => set({ count: event.currentTarget.value })}
          error={errors.count}
        />
      )}
      {asks.includes('of') && (
        <TextInput
          label={t('ofAll', { per: rule.per! })}
          inputMode="numeric"
          value={fields.of}
          onChange={(event) => set({ of: event.currentTarget.value })}
          error={fields.of === '' ? null : errors.of}
        />
      )}
      {rule.by !== null && (
        <Text size="xs">{rule.awards.map((award) => `${award.label}: ${formatPoints(award.points)}`).join(' · ')}</Text>
      )}
      {asks.includes('award') && (
        <NativeSelect
          label={t('award')}
          value={fields.award}
          onChange={(event) => set({ award: event.currentTarget.value })}
          data={rule.awards.map((entry) => ({
            value: entry.id,
            label: `${entry.label} (${formatPoints(entry.points)})`,
          }))}
        />
      )}
      {(asks.includes('points') || asks.includes('decided')) && (
        <TextInput
          label={
            asks.includes('points')
              ? t('giving', { max: formatPoints(rule.max ?? max) })
              : t(gives(rule) ? 'decidedGiven' : 'decidedTaken', { n: rule.textTo!, max: formatPoints(max) })
          }
          inputMode="decimal"
          value={fields.points}
          onChange={(event) => set({ points: event.currentTarget.value })}
          error={fields.points === '' ? null : (errors.points ?? errors.decided)}
        />
      )}
      <ReasonInput label={t('reason')} reason={fields.reason} setReason={(reason) => set({ reason })} />
      <Group gap="xs">
        <Button type="submit" loading={save.isPending} disabled={!isReady}>
          {t('save')}
        </Button>
        <Button variant="subtle" onClick={cancel}>
          {t('cancel')}
        </Button>
        {draft.state !== 'none' && (
          <Text size="sm" role="status">
            {t(`draft_${draft.state}`)}
          </Text>
        )}
      </Group>
    </Stack>
  );
}

/** Takes back the entry that stands, with a reason of its own. */
export function WithdrawForm({ rule, close }: { rule: SheetRule; close(): void }) {
  const t = useT();
  const [reason, setReason] = useState('');
  const based = useBase(rule);
  const save = useSave(close);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReason(reason))
      save.mutate({ entry: { rule: rule.id, kind: 'withdrawn', reason: reason.trim() }, basedOn: based.id });
  };
  return (
    <Stack component="form" gap="xs" mt="xs" maw={560} onSubmit={submit} className="no-print">
      {save.error && <Alert color="red">{sayFailure(save.error, t('timeout'))}</Alert>}
      <Newer based={based} rule={rule} />
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

/** Accepts a measurement as it stands: one click, recorded with the reader's name. */
export function ConfirmButton({ rule }: { rule: SheetRule }) {
  const t = useT();
  const { history } = usePlace();
  const save = useSave(() => undefined);
  const confirm = () =>
    save.mutate({
      entry: { rule: rule.id, kind: 'confirmed', count: rule.measured!.count, reason: t('confirmReason') },
      basedOn: history(rule.id)[0]?.id ?? null,
    });
  return (
    <>
      <Button
        className="no-print"
        size="compact-sm"
        variant="default"
        aria-label={`${t('confirm')} ${rule.id}`}
        loading={save.isPending}
        onClick={confirm}
      >
        {t('confirm')}
      </Button>
      {save.error && (
        <Text size="sm" c="red.9" role="alert">
          {sayFailure(save.error, t('timeout'))}
        </Text>
      )}
    </>
  );
}

type Entry = Omit<NewEntry, 'basedOn' | 'kind'> & { kind: ManualFinding['kind'] };

/**
 * The entry that stood when the form was opened, or its draft begun: who saves over a later one is told of it first.
 */
function useBase(rule: SheetRule, draft: Readonly<Record<string, string>> | null = null) {
  const { history, period } = usePlace();
  const newest = history(rule.id)[0];
  const [id, setId] = useState(draft?.basedOn === undefined ? (newest?.id ?? null) : draft.basedOn || null);
  const newer = period !== null && newest !== undefined && newest.id !== id ? newest : null;
  return { id, newer, seen: () => setId(newest?.id ?? null) };
}

function Newer({ based: { newer, seen }, rule }: { based: ReturnType<typeof useBase>; rule: SheetRule }) {
  const t = useT();
  if (!newer) return null;
  return (
    <Alert color="orange" role="status">
      <Text size="sm" mb="xs">
        {t('entryNewer', { by: newer.by, what: sayEntry(newer, rule, t), reason: newer.reason })}
      </Text>
      <Button size="compact-sm" variant="default" onClick={seen}>
        {t('entryNewerSeen')}
      </Button>
    </Alert>
  );
}

function useSave(close: () => void, draft?: KeptDraft) {
  const queries = useQueryClient();
  const { schoolId, entries, period } = usePlace();
  const refresh = async () => {
    await queries.invalidateQueries({ queryKey: ['school', schoolId] });
    await queries.invalidateQueries({ queryKey: ['evaluations'] });
  };
  return useMutation({
    mutationFn: async ({ entry, basedOn }: { entry: Entry; basedOn: string | null }) => {
      // A draft that arrives after its entry would come back.
      await draft?.hold();
      return post<ManualFinding>(entries, period ? { ...entry, basedOn } : entry);
    },
    onSuccess: async () => {
      await refresh();
      close();
    },
    // Another person may have entered: what they entered is shown beside what was typed here.
    onError: () => {
      draft?.release();
      return refresh();
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
