import { Alert, Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { formatPoints } from '../../../shared/points.ts';
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { School } from '../../api/schemas/school.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { Agents, AntivirusTable, Incidents } from '../parts/school-tables.tsx';
import { StateBadge } from '../parts/state.tsx';
import { DeviceStrip } from '../parts/strip.tsx';
import { Why } from '../parts/why.tsx';

const SpeedChart = lazy(() => import('../parts/speed-chart.tsx'));
type Finding = School['findings'][number];

export function SchoolPage({ id }: { id: string }) {
  const school = useQuery({
    queryKey: ['school', id],
    queryFn: ({ signal }) => get<School>(`/schools/${encodeURIComponent(id)}`, signal),
    placeholderData: keepPreviousData,
  });
  return <Show query={school}>{(data) => <Bands school={data} />}</Show>;
}

function Bands({ school }: { school: School }) {
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
          {standard.undecided > 0 && <Text size="sm">{t('provisional', { n: standard.undecided })}</Text>}
          <Anchor component={Link} href={`/truong/${school.id}/phieu`}>
            {t('sheet')}
          </Anchor>
        </div>
      </Group>
      {school.practice && (
        <Alert color="gray" variant="outline" c="dark">
          {t('practiceNotice', { window: t('windowMinutes', { n: String(periods) }) })}
        </Alert>
      )}
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
        <Band key={finding.rule} finding={finding} school={school} />
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

function Band({ finding, school }: { finding: Finding; school: School }) {
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
      <Proof rule={finding.rule} school={school} />
      {finding.missing.length > 0 && (
        <>
          <Text size="sm" fw={600} mt="xs">
            {t('missingTitle')}
          </Text>
          <ul style={{ margin: '2px 0 0', paddingLeft: 20 }}>
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
              time: `${formatTime(finding.computedAt)} ${formatDate(finding.computedAt)}`,
              since: `${formatTime(finding.since)} ${formatDate(finding.since)}`,
            })}
          </Text>
          <Why finding={finding} />
        </>
      )}
    </section>
  );
}

/** The picture that proves a rule's verdict. */
function Proof({ rule, school }: { rule: string; school: School }) {
  if (rule === 'III.2.2.a')
    return (
      <Suspense>
        <SpeedChart speed={school.speed} minutes={school.window.unit === 'minute'} />
      </Suspense>
    );
  if (rule === 'III.1.1.c') return <Strips school={school} fits={(asset) => asset.kind !== 'internet'} />;
  if (rule === 'III.2.1.a') {
    const rooms = new Set(school.rooms.filter((room) => ['it', 'language'].includes(room.kind)).map((room) => room.id));
    return (
      <Strips
        school={school}
        fits={(asset) => ['pc', 'printer'].includes(asset.kind) && asset.roomId !== null && rooms.has(asset.roomId)}
      />
    );
  }
  if (rule === 'III.2.2.b') return <Strips school={school} fits={(asset) => asset.kind === 'access-point'} />;
  if (rule === 'III.3.2.a') return <Strips school={school} fits={(asset) => asset.kind === 'camera'} />;
  if (rule === 'III.3.2.b') return <Incidents school={school} />;
  if (rule === 'III.3.1.a')
    return (
      <AntivirusTable
        rule={rule}
        school={school}
        fits={(asset) => asset.use === 'management' || asset.use === 'teaching'}
      />
    );
  if (rule === 'III.3.1.b')
    return <AntivirusTable rule={rule} school={school} fits={(asset) => asset.use === 'student'} />;
  return null;
}

function Strips({ school, fits }: { school: School; fits(asset: School['assets'][number]): boolean }) {
  const t = useT();
  const rooms = [...school.rooms, { id: null, name: t('noRoom') }];
  return rooms.map((room) => {
    const assets = school.assets.filter((asset) => asset.roomId === room.id && fits(asset));
    if (assets.length === 0) return null;
    return (
      <div key={room.id ?? ''}>
        <Text size="sm" fw={600} mt="xs">
          {room.name}
        </Text>
        {assets.map((asset) => (
          <DeviceStrip key={asset.id} asset={asset} from={school.window.from} to={school.window.to} />
        ))}
      </div>
    );
  });
}
