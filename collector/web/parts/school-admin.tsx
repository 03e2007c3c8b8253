import { Anchor, Button, NativeSelect, Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { OverviewSchool } from '../../api/schemas/overview.ts';
import type { AssetKind, Inventory, School } from '../../api/schemas/school.ts';
import { get, post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { SchoolForm, type UnitEntry } from './admin-forms.tsx';
import { ActButton, AskButton, DialogButton } from './ask.tsx';
import { CalendarForm } from './calendar-form.tsx';
import { AssetForm, RoomForm } from './inventory-forms.tsx';
import { AssetsTable, changeStatus, RoomsTable } from './inventory-tables.tsx';
import { Show } from './query.tsx';
import { Rows } from './rows.tsx';
import { Unlisted } from './unlisted.tsx';

/** What a probe watches, for the form of a device that it measures already. */
const KIND_OF_PROBE: Readonly<Record<string, AssetKind>> = {
  camera: 'camera',
  printer: 'printer',
  'internet-speed': 'internet',
};

/** One school: its facts and hours, its agents, rooms, devices. */
export function SchoolAdmin({
  schools,
  units,
  schoolId,
  choose,
}: {
  schools: OverviewSchool[];
  units: UnitEntry[];
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
      {schoolId !== '' && <OneSchool key={schoolId} id={schoolId} units={units} />}
    </Paper>
  );
}

function OneSchool({ id, units }: { id: string; units: UnitEntry[] }) {
  const t = useT();
  const path = `/schools/${encodeURIComponent(id)}`;
  const school = useQuery({ queryKey: ['school', id], queryFn: ({ signal }) => get<School>(path, signal) });
  const inventory = useQuery({
    queryKey: ['inventory', id],
    queryFn: ({ signal }) => get<Inventory>(`${path}/inventory`, signal),
  });
  return (
    <Show query={inventory}>
      {(own) => (
        <Stack mt="md" gap="lg">
          <Show query={school}>
            {(data) => (
              <>
                <Unlisted
                  school={data}
                  next={t('unlistedMend')}
                  act={(entry) => <Listing entry={entry} path={path} inventory={own} />}
                />
                <EnrolledAgents school={data} />
              </>
            )}
          </Show>
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
            <Part title={t('schoolFacts')}>
              <SchoolForm units={units} school={own.school} />
            </Part>
            <Part title={t('calendar')}>
              <CalendarForm path={path} calendar={own.calendar} />
            </Part>
          </SimpleGrid>
          <Anchor component={Link} href={`/truong/${encodeURIComponent(id)}/thiet-bi`} size="sm" w="fit-content">
            {t('proposals')} · {t('inventoryImport')} · {t('inventoryExport')}
          </Anchor>
          <Part title={t('rooms')}>
            <RoomsTable path={path} inventory={own} />
            <Adding label={t('addRoom')}>
              <RoomForm path={path} />
            </Adding>
          </Part>
          <Part title={t('assets')}>
            <AssetsTable path={path} inventory={own} />
            <Adding label={t('addAsset')}>
              <AssetForm path={path} rooms={own.rooms} />
            </Adding>
          </Part>
        </Stack>
      )}
    </Show>
  );
}

/** Puts what is measured already into the inventory, or back into it where it was retired. */
function Listing({
  entry,
  path,
  inventory,
}: {
  entry: School['unlisted'][number];
  path: string;
  inventory: Inventory;
}) {
  const t = useT();
  const { target, probe } = entry;
  const retired = inventory.assets.find((asset) => asset.target === target && asset.status === 'retired');
  if (retired)
    return (
      <>
        {t('unlistedRetired', { name: retired.name })}{' '}
        <ActButton label={t('bringBack')} name={retired.name} act={() => changeStatus(retired, 'expected')} />
      </>
    );
  return (
    <DialogButton label={t('unlistedAdd')} name={target} title={t('unlistedAdd')}>
      {(close) => (
        <AssetForm
          path={path}
          rooms={inventory.rooms}
          seen={{ target, kind: KIND_OF_PROBE[probe] ?? 'pc' }}
          done={close}
        />
      )}
    </DialogButton>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h5" mb={4}>
        {title}
      </Title>
      {children}
    </section>
  );
}

/** A form for many entries one after another; it stays open between them. */
function Adding({ label, children }: { label: string; children: ReactNode }) {
  return (
    <details className="adding">
      <summary>{label}</summary>
      {children}
    </details>
  );
}

function EnrolledAgents({ school }: { school: School }) {
  const t = useT();
  return (
    <Part title={t('enrolTitle')}>
      <Button component={Link} href={`/truong/${encodeURIComponent(school.id)}/cai-dat`} mt="xs" mb="xs">
        {t('enrolOpen')}
      </Button>
      {school.agents.length > 0 && (
        <Rows
          label={t('agents')}
          columns={[
            { name: t('agentHost') },
            { name: t('agentState') },
            { name: t('agentLast') },
            { name: t('actions') },
          ]}
          rows={school.agents.map((agent) => ({
            key: agent.id,
            quiet: agent.status === 'revoked',
            cells: [
              agent.hostname,
              t(agent.status === 'revoked' ? 'agentRevoked' : agent.silent ? 'agentSilent' : 'agentActive'),
              agent.lastReportAt ? formatWhen(agent.lastReportAt) : t('neverReported'),
              agent.status === 'active' && (
                <AskButton
                  key="revoke"
                  label={t('revoke')}
                  name={agent.hostname}
                  title={t('revokeTitle')}
                  text={t('revokeAsk', { host: agent.hostname })}
                  act={() => post(`/agents/${encodeURIComponent(agent.id)}/revoke`, {})}
                />
              ),
            ],
          }))}
        />
      )}
    </Part>
  );
}
