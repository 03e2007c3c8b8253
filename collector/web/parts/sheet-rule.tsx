import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { ManualFinding } from '../../api/schemas/finding.ts';
import type { SheetRule as Rule, SheetReading } from '../../api/schemas/scoresheet.ts';
import { formatWhen } from '../format.ts';
import { type Translate, useT } from '../messages/messages.tsx';
import { EntryForm, WithdrawForm } from './entry-form.tsx';

/** One rule of the sheet: what it says, what decided it, its entries by hand, and the forms for a new one. */
export function SheetRule({
  rule,
  max,
  history,
  schoolId,
  mayEnter,
}: {
  rule: Rule;
  max: number;
  /** Every entry ever made for the rule, newest first. */
  history: readonly ManualFinding[];
  schoolId: string;
  mayEnter: boolean;
}) {
  const t = useT();
  const [open, setOpen] = useState<'enter' | 'withdraw' | null>(null);
  const close = () => setOpen(null);
  return (
    <div className="sheet-rule">
      <Group justify="space-between" wrap="nowrap" align="start" gap="md">
        <div>
          <Text size="sm">
            <b>{rule.id}</b> {rule.label ? `${rule.label}. ` : ''}
            {rule.text}
          </Text>
          {!rule.applies && <Text size="xs">{t('notApplies')}</Text>}
          {rule.why && <Text size="sm">{rule.why}</Text>}
          {rule.measured && rule.measured.state !== 'manual' && <Text size="sm">⌁ {rule.measured.verdict}</Text>}
          {rule.manual && (
            <Group gap="xs">
              <Text size="sm">
                ✎ {t('entered', { by: rule.manual.by, date: formatDate(rule.manual.at), reason: rule.manual.reason })}
                {rule.measured && rule.measured.state !== 'manual' ? ` (${t('overrides')})` : ''}
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
          <ReadingNote reading={rule.reading} />
        </div>
        <Group gap={6} wrap="nowrap" align="start">
          <Text size="sm" fw={700} className="num">
            {sayEffect(rule.effect)}
          </Text>
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
        </Group>
      </Group>
      {open === 'enter' && <EntryForm rule={rule} max={max} schoolId={schoolId} close={close} />}
      {open === 'withdraw' && <WithdrawForm rule={rule.id} schoolId={schoolId} close={close} />}
      {history.length > 0 && (
        <details className="no-print">
          <summary>{t('history', { n: history.length })}</summary>
          <ul className="plain-list">
            {history.map((entry) => (
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

/** What an entry said, in a few words. */
function sayEntry(entry: ManualFinding, rule: Rule, t: Translate): string {
  if (entry.kind === 'withdrawn') return t('entryWithdrawn');
  if (entry.kind === 'meets') return t('verdictMeets');
  if (entry.points !== null) return t('entryPoints', { points: formatPoints(entry.points) });
  if (entry.award !== null) return rule.awards.find((candidate) => candidate.id === entry.award)?.label ?? entry.award;
  return entry.count === null ? t('verdictFault') : t('entryCount', { n: entry.count, per: rule.per ?? '' });
}
