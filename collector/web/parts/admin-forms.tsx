import { Checkbox, Group, NativeSelect, PasswordInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Level } from '../../api/schemas/common.ts';
import type { Inventory } from '../../api/schemas/school.ts';
import { post, put } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

export function PasswordForm({ username }: { username: string }) {
  const t = useT();
  const [password, setPassword] = useState('');
  return (
    <ActForm act={() => put('/session/password', { password })} label={t('save')} done={() => setPassword('')}>
      <TextInput label={t('username')} value={username} readOnly autoComplete="username" />
      <PasswordInput
        label={t('newPassword')}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        minLength={10}
        autoComplete="new-password"
        required
      />
    </ActForm>
  );
}

export interface UnitEntry {
  id: string;
  name: string;
  parentId: string | null;
  practice: boolean;
}

/** A new unit, or with `unit` the correction of one. */
export function UnitForm({ units, unit, done }: { units: UnitEntry[]; unit?: UnitEntry; done?(): void }) {
  const t = useT();
  const [name, setName] = useState(unit?.name ?? '');
  const [parentId, setParentId] = useState(unit?.parentId ?? '');
  const body = () => ({ name, parentId: parentId || null });
  return (
    <ActForm
      act={() => (unit ? put(`/units/${encodeURIComponent(unit.id)}`, body()) : post('/units', body()))}
      label={t(unit ? 'save' : 'add')}
      done={() => {
        if (!unit) setName('');
        done?.();
      }}
    >
      <TextInput label={t('unitName')} value={name} onChange={(event) => setName(event.currentTarget.value)} required />
      <NativeSelect
        label={t('parentUnit')}
        value={parentId}
        onChange={(event) => setParentId(event.currentTarget.value)}
        data={[{ value: '', label: t('noParent') }, ...own(units).filter(({ value }) => value !== unit?.id)]}
      />
    </ActForm>
  );
}

/** A new school, or with `school` the correction of one. */
export function SchoolForm({
  units,
  school,
  done,
}: {
  units: UnitEntry[];
  school?: Inventory['school'];
  done?(id: string): void;
}) {
  const t = useT();
  const [name, setName] = useState(school?.name ?? '');
  const [code, setCode] = useState(school?.code ?? '');
  const [unit, setUnit] = useState(school?.unitId ?? '');
  const [levels, setLevels] = useState<string[]>(school?.levels ?? ['primary']);
  // A practice school stays where it is.
  const practiceUnit = units.find((entry) => entry.id === school?.unitId && entry.practice);
  const choices = own(units);
  if (!practiceUnit && choices.length === 0) return <Text size="sm">{t('unitFirst')}</Text>;
  const unitId = unit || (choices[0]?.value ?? '');
  const body = () => ({ unitId, code, name, levels });
  return (
    <ActForm
      act={() =>
        school
          ? put<{ id: string }>(`/schools/${encodeURIComponent(school.id)}`, body())
          : post<{ id: string }>('/schools', body())
      }
      label={t(school ? 'save' : 'add')}
      disabled={levels.length === 0}
      done={({ id }) => {
        if (!school) {
          setName('');
          setCode('');
        }
        done?.(id);
      }}
    >
      <TextInput
        label={t('schoolName')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
      />
      <TextInput
        label={t('schoolCode')}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        maxLength={32}
        required
      />
      {practiceUnit ? (
        <TextInput label={t('unit')} value={practiceUnit.name} readOnly />
      ) : (
        <NativeSelect
          label={t('unit')}
          value={unitId}
          onChange={(event) => setUnit(event.currentTarget.value)}
          data={choices}
        />
      )}
      <Checkbox.Group
        label={t('level')}
        value={levels}
        onChange={setLevels}
        error={levels.length === 0 ? t('levelNeeded') : null}
      >
        <Group gap="sm">
          {(['preschool', 'primary', 'secondary'] as const satisfies Level[]).map((level) => (
            <Checkbox key={level} value={level} label={t(level)} />
          ))}
        </Group>
      </Checkbox.Group>
    </ActForm>
  );
}

/** Real schools never go under the practice unit: its policy counts minutes. */
const own = (units: UnitEntry[]) =>
  units.filter((unit) => !unit.practice).map((unit) => ({ value: unit.id, label: unit.name }));
