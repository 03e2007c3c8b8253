import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { SheetRule as Rule, SheetReading } from '../../api/schemas/scoresheet.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { useOwnDraft } from './draft.ts';
import { ConfirmButton, EntryForm, WithdrawForm } from './entry-form.tsx';
import { usePlace } from './place.tsx';
import { sayEntry } from './say-entry.ts';
import { Why } from './why.tsx';

/** One rule of the sheet: what it says, what decided it, its entries by hand, and the forms for a new one. */
export function SheetRule({ rule, max, mayEnter }: { rule: Rule; max: number; mayEnter: boolean }) {
  const t = useT();
  const { history, period } = usePlace();
  // What was left half typed is open again, until the reader opens or closes something here.
  const hasDraft = useOwnDraft(rule.id) !== null && mayEnter;
  const [chosen, setOpen] = useState<'enter' | 'withdraw' | null | undefined>(undefined);
  const open = chosen === undefined ? (hasDraft ? 'enter' : null) : chosen;
  const close = () => setOpen(null);
  const entries = history(rule.id);
  const { measured, manual } = rule;
  const isMeasured = measured !== null && measured.state !== 'manual';
  const mayConfirm =
    period !== null && isMeasured && manual === null && (measured.state === 'pass' || measured.state === 'fail');
  const others = period?.drafts.filter((draft) => draft.rule === rule.id && draft.fields === null) ?? [];
  return (
    <div className="sheet-rule">
      <div className="sheet-rule-row">
        <div>
          <Text size="sm">
            <b>{rule.id}</b> {rule.label ? `${rule.label}. ` : ''}
            {rule.text}
          </Text>
          {!rule.applies && <Text size="xs">{t('notApplies')}</Text>}
          {rule.why && <Text size="sm">{rule.why}</Text>}
          {isMeasured && (
            <>
              <Text size="sm">⌁ {measured.verdict}</Text>
              {period !== null && <Why finding={measured} unit={unitOf(measured)} />}
            </>
          )}
          {manual && (
            <Group gap="xs">
              <Text size="sm">
                ✎ {sayEntry(manual, rule, t)} –{' '}
                {t('entered', { by: manual.by, date: formatDate(manual.at), reason: manual.reason })}
                {isMeasured && manual.kind !== 'confirmed' ? ` (${t('overrides')})` : ''}
                {manual.kind === 'confirmed' && !rule.confirmed ? ` (${t('confirmLapsed')})` : ''}
              </Text>
              {mayEnter && open !== 'withdraw' && (
                <Button
                  className="no-print"
                  size="compact-xs"
                  variant="default"
                  aria-label={`${t('withdraw')} ${rule.id}`}
                  onClick={() => setOpen('withdraw')}
                >
                  {t('withdraw')}
                </Button>
              )}
            </Group>
          )}
          {rule.applies && rule.decidedBy === null && <Text size="xs">{t('undecided')}</Text>}
          {others.map((draft) => (
            <Text size="sm" key={draft.by} role="status">
              {t('draftOfOther', { by: draft.by, time: formatTime(draft.at) })}
            </Text>
          ))}
          <ReadingNote reading={rule.reading} />
        </div>
        <div className="sheet-rule-acts">
          <Text size="sm" fw={700} className="num">
            {sayEffect(rule.effect)}
          </Text>
          {mayEnter && rule.applies && mayConfirm && <ConfirmButton rule={rule} />}
          {mayEnter && rule.applies && open !== 'enter' && (
            <Button
              className="no-print"
              size="compact-sm"
              variant="light"
              aria-label={`${t('enter')} ${rule.id}`}
              onClick={() => setOpen('enter')}
            >
              {t('enter')}
            </Button>
          )}
        </div>
      </div>
      {open === 'enter' && <EntryForm rule={rule} max={max} close={close} />}
      {open === 'withdraw' && <WithdrawForm rule={rule} close={close} />}
      {entries.length > 0 && (
        <details className="no-print">
          <summary>{t('history', { n: entries.length })}</summary>
          <ul className="plain-list">
            {entries.map((entry) => (
              <li key={entry.id}>
                <Text size="sm">
                  {formatWhen(entry.at)} · {entry.by} · {sayEntry(entry, rule, t)}: {entry.reason}
                </Text>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

export const sayEffect = (effect: number): string =>
  effect === 0 ? '' : `${effect > 0 ? '+' : '−'}${formatPoints(Math.abs(effect))}`;

/** How an unclear place of the decision is read, and why. */
export function ReadingNote({ reading }: { reading: SheetReading | null }) {
  const t = useT();
  if (!reading) return null;
  return (
    <p className="reading">
      {t('reading', { text: reading.text, label: sentence(reading.label), reason: reading.reason })}
    </p>
  );
}

const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`);

const unitOf = ({ policy }: NonNullable<Rule['measured']>) =>
  policy.find(({ name }) => name === 'periodUnit')?.value === 'minute' ? 'minute' : 'school-day';
