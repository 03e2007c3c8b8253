import { Alert, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { School } from '../../api/schemas/school.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { sayProbe } from '../words.ts';

type Entry = School['unlisted'][number];

/** What agents measure under ids that no device bears, with the next step; `act` adds a button to each. */
export function Unlisted({
  school,
  next,
  act = () => null,
}: {
  school: School;
  next: ReactNode;
  act?(entry: Entry): ReactNode;
}) {
  const t = useT();
  if (school.unlisted.length === 0) return null;
  return (
    <Alert color="orange" variant="outline" c="dark" title={t('unlistedTitle')}>
      <ul className="plain-list">
        {school.unlisted.map((entry) => (
          <li key={`${entry.probe} ${entry.target}`}>
            <Text size="sm" span>
              {t('unlisted', { target: entry.target, probe: sayProbe(entry.probe, t) })} ·{' '}
              {t('lastMeasured', { time: formatWhen(entry.lastAt) })}
            </Text>{' '}
            {act(entry)}
          </li>
        ))}
      </ul>
      <Text size="sm">{next}</Text>
    </Alert>
  );
}
