import {
  Button,
  Code,
  Group,
  NativeSelect,
  Paper,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { OverviewSchool } from '../../api/schemas/overview.ts';
import type { Enrolment, School } from '../../api/schemas/school.ts';
import { get, post } from '../api.ts';
import { type Key, type Translate, useT } from '../messages/messages.tsx';
import { ActForm } from './admin-forms.tsx';
import { Show } from './query.tsx';
import { Scroll } from './scroll.tsx';

const ROOM_KINDS = ['it', 'language', 'classroom', 'office', 'network', 'other'];
const ASSET_KINDS = ['pc', 'printer', 'camera', 'access-point', 'gateway', 'internet', 'other'];
const USES = ['management', 'teaching', 'student'];
const options = (prefix: string, values: string[], t: Translate) =>
  values.map((value) => ({ value, label: t(`${prefix}${value}` as Key) }));

/** One school's installation code, rooms, devices and agents. */
export function SchoolAdmin({
  schools,
  schoolId,
  choose,
}: {
  schools: OverviewSchool[];
  schoolId: string;
  choose(id: string): void;
}) {
  const t = useT();
  return (
    <Paper withBorder p="md">
      <NativeSelect
        label={t('chooseSchool')}
        value={schoolId}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[{ value: '', label: '—' }, ...schools.map((school) => ({ value: school.id, label: school.name }))]}
        maw={420}
      />
      {schoolId !== '' && <OneSchool key={schoolId} id={schoolId} />}
    </Paper>
  );
}

function OneSchool({ id }: { id: string }) {
  const path = `/schools/${encodeURIComponent(id)}`;
  const school = useQuery({ queryKey: ['school', id], queryFn: ({ signal }) => get<School>(path, signal) });
  return (
    <Show query={school}>
      {(data) => (
        <Stack mt="md">
          <EnrolAgent path={path} school={data} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Rooms path={path} school={data} />
            <Assets path={path} school={data} />
          </SimpleGrid>
        </Stack>
      )}
    </Show>
  );
}

function EnrolAgent({ path, school }: { path: string; school: School }) {
  const t = useT();
  const queries = useQueryClient();
  const [before] = useState(() => school.agents.filter((agent) => agent.lastReportAt !== null).length);
  const code = useMutation({ mutationFn: () => post<Enrolment>(`${path}/enrolments`, {}) });
  const revoke = useMutation({
    mutationFn: (agentId: string) => post(`/agents/${encodeURIComponent(agentId)}/revoke`, {}),
    onSuccess: () => queries.invalidateQueries(),
  });
  const reporting = school.agents.filter((agent) => agent.lastReportAt !== null).length;
  return (
    <div>
      <Title order={2} size="h5">
        {t('enrolTitle')}
      </Title>
      <Button mt="xs" onClick={() => code.mutate()} loading={code.isPending}>
        {t('newCode')}
      </Button>
      {code.data && (
        <Stack gap={4} mt="xs">
          <Text size="sm">
            {t('codeIs', { time: `${formatTime(code.data.expiresAt)} ${formatDate(code.data.expiresAt)}` })}
          </Text>
          <Code fz="xl" w="fit-content">
            {code.data.code}
          </Code>
          <Text size="sm">{t('codeCommand')}</Text>
          <Code block>
            {`npm run -s agent -- enroll --config config.json --collector ${location.origin} --code ${code.data.code}\nnpm run -s agent -- run --config config.json`}
          </Code>
          <Text size="sm" c={reporting > before ? 'teal.9' : 'dark'} role="status">
            {reporting > before ? `✓ ${t('codeDone')}` : t('codeWaiting')}
          </Text>
        </Stack>
      )}
      {school.agents.map((agent) => (
        <Group key={agent.id} gap="sm" mt="xs">
          <Text size="sm">
            {agent.hostname} –{' '}
            {t(agent.status === 'revoked' ? 'agentRevoked' : agent.silent ? 'agentSilent' : 'agentActive')}
          </Text>
          {agent.status === 'active' && (
            <Button size="compact-sm" variant="default" onClick={() => revoke.mutate(agent.id)}>
              {t('revoke')}
            </Button>
          )}
        </Group>
      ))}
    </div>
  );
}

function Rooms({ path, school }: { path: string; school: School }) {
  const t = useT();
  const [name, setName] = useState('');
  const [kind, setKind] = useState('it');
  return (
    <div>
      <Title order={2} size="h5">
        {t('rooms')}
      </Title>
      <ul>
        {school.rooms.map((room) => (
          <li key={room.id}>
            <Text size="sm">
              {room.name} ({t(`room_${room.kind}` as Key)})
            </Text>
          </li>
        ))}
      </ul>
      <ActForm act={() => post(`${path}/rooms`, { name, kind })} label={t('add')} done={() => setName('')}>
        <TextInput
          label={t('roomName')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <NativeSelect
          label={t('roomKind')}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={options('room_', ROOM_KINDS, t)}
        />
      </ActForm>
    </div>
  );
}

function Assets({ path, school }: { path: string; school: School }) {
  const t = useT();
  const [name, setName] = useState('');
  const [kind, setKind] = useState('pc');
  const [use, setUse] = useState('');
  const [roomId, setRoomId] = useState('');
  const [target, setTarget] = useState('');
  const act = () =>
    post(`${path}/assets`, { name, kind, use: use || null, roomId: roomId || null, target: target || null });
  const room = (id: string | null) => school.rooms.find((entry) => entry.id === id)?.name ?? t('noRoom');
  return (
    <div>
      <Title order={2} size="h5">
        {t('assets')}
      </Title>
      <Scroll label={t('assets')}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Tbody>
            {school.assets.map((asset) => (
              <Table.Tr key={asset.id}>
                <Table.Td>{asset.name}</Table.Td>
                <Table.Td>{t(`kind_${asset.kind}` as Key)}</Table.Td>
                <Table.Td>{room(asset.roomId)}</Table.Td>
                <Table.Td>
                  <code>{asset.target ?? '—'}</code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      <ActForm
        act={act}
        label={t('add')}
        done={() => {
          setName('');
          setTarget('');
        }}
      >
        <TextInput
          label={t('assetName')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <TextInput label={t('assetTarget')} value={target} onChange={(event) => setTarget(event.currentTarget.value)} />
        <NativeSelect
          label={t('assetKind')}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={options('kind_', ASSET_KINDS, t)}
        />
        <NativeSelect
          label={t('assetUse')}
          value={use}
          onChange={(event) => setUse(event.currentTarget.value)}
          data={[{ value: '', label: t('use_none') }, ...options('use_', USES, t)]}
        />
        <NativeSelect
          label={t('rooms')}
          value={roomId}
          onChange={(event) => setRoomId(event.currentTarget.value)}
          data={[
            { value: '', label: t('noRoom') },
            ...school.rooms.map((entry) => ({ value: entry.id, label: entry.name })),
          ]}
        />
      </ActForm>
    </div>
  );
}
