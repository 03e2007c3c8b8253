import { Alert, Button, Checkbox, Group, NativeSelect, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Level } from '../../api/schemas/common.ts';
import { post, put } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';

/** A small form with one act: its failure above, "saved" below. */
export function ActForm<T>({
  act,
  label,
  children,
  done,
}: {
  act(): Promise<T>;
  label: string;
  children: ReactNode;
  done?(answer: T): void;
}) {
  const t = useT();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async (answer) => {
      await queries.invalidateQueries();
      done?.(answer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutation.mutate();
  };
  return (
    <Stack component="form" gap="xs" onSubmit={submit}>
      {mutation.error && <Alert color="red">{sayFailure(mutation.error, t('timeout'))}</Alert>}
      {children}
      <Group>
        <Button type="submit" loading={mutation.isPending}>
          {label}
        </Button>
        {mutation.isSuccess && (
          <Text size="sm" role="status">
            {t('saved')}
          </Text>
        )}
      </Group>
    </Stack>
  );
}

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

export function NewUnitForm({ units }: { units: UnitEntry[] }) {
  const t = useT();
  const [name, setName] = useState('');
  const [parentId, setParentId] = useState('');
  return (
    <ActForm act={() => post('/units', { name, parentId: parentId || null })} label={t('add')} done={() => setName('')}>
      <TextInput label={t('unitName')} value={name} onChange={(event) => setName(event.currentTarget.value)} required />
      <NativeSelect
        label={t('parentUnit')}
        value={parentId}
        onChange={(event) => setParentId(event.currentTarget.value)}
        data={[{ value: '', label: t('noParent') }, ...own(units)]}
      />
    </ActForm>
  );
}

export function NewSchoolForm({ units, onMade }: { units: UnitEntry[]; onMade(id: string): void }) {
  const t = useT();
  const [name, setName] = useState('');
  const [code, setCode] = useState('');
  const [unit, setUnit] = useState('');
  const [levels, setLevels] = useState<string[]>(['primary']);
  const unitId = unit || own(units)[0]?.value || '';
  return (
    <ActForm
      act={() => post<{ id: string }>('/schools', { unitId, code, name, levels })}
      label={t('add')}
      done={({ id }) => {
        setName('');
        setCode('');
        onMade(id);
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
        required
      />
      <NativeSelect
        label={t('unit')}
        value={unitId}
        onChange={(event) => setUnit(event.currentTarget.value)}
        data={own(units)}
        required
      />
      <Checkbox.Group label={t('level')} value={levels} onChange={setLevels}>
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
