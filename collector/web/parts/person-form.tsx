import { Checkbox, Group, NativeSelect, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OverviewSchool } from '../../api/schemas/overview.ts';
import type { ChangedPerson, NewPerson, PersonView, Role } from '../../api/schemas/session.ts';
import { post, put } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

const ROLES: readonly Role[] = ['assessor', 'school', 'viewer', 'admin'];
const MIN_PASSWORD = 10;

/** A new person, or with `person` the correction of one. `isSelf`: nobody takes their own rights away. */
export function PersonForm({
  person,
  units,
  schools,
  isSelf,
  done,
}: {
  person?: PersonView;
  units: readonly { id: string; label: string }[];
  schools: readonly OverviewSchool[];
  isSelf: boolean;
  done?(): void;
}) {
  const t = useT();
  const empty = { username: '', name: '', role: 'assessor' as Role, units: [] as string[], schoolId: '', password: '' };
  const [fields, setFields] = useState({
    ...empty,
    active: true,
    ...(person && { ...person, schoolId: person.schoolId ?? '' }),
  });
  const set = (changed: Partial<typeof fields>) => setFields({ ...fields, ...changed });
  const { role } = fields;
  const isReady =
    fields.name.trim() !== '' &&
    (person !== undefined || (/^[a-z0-9._-]{2,64}$/.test(fields.username) && fields.password.length > 0)) &&
    (fields.password === '' || fields.password.length >= MIN_PASSWORD) &&
    (role !== 'assessor' || fields.units.length > 0) &&
    (role !== 'school' || fields.schoolId !== '');
  const save = () => {
    const given = {
      name: fields.name,
      role,
      units: role === 'assessor' ? fields.units : [],
      schoolId: role === 'school' ? fields.schoolId : null,
    };
    if (!person) {
      const body: NewPerson = { ...given, username: fields.username, password: fields.password };
      return post<PersonView>('/people', body);
    }
    const body: ChangedPerson = {
      ...given,
      active: fields.active,
      ...(fields.password === '' ? {} : { password: fields.password }),
    };
    return put<PersonView>(`/people/${encodeURIComponent(person.id)}`, body);
  };
  return (
    <ActForm
      act={save}
      label={t(person ? 'save' : 'add')}
      disabled={!isReady}
      done={() => {
        if (!person) setFields({ ...empty, active: true });
        done?.();
      }}
    >
      <Stack gap="xs">
        <TextInput
          label={t('personName')}
          value={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={200}
          required
        />
        <TextInput
          label={t('username')}
          description={person ? undefined : t('usernameHelp')}
          value={fields.username}
          onChange={(event) => set({ username: event.currentTarget.value.toLowerCase() })}
          readOnly={person !== undefined}
          autoComplete="off"
          maxLength={64}
          required
        />
        <NativeSelect
          label={t('role')}
          value={role}
          disabled={isSelf}
          onChange={(event) => set({ role: event.currentTarget.value as Role })}
          data={ROLES.map((value) => ({ value, label: t(`role_${value}`) }))}
        />
        {role === 'assessor' && (
          <Checkbox.Group
            label={t('assessingUnit')}
            description={t('assessorHelp')}
            value={fields.units}
            onChange={(chosen) => set({ units: chosen })}
          >
            <Group gap="sm" mt={4}>
              {units.map((unit) => (
                <Checkbox key={unit.id} value={unit.id} label={`${unit.id} – ${unit.label}`} />
              ))}
            </Group>
          </Checkbox.Group>
        )}
        {role === 'school' && (
          <NativeSelect
            label={t('school')}
            value={fields.schoolId}
            onChange={(event) => set({ schoolId: event.currentTarget.value })}
            data={[
              { value: '', label: t('chooseSchool') },
              ...schools.map((school) => ({ value: school.id, label: school.name })),
            ]}
          />
        )}
        <PasswordInput
          label={t(person ? 'passwordReset' : 'passwordFirst')}
          value={fields.password}
          onChange={(event) => set({ password: event.currentTarget.value })}
          autoComplete="new-password"
          error={
            fields.password !== '' && fields.password.length < MIN_PASSWORD
              ? t('passwordShort', { n: MIN_PASSWORD })
              : null
          }
          required={!person}
        />
        {person && !isSelf && (
          <Checkbox
            label={t('personActive')}
            checked={fields.active}
            onChange={(event) => set({ active: event.currentTarget.checked })}
          />
        )}
      </Stack>
    </ActForm>
  );
}
