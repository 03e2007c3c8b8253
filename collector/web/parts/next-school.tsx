import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { EvaluationDetail } from '../../api/schemas/evaluation.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';

/** How old the answer may be that the next school is chosen by, ms. */
const STALE_MS = 30_000;

/** After a sheet the next one in which these units still have something to decide. */
export function NextSchool({
  evaluationId,
  schoolId,
  units,
}: {
  evaluationId: string;
  schoolId: string;
  units: readonly string[];
}) {
  const t = useT();
  const { data } = useQuery({
    // Its own: a period answers for all its schools, which is too much to ask for after each entry.
    queryKey: ['next-school', evaluationId],
    staleTime: STALE_MS,
    refetchInterval: false,
    queryFn: ({ signal }) => get<EvaluationDetail>(`/evaluations/${encodeURIComponent(evaluationId)}`, signal),
    enabled: units.length > 0,
  });
  if (!data || units.length === 0) return null;
  const left = (row: EvaluationDetail['rows'][number]) =>
    units.reduce((total, unit) => total + (row.progress[unit]?.items ?? 0) - (row.progress[unit]?.decided ?? 0), 0);
  const rows = [...data.rows].sort((a, b) => a.name.localeCompare(b.name, 'vi'));
  const here = rows.findIndex((row) => row.id === schoolId);
  const next = [...rows.slice(here + 1), ...rows.slice(0, Math.max(0, here))].find((row) => left(row) > 0);
  return (
    <Text ta="right" mt="md" className="no-print">
      {next ? (
        <Anchor component={Link} href={`/ky-danh-gia/${evaluationId}/truong/${next.id}`} fw={600}>
          {t('nextSchool', { name: next.name, n: left(next) })} →
        </Anchor>
      ) : (
        t('noNextSchool', { units: units.join(', ') })
      )}
    </Text>
  );
}
