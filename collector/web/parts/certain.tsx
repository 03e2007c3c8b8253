import { Text } from '@mantine/core';
import { formatPoints } from '../../../shared/points.ts';
import type { OverviewSchool } from '../../api/schemas/overview.ts';
import { useT } from '../messages/messages.tsx';

/** How many of a standard's points stand whatever is still to be judged; nothing where all of them do. */
export function Certain({ standard }: { standard: OverviewSchool['standard'] }) {
  const t = useT();
  if (standard.least >= standard.points) return null;
  return (
    <Text size="sm" fw={600}>
      {t('certain', { least: formatPoints(standard.least) })}
    </Text>
  );
}
