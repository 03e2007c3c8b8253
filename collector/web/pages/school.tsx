import { Alert, Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import type { Inventory, School } from '../../api/schemas/school.ts';
import type { Role } from '../../api/schemas/session.ts';
import { get } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { AntivirusList } from '../parts/antivirus-list.tsx';
import { Boundary } from '../parts/boundary.tsx';
import { Certain } from '../parts/certain.tsx';
import { HoursOfUse } from '../parts/hours-of-use.tsx';
import { Show } from '../parts/query.tsx';
import { Agents, Incidents } from '../parts/school-tables.tsx';
import { StateBadge } from '../parts/state.tsx';
import { DeviceStrip, StripLegend, TimeAxis } from '../parts/strip.tsx';
import { type Timeline, timelineOf } from '../parts/timeline.ts';
import { Unlisted } from '../parts/unlisted.tsx';
import { Why } from '../parts/why.tsx';

const InternetProof = lazy(() => import('../parts/internet-proof.tsx'));
type Finding = School['findings'][number];
const LINKS = [
  { to: 'phieu', text: 'sheet' },
  { to: 'thiet-bi', text: 'inventory' },
  { to: 'ban-quyen', text: 'licences' },
  { to: 'cai-dat', text: 'install' },
] as const;

export function SchoolPage({ id, role }: { id: string; role: Role }) {
  const school = useQuery({
    queryKey: ['school', id],
    queryFn: ({ signal }) => get<School>(`/schools/${encodeURIComponent(id)}`, signal),
    placeholderData: keepPreviousData,
  });
  // Its hours draw the time axis; until they are here the usual ones do.
  const inventory = useQuery({
    queryKey: ['inventory', id],
    queryFn: ({ signal }) => get<Inventory>(`/schools/${encodeURIComponent(id)}/inventory`, signal),
  });
  return (
    <Show query={school}>
      {(data) => <Bands school={data} timeline={timelineOf(data, inventory.data?.calendar)} role={role} />}
    </Show>
  );
}

function Bands({ school, timeline, role }: { school: School; timeline: Timeline; role: Role }) {
  const t = useT();
  const { standard } = school;
  const costly = school.findings.filter((finding) => finding.costs > 0);
  const periods = school.policy.find((entry) => entry.name === 'windowPeriods')?.value;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="start">
        <div>
          <Title order={1} size="h2">
            {school.name}
          </Title>
          <Group gap="xs">
            <Text size="sm">
              {school.unit.name} · {school.code} · {school.levels.map((level) => t(level)).join(', ')}
            </Text>
            {school.practice && (
              <Badge variant="outline" color="gray.8" radius="sm">
                {t('practiceLong')}
              </Badge>
            )}
          </Group>
        </div>
        <div className="num">
          <Text size="xl" fw={700}>
            {t('standard3')}: {t('points', { points: formatPoints(standard.points), max: formatPoints(standard.max) })}
          </Text>
          <Certain standard={standard} />
          {standard.undecided > 0 && <Text size="sm">{t('provisional', { n: standard.undecided })}</Text>}
          <Group gap="md" justify="end">
            {LINKS.map(({ to, text }) => (
              <Anchor key={to} component={Link} href={`/truong/${school.id}/${to}`}>
                {t(text)}
              </Anchor>
            ))}
          </Group>
        </div>
      </Group>
      {school.practice && (
        <Alert color="gray" variant="outline" c="dark">
          {t('practiceNotice', { window: t('windowMinutes', { n: String(periods) }) })}
        </Alert>
      )}
      <Unlisted
        school={school}
        next={
          role === 'admin' ? (
            <Anchor component={Link} href={`/quan-tri?truong=${school.id}`} size="sm" c="blue.9" underline="always">
              {t('unlistedNext')}
            </Anchor>
          ) : (
            t('unlistedNextOther')
          )
        }
      />
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb={4}>
          {t('openFaults')}
        </Title>
        {costly.length === 0 ? (
          <Text size="sm">{t('noFaults')}</Text>
        ) : (
          costly.map((finding) => (
            <Group key={finding.rule} justify="space-between" wrap="nowrap" gap="md">
              <Text size="sm">{finding.verdict}</Text>
              <Text size="sm" fw={600} className="num">
                −{formatPoints(finding.costs)}
              </Text>
            </Group>
          ))
        )}
      </Paper>
      {school.findings.map((finding) => (
        <Band key={finding.rule} finding={finding} school={school} timeline={timeline} />
      ))}
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb="xs">
          {t('agents')}
        </Title>
        <Agents school={school} />
      </Paper>
    </Stack>
  );
}

function Band({ finding, school, timeline }: { finding: Finding; school: School; timeline: Timeline }) {
  const t = useT();
  const { state } = finding;
  return (
    <section className={`band band-${state}`} aria-label={finding.rule}>
      <Group justify="space-between" align="start">
        <Group gap="sm">
          <Title order={2} size="h5">
            {finding.rule}
          </Title>
          <StateBadge state={state} borderline={finding.borderline} />
        </Group>
        <Text size="sm" className="num" fw={finding.costs > 0 ? 700 : 400}>
          {finding.costs > 0 ? t('costs', { points: formatPoints(finding.costs) }) : t('costsNothing')}
        </Text>
      </Group>
      <Text size="sm" mt={4}>
        {finding.text}
      </Text>
      <Text mt={6}>{finding.verdict}</Text>
      <Proof finding={finding} school={school} timeline={timeline} />
      {finding.missing.length > 0 && (
        <>
          <Text size="sm" fw={600} mt="xs">
            {t('missingTitle')}
          </Text>
          <ul className="plain-list">
            {finding.missing.map((entry) => (
              <li key={entry.name}>
                <Text size="sm">
                  {entry.name}: {entry.why}
                </Text>
              </li>
            ))}
          </ul>
        </>
      )}
      {state !== 'manual' && (
        <>
          <Text size="xs" mt="xs">
            {t('judgedAt', {
              time: formatWhen(finding.computedAt),
              since: formatWhen(finding.since),
            })}
          </Text>
          <Why finding={finding} unit={school.window.unit} />
        </>
      )}
    </section>
  );
}

/** The picture that proves a rule's verdict. */
function Proof({ finding, school, timeline }: { finding: Finding; school: School; timeline: Timeline }) {
  const { rule } = finding;
  const strips = (fits: (asset: School['assets'][number]) => boolean) => (
    <Strips school={school} timeline={timeline} fits={fits} />
  );
  if (rule === 'III.2.2.a')
    return (
      <Boundary part>
        <Suspense>
          <InternetProof speed={school.speed} timeline={timeline} />
        </Suspense>
      </Boundary>
    );
  if (rule === 'III.1.1.c')
    return (
      <>
        {strips((asset) => asset.kind !== 'internet')}
        <HoursOfUse use={school.use} />
      </>
    );
  if (rule === 'III.2.1.a') {
    const rooms = new Set(school.rooms.filter((room) => ['it', 'language'].includes(room.kind)).map((room) => room.id));
    return strips(
      (asset) => ['pc', 'printer'].includes(asset.kind) && asset.roomId !== null && rooms.has(asset.roomId),
    );
  }
  if (rule === 'III.2.2.b') return strips((asset) => asset.kind === 'access-point');
  if (rule === 'III.3.2.a') return strips((asset) => asset.kind === 'camera');
  if (rule === 'III.3.2.b') return <Incidents school={school} />;
  if (rule === 'III.3.1.a')
    return <AntivirusList finding={finding} school={school} fits={(asset) => asset.use !== 'student'} />;
  if (rule === 'III.3.1.b')
    return (
      <AntivirusList
        finding={finding}
        school={school}
        fits={(asset) => asset.use === 'student' || asset.use === null}
      />
    );
  return null;
}

function Strips({
  school,
  timeline,
  fits,
}: {
  school: School;
  timeline: Timeline;
  fits(asset: School['assets'][number]): boolean;
}) {
  const assets = school.assets.filter(fits);
  const t = useT();
  if (assets.length === 0) return null;
  const rooms = [...school.rooms, { id: null, name: t('noRoom') }];
  return (
    <>
      <StripLegend />
      {rooms.map((room) => {
        const own = assets.filter((asset) => asset.roomId === room.id);
        if (own.length === 0) return null;
        return (
          <div key={room.id ?? ''}>
            <Text size="sm" fw={600} mt="xs">
              {room.name}
            </Text>
            <TimeAxis timeline={timeline} />
            {own.map((asset) => (
              <DeviceStrip key={asset.id} asset={asset} timeline={timeline} />
            ))}
          </div>
        );
      })}
    </>
  );
}
