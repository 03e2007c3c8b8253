import { Alert, Anchor, Button, Group, NumberInput, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatNumber } from '../../../shared/vietnamese.ts';
import type { Download, Installation } from '../../api/schemas/installation.ts';
import type { MadeEndpointCode } from '../../api/schemas/machines.ts';
import type { Enrolment } from '../../api/schemas/school.ts';
import { post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { Copyable } from './copy.tsx';
import { EndPicture, FormPicture, WarningPicture } from './install-pictures.tsx';
import { sayFailure } from './query.tsx';

/** One of the two things to install: its code, its address, its installers, the three steps, the commands. */

const PCS_PER_SCHOOL = 60;
/** A school year. */
const DAYS = 300;
/** Stands where no code was made: for who reads along, and before the first click. */
const NO_CODE = 'XXXX-XXXX-XXXX';

export interface MadeCode {
  id: string;
  code: string;
  expiresAt: string;
  /** 1 for the agent of the school. */
  machines: number;
}

interface CardProps {
  kind: 'site' | 'endpoint';
  path: string;
  data: Installation;
  /** Whether the reader makes codes. */
  acts: boolean;
  made: MadeCode | undefined;
  onMade(made: MadeCode): void;
}

export function InstallCard({ kind, path, data, acts, made, onMade }: CardProps) {
  const t = useT();
  const isSite = kind === 'site';
  const { relay } = data;
  const throughRelay = !isSite && relay !== null;
  const address = throughRelay ? `http://${relay.hostname}:${relay.port}` : location.origin;
  const code = made?.code ?? NO_CODE;
  return (
    <Paper component="section" withBorder p="md" aria-label={t(isSite ? 'installSite' : 'installPcs')}>
      <Stack gap="sm">
        <div>
          <Title order={2} size="h4">
            {t(isSite ? 'installSite' : 'installPcs')}
          </Title>
          <Text size="sm">{t(isSite ? 'installSiteWhat' : 'installPcsWhat')}</Text>
        </div>
        {acts ? (
          <NewCode kind={kind} path={path} made={made} onMade={onMade} />
        ) : (
          <Text size="sm">{t('installNoCode')}</Text>
        )}
        {made && (
          <div role="status">
            <Copyable label={t('installCode')} text={made.code} large />
            <Text size="sm">
              {t(isSite ? 'installCodeOnce' : 'installCodeMany', {
                time: formatWhen(made.expiresAt),
                n: made.machines,
              })}
            </Text>
          </div>
        )}
        {made && <Waiting code={made} data={data} />}
        <div>
          <Copyable label={t('installAddress')} text={address} />
          {!isSite && (
            <Text size="sm">
              {throughRelay ? t('installAddressRelay', { host: relay.hostname }) : t('installAddressDirect')}
            </Text>
          )}
        </div>
        <Installers downloads={data.downloads} />
        <Steps kind={kind} code={code} address={address} />
        <Commands kind={kind} code={code} address={address} downloads={data.downloads} />
      </Stack>
    </Paper>
  );
}

/** How many the code brought, where the person looks who has just made it; the list below says which. */
function Waiting({ code, data }: { code: MadeCode; data: Installation }) {
  const t = useT();
  const n = data.arrivals.filter(({ codeId, firstReportAt }) => codeId === code.id && firstReportAt !== null).length;
  return (
    <Text size="sm" fw={600} c={n > 0 ? 'teal.9' : 'dark'}>
      {n > 0 ? `✓ ${t('installHeard', { n })}` : `… ${t('installWaiting')}`}
    </Text>
  );
}

function NewCode({ kind, path, made, onMade }: Pick<CardProps, 'kind' | 'path' | 'made' | 'onMade'>) {
  const t = useT();
  const queries = useQueryClient();
  const [machines, setMachines] = useState<number | string>(PCS_PER_SCHOOL);
  const [days, setDays] = useState<number | string>(DAYS);
  const isSite = kind === 'site';
  const make = useMutation({
    mutationFn: async (): Promise<MadeCode> =>
      isSite
        ? { ...(await post<Enrolment>(`${path}/enrolments`, {})), machines: 1 }
        : {
            ...(await post<MadeEndpointCode>(`${path}/endpoint-codes`, { maxMachines: machines, days })),
            machines: Number(machines),
          },
    onSuccess: async (done) => {
      onMade(done);
      await queries.invalidateQueries({ queryKey: ['installation'] });
    },
  });
  return (
    <>
      <Group gap="sm" align="end">
        {!isSite && (
          <>
            <NumberInput label={t('codeMachines')} value={machines} onChange={setMachines} min={1} max={2000} w={120} />
            <NumberInput label={t('codeDays')} value={days} onChange={setDays} min={1} max={366} w={120} />
          </>
        )}
        <Button variant={made ? 'default' : 'filled'} loading={make.isPending} onClick={() => make.mutate()}>
          {t(made ? 'installAnotherCode' : isSite ? 'installNewSiteCode' : 'installNewPcCode')}
        </Button>
      </Group>
      {make.error && <Alert color="red">{sayFailure(make.error, t('timeout'))}</Alert>}
    </>
  );
}

/** The newest of each system. */
const newest = (downloads: readonly Download[]) =>
  (['windows', 'debian-amd64', 'debian-arm64'] as const).flatMap(
    (system) => downloads.find((one) => one.system === system) ?? [],
  );

function Installers({ downloads }: { downloads: readonly Download[] }) {
  const t = useT();
  const files = newest(downloads);
  if (files.length === 0) return <Alert color="orange">{t('installNoDownloads')}</Alert>;
  return (
    <div>
      <Text size="sm" fw={600}>
        {t('installDownload')}
      </Text>
      <Group gap="xs">
        {files.map(({ name, system, version, bytes }) => (
          <Button
            key={name}
            component="a"
            href={`/api/v1/downloads/${name}`}
            download
            size="compact-md"
            variant={system === 'windows' ? 'light' : 'default'}
            c={system === 'windows' ? 'blue.9' : 'dark'}
            className="wraps"
          >
            {t(`installDownloadFor_${system}`, { version, size: formatNumber(bytes / 1e6) })}
          </Button>
        ))}
      </Group>
      <details className="adding">
        <summary>{t('installDigest')}</summary>
        {files.map(({ name, sha256 }) => (
          <Text key={name} size="xs" className="digest">
            <Anchor href={`/api/v1/downloads/${name}`} download size="xs">
              {name}
            </Anchor>
            <br />
            <code>{sha256}</code>
          </Text>
        ))}
      </details>
    </div>
  );
}

function Steps({ kind, code, address }: { kind: 'site' | 'endpoint'; code: string; address: string }) {
  const t = useT();
  return (
    <div>
      <Text size="sm" fw={600}>
        {t('installSteps')}
      </Text>
      <ol className="install-steps">
        <li>
          {t('installStep1')}
          <WarningPicture />
        </li>
        <li>
          {t(`installStep2_${kind}`)}
          <FormPicture kind={kind} code={code} address={address} />
        </li>
        <li>
          {t('installStep3')}
          <EndPicture />
        </li>
      </ol>
    </div>
  );
}

function Commands({
  kind,
  code,
  address,
  downloads,
}: {
  kind: 'site' | 'endpoint';
  code: string;
  address: string;
  downloads: readonly Download[];
}) {
  const t = useT();
  const files = newest(downloads);
  const exe = files.find(({ system }) => system === 'windows')?.name ?? 'thdt-agent-…-windows-x64.exe';
  const deb = files.find(({ system }) => system === 'debian-amd64')?.name ?? 'thdt-agent_…_amd64.deb';
  return (
    <>
      {kind === 'endpoint' && (
        <Copyable label={t('installSilent')} text={`${exe} /S /CODE=${code} /COLLECTOR=${address}`} />
      )}
      <div>
        <Copyable
          label={t('installDebian')}
          text={`sudo apt install ./${deb} && sudo thdt-agent setup --role ${kind} --collector ${address} --code ${code}`}
        />
        <Text size="sm">{t('installDebianFile')}</Text>
      </div>
    </>
  );
}
