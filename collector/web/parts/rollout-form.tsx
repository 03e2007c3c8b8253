import { Group, NativeSelect, NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

const FIRST_SHARE = 10;

/** Names a version to a share of the agents of a unit, or of the district. `versions`: those that are complete. */
export function RolloutForm({ versions }: { versions: readonly string[] }) {
  const t = useT();
  const units = useQuery({
    queryKey: ['units'],
    queryFn: ({ signal }) => get<{ id: string; name: string }[]>('/units', signal),
  });
  const [chosen, setVersion] = useState<string | null>(null);
  const [unit, setUnit] = useState('');
  const [share, setShare] = useState<number | string>(FIRST_SHARE);
  const version = chosen ?? versions[0]!;
  const sharePercent = Number(share);
  const isShare = share !== '' && Number.isInteger(sharePercent) && sharePercent >= 0 && sharePercent <= 100;
  return (
    <ActForm
      act={() => post('/releases/rollouts', { unitId: unit || null, version, sharePercent, running: true })}
      label={t('rolloutStart')}
      disabled={!isShare}
    >
      <Group gap="sm" align="start" mt="sm">
        <NativeSelect
          label={t('releaseVersion')}
          value={version}
          onChange={(event) => setVersion(event.currentTarget.value)}
          data={[...versions]}
        />
        <NativeSelect
          label={t('rolloutWhere')}
          value={unit}
          onChange={(event) => setUnit(event.currentTarget.value)}
          data={[
            { value: '', label: t('rolloutWhole') },
            ...(units.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <NumberInput
          label={t('rolloutShare')}
          description={t('rolloutShareHelp')}
          value={share}
          onChange={setShare}
          min={0}
          max={100}
          step={10}
          allowDecimal={false}
        />
      </Group>
    </ActForm>
  );
}
