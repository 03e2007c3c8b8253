import { Checkbox, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EditionEntry } from '../../api/schemas/edition.ts';
import type { Evaluation, NewEvaluation } from '../../api/schemas/evaluation.ts';
import type { Overview, OverviewSchool } from '../../api/schemas/overview.ts';
import { get, post } from '../api.ts';
import { formatLocalDate } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';
import { Show } from './query.tsx';

/** A new period: its name, the window in which measurements count, the edition, and the schools by unit and level. */
export function NewPeriod({ done }: { done(period: Evaluation): void }) {
  const overview = useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => get<Overview>('/overview', signal) });
  const editions = useQuery({
    queryKey: ['editions'],
    queryFn: ({ signal }) => get<EditionEntry[]>('/editions', signal),
  });
  return (
    <Show query={overview}>
      {({ schools }) => (
        <Show query={editions}>{(list) => <Form schools={schools} editions={list} done={done} />}</Show>
      )}
    </Show>
  );
}

const LEVELS = ['preschool', 'primary', 'secondary'] as const;

function Form({
  schools,
  editions,
  done,
}: {
  schools: readonly OverviewSchool[];
  editions: readonly EditionEntry[];
  done(period: Evaluation): void;
}) {
  const t = useT();
  const units = [...new Map(schools.map((school) => [school.unit.id, school])).values()];
  const real = units.filter((school) => !school.practice);
  const year = new Date().getFullYear();
  const [name, setName] = useState(t('periodNameDefault', { from: year, to: year + 1 }));
  const [from, setFrom] = useState(`${year}-09-01`);
  const [to, setTo] = useState(`${year + 1}-05-31`);
  const [edition, setEdition] = useState(editions.find((entry) => entry.inForce)?.key ?? editions[0]?.key ?? '');
  const [unitIds, setUnitIds] = useState((real.length > 0 ? real : units).map((school) => school.unit.id));
  const [levels, setLevels] = useState<string[]>([...LEVELS]);
  const chosen = schools.filter(
    (school) => unitIds.includes(school.unit.id) && school.levels.some((level) => levels.includes(level)),
  );
  const wrongDays = from === '' || to === '' || from > to;
  const body = (): NewEvaluation => ({ name, from, to, edition, schoolIds: chosen.map((school) => school.id) });
  return (
    <ActForm
      act={() => post<Evaluation>('/evaluations', body())}
      label={t('preparePeriod')}
      disabled={chosen.length === 0 || wrongDays || name.trim() === ''}
      done={done}
    >
      <TextInput
        label={t('periodName')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
      />
      <Group gap="sm" grow>
        <TextInput
          type="date"
          label={t('windowFrom')}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('windowTo')}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </Group>
      <Text size="sm" {...(wrongDays ? { c: 'red.9' } : {})}>
        {wrongDays ? t('closedWrong') : t('windowSaid', { from: formatLocalDate(from), to: formatLocalDate(to) })}
      </Text>
      <NativeSelect
        label={t('edition')}
        value={edition}
        onChange={(event) => setEdition(event.currentTarget.value)}
        data={editions.map((entry) => ({
          value: entry.key,
          label: `${entry.id} (${formatLocalDate(entry.date)})`,
        }))}
      />
      <Checkbox.Group label={t('units')} value={unitIds} onChange={setUnitIds}>
        <Group gap="sm">
          {units.map(({ unit }) => (
            <Checkbox key={unit.id} value={unit.id} label={unit.name} />
          ))}
        </Group>
      </Checkbox.Group>
      <Checkbox.Group label={t('level')} value={levels} onChange={setLevels}>
        <Group gap="sm">
          {LEVELS.map((level) => (
            <Checkbox key={level} value={level} label={t(level)} />
          ))}
        </Group>
      </Checkbox.Group>
      <Text size="sm">{t('schoolsChosen', { n: chosen.length, all: schools.length })}</Text>
    </ActForm>
  );
}
