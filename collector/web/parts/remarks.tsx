import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { NewRemark, Remark, RemarkKind } from '../../api/schemas/evaluation.ts';
import { post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { type Key, useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

const MIN_TEXT = 3;
const TITLES: Record<RemarkKind, Key> = { comment: 'comment', contest: 'contest', answer: 'answer' };

export interface RemarkRights {
  comment: boolean;
  contest: boolean;
  answer: boolean;
}

/** What was said about an item: comments, a school's contests, and each contest's answer beneath it. */
export function Remarks({
  path,
  schoolId,
  item,
  remarks,
  may,
}: {
  path: string;
  schoolId: string;
  item: string;
  remarks: readonly Remark[];
  may: RemarkRights;
}) {
  const t = useT();
  const [writing, setWriting] = useState<{ kind: RemarkKind; answers?: string } | null>(null);
  const open = remarks.filter((remark) => isOpenContest(remark, remarks));
  const form = writing && (
    <RemarkForm path={path} schoolId={schoolId} item={item} {...writing} close={() => setWriting(null)} />
  );
  const top = remarks.filter((remark) => remark.answers === null);
  if (remarks.length === 0 && !may.comment && !may.contest) return null;
  return (
    <div className="sheet-more">
      {top.map((remark) => (
        <div key={remark.id} className={open.includes(remark) ? 'remark remark-open' : 'remark'}>
          <RemarkText remark={remark} />
          {remarks
            .filter((answer) => answer.answers === remark.id)
            .map((answer) => (
              <div key={answer.id} className="remark-answer">
                <RemarkText remark={answer} />
              </div>
            ))}
          {open.includes(remark) && <Text size="xs">{t('contestOpen')}</Text>}
          {may.answer && open.includes(remark) && writing?.answers !== remark.id && (
            <Button
              size="compact-sm"
              variant="light"
              aria-label={`${t('answerNow')} ${item}`}
              onClick={() => setWriting({ kind: 'answer', answers: remark.id })}
            >
              {t('answerNow')}
            </Button>
          )}
          {writing?.answers === remark.id && form}
        </div>
      ))}
      {writing && writing.kind !== 'answer' && form}
      {writing === null && (
        <Group gap="xs">
          {may.contest && (
            <Button
              size="compact-sm"
              variant="light"
              aria-label={t('contestNow', { item })}
              onClick={() => setWriting({ kind: 'contest' })}
            >
              {t('contest')}
            </Button>
          )}
          {may.comment && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={t('commentNow', { item })}
              onClick={() => setWriting({ kind: 'comment' })}
            >
              {t('comment')}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}

export const isOpenContest = (remark: Remark, remarks: readonly Remark[]): boolean =>
  remark.kind === 'contest' && !remarks.some((answer) => answer.answers === remark.id);

function RemarkText({ remark }: { remark: Remark }) {
  const t = useT();
  return (
    <Text size="sm" className="remark-text">
      <b>{t(TITLES[remark.kind])}</b> · {remark.by} · {formatWhen(remark.at)}: {remark.text}
    </Text>
  );
}

function RemarkForm({
  path,
  schoolId,
  item,
  kind,
  answers,
  close,
}: {
  path: string;
  schoolId: string;
  item: string;
  kind: RemarkKind;
  answers?: string;
  close(): void;
}) {
  const t = useT();
  const queries = useQueryClient();
  // A browser that is closed loses no words.
  const key = `thdt-remark ${path} ${item} ${kind}`;
  const [text, setText] = useState(() => localStorage.getItem(key) ?? '');
  const write = (next: string) => {
    setText(next);
    localStorage.setItem(key, next);
  };
  const send = useMutation({
    mutationFn: () => {
      const remark: NewRemark = { item, kind, text: text.trim(), ...(answers === undefined ? {} : { answers }) };
      return post<Remark>(`${path}/remarks`, remark);
    },
    onSuccess: async () => {
      localStorage.removeItem(key);
      await queries.invalidateQueries({ queryKey: ['school', schoolId] });
      await queries.invalidateQueries({ queryKey: ['evaluations'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim().length >= MIN_TEXT) send.mutate();
  };
  return (
    <Stack component="form" gap="xs" mt="xs" maw={560} onSubmit={submit}>
      {send.error && <Alert color="red">{sayFailure(send.error, t('timeout'))}</Alert>}
      <Textarea
        label={t(TITLES[kind])}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={2}
        required
      />
      {kind === 'contest' && <Text size="xs">{t('contestHelp')}</Text>}
      <Group gap="xs">
        <Button type="submit" loading={send.isPending} disabled={text.trim().length < MIN_TEXT}>
          {t('send')}
        </Button>
        <Button variant="subtle" onClick={close}>
          {t('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}
