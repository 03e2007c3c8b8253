import { Alert, Badge, Button, Checkbox, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MachineView } from '../../api/schemas/machines.ts';
import type { ProposalsDone } from '../../api/schemas/proposals.ts';
import type { Inventory, Use } from '../../api/schemas/school.ts';
import { post, put } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { ActButton, DialogButton } from './ask.tsx';
import { sayFailure } from './query.tsx';
import { Rows } from './rows.tsx';

const USES = ['management', 'teaching', 'student'] as const satisfies Use[];
/** More in a day is no coincidence of a restart: two PCs pass for one. */
const CONTESTED = 3;

/** The PCs that run an agent of their own: which device each is, and what its identity went through. */
export function MachinesPart({
  path,
  machines,
  inventory,
  acts,
}: {
  path: string;
  machines: readonly MachineView[];
  inventory: Inventory;
  /** Whether the reader decides. */
  acts: boolean;
}) {
  const t = useT();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const open = machines.filter(({ asset }) => asset === null);
  const chosen = open.filter(({ id }) => picked.has(id));
  const pick = (id: string, on: boolean) =>
    setPicked((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)));
  if (machines.length === 0) return <Text size="sm">{t('machinesNone')}</Text>;
  return (
    <Stack gap="sm">
      <Text size="sm">{t('machinesCount', { n: machines.length, open: open.length })}</Text>
      {acts && open.length > 0 && (
        <Adopting path={path} chosen={chosen} rooms={inventory.rooms} done={() => setPicked(new Set())} />
      )}
      {acts && open.length > 0 && (
        <Checkbox
          label={t('machineSelectAll', { n: open.length })}
          checked={chosen.length === open.length}
          indeterminate={chosen.length > 0 && chosen.length < open.length}
          onChange={(event) => setPicked(new Set(event.currentTarget.checked ? open.map(({ id }) => id) : []))}
        />
      )}
      <Rows
        label={t('machines')}
        columns={[
          { name: t('machineHost') },
          { name: t('machineId') },
          { name: t('machineAsset') },
          { name: t('machineLast') },
          { name: t('machineNotes') },
          ...(acts ? [{ name: t('actions') }] : []),
        ]}
        rows={machines.map((machine) => ({
          key: machine.id,
          quiet: machine.status === 'revoked',
          cells: [
            acts && machine.asset === null ? (
              <Checkbox
                key="pick"
                label={machine.hostname}
                checked={picked.has(machine.id)}
                onChange={(event) => pick(machine.id, event.currentTarget.checked)}
              />
            ) : (
              machine.hostname
            ),
            <code key="id">{machine.id}</code>,
            machine.asset ? `${machine.asset.name} (${t(`linkedBy_${machine.asset.by}`)})` : '–',
            machine.lastReportAt ? formatWhen(machine.lastReportAt) : t('neverReported'),
            <Notes key="notes" machine={machine} />,
            ...(acts ? [<Acts key="acts" machine={machine} inventory={inventory} />] : []),
          ],
        }))}
      />
    </Stack>
  );
}

function Notes({ machine }: { machine: MachineView }) {
  const t = useT();
  const { asset, cloneOf, enrolments, contested, status } = machine;
  const notes = [
    ...(asset === null ? [t('machineUnlinked')] : []),
    ...(cloneOf ? [t('machineCloneOf', { name: cloneOf.hostname, id: cloneOf.id })] : []),
    ...(enrolments > 1 ? [t('machineAgain', { n: enrolments - 1 })] : []),
    ...(contested > CONTESTED ? [t('machineTwo', { n: contested })] : []),
    ...(contested > 0 && contested <= CONTESTED ? [t('machineContested', { n: contested })] : []),
    ...(status === 'revoked' ? [t('agentRevoked')] : []),
  ];
  if (notes.length === 0) return '–';
  return (
    <Group gap={4}>
      {notes.map((note) => (
        <Badge
          key={note}
          size="sm"
          variant="outline"
          color="gray.8"
          radius="sm"
          tt="none"
          h="auto"
          // A note is a sentence, and a phone is narrow.
          styles={{ label: { whiteSpace: 'normal' } }}
        >
          {note}
        </Badge>
      ))}
    </Group>
  );
}

function Acts({ machine, inventory }: { machine: MachineView; inventory: Inventory }) {
  const t = useT();
  const say = (assetId: string | null) => put(`/machines/${encodeURIComponent(machine.id)}/asset`, { assetId });
  if (machine.asset) return <ActButton label={t('machineUnlink')} name={machine.hostname} act={() => say(null)} />;
  const free = inventory.assets.filter(
    ({ kind, status, machineId }) => kind === 'pc' && status === 'expected' && machineId === null,
  );
  return (
    <DialogButton
      label={t('machineLink')}
      name={machine.hostname}
      title={t('machineLinkTitle', { name: machine.hostname })}
    >
      {(close) => <Linking free={free} say={say} close={close} />}
    </DialogButton>
  );
}

function Linking({
  free,
  say,
  close,
}: {
  free: readonly { id: string; name: string }[];
  say(assetId: string): Promise<unknown>;
  close(): void;
}) {
  const t = useT();
  const queries = useQueryClient();
  const [assetId, setAssetId] = useState('');
  const act = useMutation({
    mutationFn: () => say(assetId),
    onSuccess: async () => {
      await queries.invalidateQueries();
      close();
    },
  });
  if (free.length === 0) return <Text>{t('machineNoFree')}</Text>;
  return (
    <Stack gap="sm">
      {act.error && <Alert color="red">{sayFailure(act.error, t('timeout'))}</Alert>}
      <NativeSelect
        label={t('machineAsset')}
        value={assetId}
        onChange={(event) => setAssetId(event.currentTarget.value)}
        data={[{ value: '', label: '—' }, ...free.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <Button w="fit-content" disabled={assetId === ''} loading={act.isPending} onClick={() => act.mutate()}>
        {t('machineLink')}
      </Button>
    </Stack>
  );
}

function Adopting({
  path,
  chosen,
  rooms,
  done,
}: {
  path: string;
  chosen: readonly MachineView[];
  rooms: readonly { id: string; name: string }[];
  done(): void;
}) {
  const t = useT();
  const queries = useQueryClient();
  const [roomId, setRoomId] = useState('');
  const [use, setUse] = useState('');
  const act = useMutation({
    mutationFn: () =>
      post<ProposalsDone>(
        `${path}/machines/adopt`,
        chosen.map(({ id, hostname }) => ({ machineId: id, use: use || null, roomId: roomId || null, name: hostname })),
      ),
    onSuccess: async ({ errors }) => {
      if (errors.length > 0) return;
      done();
      await queries.invalidateQueries();
    },
  });
  const refused = act.data?.errors ?? [];
  return (
    <>
      <Group gap="sm" align="end">
        <NativeSelect
          label={t('roomOf')}
          value={roomId}
          onChange={(event) => setRoomId(event.currentTarget.value)}
          data={[{ value: '', label: t('noRoom') }, ...rooms.map(({ id, name }) => ({ value: id, label: name }))]}
        />
        <NativeSelect
          label={t('assetUse')}
          value={use}
          onChange={(event) => setUse(event.currentTarget.value)}
          data={[{ value: '', label: t('use_none') }, ...USES.map((value) => ({ value, label: t(`use_${value}`) }))]}
        />
        <Button disabled={chosen.length === 0} loading={act.isPending} onClick={() => act.mutate()}>
          {t('machineAdopt')}
        </Button>
        <Text size="sm">{t('proposalChosen', { n: chosen.length })}</Text>
      </Group>
      {act.error && <Alert color="red">{sayFailure(act.error, t('timeout'))}</Alert>}
      {refused.length > 0 && (
        <Alert color="red" title={t('proposalsRefused')}>
          <ul className="plain-list">
            {refused.map(({ key, why }) => (
              <li key={key}>
                {chosen.find(({ id }) => id === key)?.hostname ?? key}: {why}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </>
  );
}
