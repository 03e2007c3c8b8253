import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { MachineView } from '../../api/schemas/machines.ts';
import type { Proposals } from '../../api/schemas/proposals.ts';
import type { Inventory } from '../../api/schemas/school.ts';
import type { Role } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { MachinesPart } from '../parts/machines.tsx';
import { ProposalsPart } from '../parts/proposals.tsx';
import { Show } from '../parts/query.tsx';
import { RoomCards } from '../parts/room-cards.tsx';

/** Rooms of a school with what they should hold and what was met, and the devices that agents found beside them. */
export function InventoryPage({ id, role }: { id: string; role: Role }) {
  const t = useT();
  const path = `/schools/${encodeURIComponent(id)}`;
  const inventory = useQuery({
    queryKey: ['inventory', id],
    queryFn: ({ signal }) => get<Inventory>(`${path}/inventory`, signal),
  });
  const proposals = useQuery({
    queryKey: ['proposals', id],
    queryFn: ({ signal }) => get<Proposals>(`${path}/proposals`, signal),
  });
  const machines = useQuery({
    queryKey: ['machines', id],
    queryFn: ({ signal }) => get<MachineView[]>(`${path}/machines`, signal),
  });
  const links = [
    { href: `/truong/${id}`, text: t('school') },
    { href: `/truong/${id}/cai-dat`, text: t('install') },
    ...(role === 'admin'
      ? [
          { href: `/quan-tri?truong=${id}`, text: t('inventoryEdit') },
          { href: `/nhap-tep/devices?truong=${id}`, text: t('inventoryImport') },
        ]
      : []),
  ];
  return (
    <Show query={inventory}>
      {(own) => (
        <Stack gap="md">
          <Title order={1} size="h2">
            {t('inventoryOf', { name: own.school.name })}
          </Title>
          <Group gap="md">
            {links.map(({ href, text }) => (
              <Anchor key={href} component={Link} href={href} size="sm">
                {text}
              </Anchor>
            ))}
            <Anchor href={`/api/v1${path}/inventory/export`} download size="sm">
              {t('inventoryExport')}
            </Anchor>
          </Group>
          <section aria-label={t('rooms')}>
            <Title order={2} size="h5" mb="xs">
              {t('rooms')}
            </Title>
            <RoomCards inventory={own} path={path} acts={role === 'admin'} />
            <Text size="sm" mt="xs">
              {t('foundSince', { time: formatWhen(own.foundSince) })}
            </Text>
          </section>
          <section aria-label={t('machines')}>
            <Title order={2} size="h5" mb="xs">
              {t('machines')}
            </Title>
            <Show query={machines}>
              {(list) => <MachinesPart path={path} machines={list} inventory={own} acts={role === 'admin'} />}
            </Show>
          </section>
          <section aria-label={t('proposals')}>
            <Title order={2} size="h5" mb="xs">
              {t('proposals')}
            </Title>
            <Show query={proposals}>
              {(found) => <ProposalsPart path={path} found={found} rooms={own.rooms} acts={role === 'admin'} />}
            </Show>
          </section>
        </Stack>
      )}
    </Show>
  );
}
