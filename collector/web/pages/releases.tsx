import { Alert, Anchor, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatNumber } from '../../../shared/vietnamese.ts';
import type { ReleaseOverview } from '../../api/schemas/releases.ts';
import { get, post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { keyOf, useT } from '../messages/messages.tsx';
import { AdminNav } from '../parts/admin-nav.tsx';
import { ActButton, AskButton } from '../parts/ask.tsx';
import { Show } from '../parts/query.tsx';
import { ReleaseUpload } from '../parts/release-upload.tsx';
import { RolloutForm } from '../parts/rollout-form.tsx';
import { Rows } from '../parts/rows.tsx';

/** How often the counts are looked at again, ms: a rollout is watched. */
const REFRESH_MS = 15_000;

/** Versions of the agent: what was uploaded, who shall run which, and how that goes. */
export function Releases() {
  const t = useT();
  const overview = useQuery({
    queryKey: ['releases'],
    queryFn: ({ signal }) => get<ReleaseOverview>('/releases', signal),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('releases')}
      </Title>
      <AdminNav />
      <Show query={overview}>
        {(data) => (
          <>
            {!data.hasKey && <Alert color="orange">{t('releaseNoKey')}</Alert>}
            <OutThere data={data} />
            <Rollouts data={data} />
            <Uploaded data={data} />
          </>
        )}
      </Show>
    </Stack>
  );
}

function OutThere({ data }: { data: ReleaseOverview }) {
  const t = useT();
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        {t('versionsOut')}
      </Title>
      {data.versions.length === 0 && <Text size="sm">{t('versionsNone')}</Text>}
      {data.versions.length > 0 && (
        <Rows
          label={t('versionsOut')}
          columns={[
            { name: t('releaseVersion') },
            { name: t('versionAgents'), num: true },
            { name: t('versionUpgraded'), num: true },
            { name: t('versionWaiting'), num: true },
            { name: t('versionBack'), num: true },
            { name: t('versionFailed'), num: true },
          ]}
          rows={data.versions.map((one) => ({
            key: one.version,
            cells: [one.version, one.agents, one.upgraded, one.waiting, one.wentBack, one.failed],
          }))}
        />
      )}
      {data.troubles.length > 0 && (
        <>
          <Title order={3} size="h6" mt="md" mb="xs">
            {t('troubles')}
          </Title>
          <Rows
            label={t('troubles')}
            columns={[
              { name: t('school') },
              { name: t('reportAgent') },
              { name: t('troubleRuns') },
              { name: t('troubleWanted') },
              { name: t('troubleWhy') },
              { name: t('troubleLast') },
            ]}
            rows={data.troubles.map((one) => ({
              key: one.agentId,
              cells: [
                <Anchor key="school" component={Link} href={`/truong/${one.school.id}`} fz="sm">
                  {one.school.name}
                </Anchor>,
                one.hostname,
                one.runs,
                one.version,
                <Why key="why" state={one.state} why={one.why} />,
                formatWhen(one.lastReportAt),
              ],
            }))}
          />
        </>
      )}
    </Paper>
  );
}

/** In words, with what the agent said. */
function Why({ state, why }: { state: string; why: string }) {
  const t = useT();
  const key = keyOf(`upgrade_${state}_`, why.split(':')[0]!);
  return key ? <span title={why}>{t(key)}</span> : <span className="raw">{why}</span>;
}

function Rollouts({ data }: { data: ReleaseOverview }) {
  const t = useT();
  const whole = data.releases.filter(({ missing }) => missing.length === 0).map(({ version }) => version);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        {t('rollout')}
      </Title>
      {data.rollouts.length === 0 && <Text size="sm">{t('rolloutNone')}</Text>}
      {data.rollouts.length > 0 && (
        <Rows
          label={t('rollout')}
          columns={[
            { name: t('rolloutWhere') },
            { name: t('releaseVersion') },
            { name: t('rolloutShare'), num: true },
            { name: t('releaseState') },
            { name: t('rolloutBy') },
            { name: t('actions') },
          ]}
          rows={data.rollouts.map(({ unitId, unitName, version, sharePercent, running, by, at }) => {
            const where = unitName ?? t('rolloutWhole');
            const change = (to: object) =>
              post('/releases/rollouts', { unitId, version, sharePercent, running, ...to });
            return {
              key: unitId ?? '',
              quiet: !running,
              cells: [
                where,
                version,
                sharePercent,
                t(running ? 'rolloutRunning' : 'rolloutStopped'),
                `${by}, ${formatWhen(at)}`,
                <Group key="acts" gap="xs">
                  {running ? (
                    <AskButton
                      label={t('rolloutStop')}
                      name={where}
                      title={t('rolloutStopTitle')}
                      text={t('rolloutStopAsk', { version })}
                      act={() => change({ running: false })}
                    />
                  ) : (
                    <ActButton label={t('rolloutResume')} name={where} act={() => change({ running: true })} />
                  )}
                  {unitId !== null && (
                    <ActButton label={t('rolloutInherit')} name={where} act={() => change({ version: null })} />
                  )}
                </Group>,
              ],
            };
          })}
        />
      )}
      {whole.length > 0 && <RolloutForm versions={whole} />}
    </Paper>
  );
}

function Uploaded({ data }: { data: ReleaseOverview }) {
  const t = useT();
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        {t('releaseAdd')}
      </Title>
      {data.releases.length === 0 && <Text size="sm">{t('releaseNone')}</Text>}
      {data.releases.length > 0 && (
        <Rows
          label={t('releases')}
          columns={[
            { name: t('releaseVersion') },
            { name: t('releaseNotes') },
            { name: t('releasePlatforms') },
            { name: t('releaseSize'), num: true },
            { name: t('releaseUploaded') },
            { name: t('releaseState') },
          ]}
          rows={data.releases.map((one) => ({
            key: one.version,
            cells: [
              one.version,
              one.notes,
              one.platforms.join(', '),
              `${formatNumber(one.bytes / 1e6)} MB`,
              `${one.uploadedBy}, ${formatWhen(one.uploadedAt)}`,
              one.missing.length === 0 ? t('releaseWhole') : t('releaseMissing', { n: one.missing.length }),
            ],
          }))}
        />
      )}
      {data.hasKey && <ReleaseUpload />}
    </Paper>
  );
}
