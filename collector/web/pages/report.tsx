import { Alert, Anchor, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Report as WireReport } from '../../../shared/wire/report.ts';
import type { StoredReport } from '../../api/schemas/school.ts';
import { get } from '../api.ts';
import { formatWhenExact } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';
import { SampleValues } from '../parts/sample-values.tsx';
import { sayProbe, sayReason } from '../words.ts';

/** The end of every chain: the report as the agent signed it. */
export function Report({ id }: { id: string }) {
  const report = useQuery({
    queryKey: ['report', id],
    queryFn: ({ signal }) => get<StoredReport>(`/reports/${encodeURIComponent(id)}`, signal),
    // Signed and stored: it never changes.
    refetchInterval: false,
  });
  return <Show query={report}>{(data) => <Signed report={data} />}</Show>;
}

function Signed({ report }: { report: StoredReport }) {
  const t = useT();
  const samples = (report.payload as WireReport | null)?.samples ?? [];
  const facts: [string, string][] = [
    ['ID', report.id],
    [t('reportAgent'), `${report.hostname} (${report.agentId})`],
    [t('reportCreated'), formatWhenExact(report.createdAt)],
    [t('reportReceived'), formatWhenExact(report.receivedAt)],
    [t('reportDigest'), report.digest],
    [t('reportKey'), report.publicKey.x],
  ];
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          {t('report')}
        </Title>
        <Anchor component={Link} href={`/truong/${report.school.id}`}>
          {t('backToSchool', { name: report.school.name })}
        </Anchor>
      </div>
      <Alert color={report.verified ? 'teal' : 'red'} variant="outline" c="dark">
        {report.verified ? `✓ ${t('verified')}` : `✕ ${t('notVerified')}`}
      </Alert>
      <Paper withBorder p="md">
        <Table className="rows" verticalSpacing={4} fz="sm">
          <Table.Tbody>
            {facts.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td className="raw">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Anchor href={`data:application/jose,${encodeURIComponent(report.jws)}`} download={`${report.id}.jws`} fz="sm">
          {t('reportRaw')}
        </Anchor>
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h5">
          {t('reportSamples')}
        </Title>
        {samples.length === 0 ? (
          <Text size="sm">{t('reportEmpty')}</Text>
        ) : (
          <Rows
            label={t('reportSamples')}
            columns={[
              { name: t('measuredAt') },
              { name: t('probe') },
              { name: t('target') },
              { name: t('result') },
              { name: t('values') },
            ]}
            rows={samples.map((sample) => ({
              key: `${sample.probe} ${sample.target} ${sample.at}`,
              cells: [
                formatWhenExact(sample.at),
                sayProbe(sample.probe, t),
                report.names[sample.target] ?? t('targetUnlisted', { target: sample.target }),
                sample.ok ? `✓ ${t('measuredOk')}` : `✕ ${sayReason(sample.reason, t)}`,
                <SampleValues key="values" sample={sample} />,
              ],
            }))}
          />
        )}
      </Paper>
    </Stack>
  );
}
