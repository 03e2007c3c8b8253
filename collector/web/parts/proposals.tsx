import { Alert, Button, Checkbox, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Proposal, Proposals, ProposalsDone } from '../../api/schemas/proposals.ts';
import type { Room, Use } from '../../api/schemas/school.ts';
import { post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from './query.tsx';
import { Rows } from './rows.tsx';

const USES = ['management', 'teaching', 'student'] as const satisfies Use[];

/** What agents found: adopted or ignored, many at once; what was ignored can be taken up again. */
export function ProposalsPart({
  path,
  found,
  rooms,
  acts,
}: {
  path: string;
  found: Proposals;
  rooms: readonly Pick<Room, 'id' | 'name'>[];
  /** Whether the reader decides. */
  acts: boolean;
}) {
  const t = useT();
  const open = found.proposals.filter(({ state }) => state === 'new');
  const ignored = found.proposals.filter(({ state }) => state === 'ignored');
  return (
    <Stack gap="sm">
      {!acts && <Text size="sm">{t('proposalsLook')}</Text>}
      {open.length === 0 && <Text size="sm">{t('proposalsNone')}</Text>}
      <Choosing path={path} list={open} rooms={rooms} acts={acts} label={t('proposalsOpen')} />
      {ignored.length > 0 && (
        <details>
          <summary>{t('ignoredShow', { n: ignored.length })}</summary>
          <Choosing path={path} list={ignored} rooms={rooms} acts={acts} label={t('proposalsIgnored')} isIgnored />
        </details>
      )}
      {found.more > 0 && <Text size="sm">{t('proposalsMore', { n: found.more })}</Text>}
    </Stack>
  );
}

const nameOf = ({ names, snmp, onvif, printer, proposedId }: Proposal): string =>
  names.dns ?? names.mdns ?? names.netbios ?? snmp?.sysName ?? onvif?.name ?? printer ?? proposedId;
const modelOf = ({ vendor, printer, onvif }: Proposal): string =>
  [vendor, printer ?? onvif?.hardware].filter((part) => part).join(' · ') || '–';

function Choosing({
  path,
  list,
  rooms,
  acts,
  label,
  isIgnored = false,
}: {
  path: string;
  list: readonly Proposal[];
  rooms: readonly Pick<Room, 'id' | 'name'>[];
  acts: boolean;
  label: string;
  isIgnored?: boolean;
}) {
  const t = useT();
  const queries = useQueryClient();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [roomId, setRoomId] = useState('');
  const [use, setUse] = useState('');
  // One that somebody else decided on meanwhile is chosen no more.
  const chosen = list.filter(({ key }) => picked.has(key));
  const act = useMutation({
    mutationFn: (verb: 'adopt' | 'ignore' | 'restore') =>
      post<ProposalsDone>(
        `${path}/proposals/${verb}`,
        verb === 'adopt'
          ? chosen.map((one) => ({
              key: one.key,
              kind: one.kind ?? 'other',
              use: use || null,
              roomId: roomId || null,
              name: nameOf(one).slice(0, 200),
            }))
          : { keys: chosen.map(({ key }) => key) },
      ),
    onSuccess: async ({ errors }) => {
      if (errors.length > 0) return;
      setPicked(new Set());
      await queries.invalidateQueries();
    },
  });
  const pick = (key: string, on: boolean) =>
    setPicked((before) => new Set(on ? [...before, key] : [...before].filter((one) => one !== key)));
  const button = (verb: 'adopt' | 'ignore' | 'restore', isMain = false) => (
    <Button
      variant={isMain ? 'filled' : 'default'}
      disabled={chosen.length === 0}
      loading={act.isPending && act.variables === verb}
      onClick={() => act.mutate(verb)}
    >
      {t(verb)}
    </Button>
  );
  const { data } = act;
  const done = data && data.errors.length === 0 && (
    <Text size="sm" role="status">
      {t('proposalsDone', { n: data.done })}
    </Text>
  );
  if (list.length === 0) return done || null;
  return (
    <Stack gap="sm">
      {acts && (
        <Group gap="sm" align="end">
          {!isIgnored && (
            <>
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
                data={[
                  { value: '', label: t('use_none') },
                  ...USES.map((value) => ({ value, label: t(`use_${value}`) })),
                ]}
              />
              {button('adopt', true)}
              {button('ignore')}
            </>
          )}
          {isIgnored && button('restore', true)}
          <Text size="sm">{t('proposalChosen', { n: chosen.length })}</Text>
        </Group>
      )}
      {act.error && <Alert color="red">{sayFailure(act.error, t('timeout'))}</Alert>}
      {data && data.errors.length > 0 && (
        <Alert color="red" title={t('proposalsRefused')}>
          <ul className="plain-list">
            {data.errors.map(({ key, why }) => (
              <li key={key}>
                {list.filter((one) => one.key === key).map(nameOf)[0] ?? key}: {why}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {done}
      {acts && (
        <Checkbox
          label={t('proposalSelectAll', { n: list.length })}
          checked={chosen.length === list.length}
          indeterminate={chosen.length > 0 && chosen.length < list.length}
          onChange={(event) => setPicked(new Set(event.currentTarget.checked ? list.map(({ key }) => key) : []))}
        />
      )}
      <Rows
        label={label}
        columns={[
          ...(acts ? [{ name: t('proposalSelect') }] : []),
          { name: t('assetName') },
          { name: t('assetKind') },
          { name: t('assetAddress') },
          { name: t('assetMac') },
          { name: t('proposalVendor') },
          { name: t('proposalMetLast') },
        ]}
        rows={list.map((one) => ({
          key: one.key,
          cells: [
            ...(acts
              ? [
                  <Checkbox
                    key="pick"
                    aria-label={t('proposalSelectOne', { name: nameOf(one) })}
                    checked={picked.has(one.key)}
                    onChange={(event) => pick(one.key, event.currentTarget.checked)}
                  />,
                ]
              : []),
            nameOf(one),
            t(`kind_${one.kind ?? 'other'}`),
            <code key="address">{one.address}</code>,
            <code key="mac">{one.mac ?? '–'}</code>,
            modelOf(one),
            formatWhen(one.lastAt),
          ],
        }))}
      />
    </Stack>
  );
}
