import { Badge, Paper, Radio, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { formatPoints } from '../../../shared/points.ts';
import type { ChoiceView, ReadingView } from '../../../shared/rubric/readings.ts';
import { put } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

/** Unclear places of a decision: how each can be read, which reading holds, and what another would change. */
export function Readings({
  readings,
  path,
  mayChoose,
}: {
  readings: readonly ReadingView[];
  /** Where a choice is put, the reading's id follows. */
  path: string;
  mayChoose: boolean;
}) {
  const t = useT();
  if (readings.length === 0) return <Text>{t('readingsNone')}</Text>;
  return (
    <Stack>
      {readings.map((reading) => (
        <Paper withBorder p="md" key={reading.id} component="section" aria-label={reading.id}>
          <Title order={2} size="h5">
            {reading.about.join(', ')}
          </Title>
          <Text size="sm" mb="xs">
            {reading.text}
          </Text>
          <Reading key={reading.chosen} reading={reading} path={path} mayChoose={mayChoose} />
        </Paper>
      ))}
    </Stack>
  );
}

function Reading({ reading, path, mayChoose }: { reading: ReadingView; path: string; mayChoose: boolean }) {
  const t = useT();
  const [choice, setChoice] = useState(reading.chosen);
  const [reason, setReason] = useState('');
  const choices = (
    <Radio.Group value={choice} onChange={setChoice} aria-label={reading.text}>
      <Stack gap="xs">
        {reading.choices.map((option) => (
          <div key={option.id}>
            <Radio
              value={option.id}
              disabled={!mayChoose && !option.isChosen}
              label={
                <>
                  {option.label}{' '}
                  {option.isChosen && (
                    <Badge size="sm" variant="outline" color="gray.8" radius="sm">
                      {t('readingInForce')}
                    </Badge>
                  )}
                  {option.isDefault && ` ${t('readingDefault')}`}
                </>
              }
            />
            <Text size="sm" ml={28}>
              {option.reason}
            </Text>
            <Effect option={option} />
          </div>
        ))}
      </Stack>
    </Radio.Group>
  );
  if (!mayChoose || reading.choices.length < 2) return choices;
  return (
    <ActForm
      act={() => put(`${path}/${encodeURIComponent(reading.id)}`, { choice, reason: reason.trim() })}
      label={t('readingChoose')}
      disabled={choice === reading.chosen || reason.trim().length < 3}
    >
      {choices}
      {choice !== reading.chosen && (
        <TextInput
          label={t('reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={1000}
          required
        />
      )}
    </ActForm>
  );
}

/** What this choice would change against the one in force. */
function Effect({ option }: { option: ChoiceView }) {
  const t = useT();
  if (option.isChosen) return null;
  if (option.points.length === 0 && option.units.length === 0)
    return (
      <Text size="sm" ml={28}>
        {t('readingNoEffect')}
      </Text>
    );
  return (
    <ul className="plain-list reading-effects">
      {option.points.map(({ rule, first, most }) => (
        <li key={rule}>
          <Text size="sm">
            {t('readingEffect', {
              rule,
              n: first.finding.count ?? 1,
              before: formatPoints(first.before),
              after: formatPoints(first.after),
            })}
            {most.change === first.change
              ? ''
              : ` ${t('readingEffectMost', { n: most.finding.count ?? 1, before: formatPoints(most.before), after: formatPoints(most.after) })}`}
          </Text>
        </li>
      ))}
      {option.units.map(({ item, from, to }) => (
        <li key={item}>
          <Text size="sm">{t('readingUnit', { item, from, to })}</Text>
        </li>
      ))}
    </ul>
  );
}
