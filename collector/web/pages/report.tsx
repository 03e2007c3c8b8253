import { Alert, Anchor, Paper, Stack, Table, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { Report as WireReport } from '../../../shared/wire/report.ts';
import type { StoredReport } from '../../api/schemas/school.ts';
import { get } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { Show } from '../parts/query.tsx';
import { Scroll } from '../parts/scroll.tsx';

/** The end of every chain: the report as the agent signed it. */
export function Report({ id }: { id: string }) {
  const report = useQuery({
    queryKey: ['report', id],
    queryFn: ({ signal }) => get<StoredReport>(`/reports/${encodeURIComponent(id)}`, signal),
  });
  return <Show query={report}>{(data) => <Signed report={data} />}</Show>;
}

const when = (at: string) => `${formatTime(at)} ${formatDate(at)}`;

function Signed({ report }: { report: StoredReport }) {
  const t = useT();
  const samples = (report.payload as WireReport | null)?.samples ?? [];
  const facts: [string, string][] = [
    ['ID', report.id],
    [t('reportAgent'), `${report.hostname} (${report.agentId})`],
    [t('reportCreated'), when(report.createdAt)],
    [t('reportReceived'), when(report.receivedAt)],
    [t('reportDigest'), report.digest],
    [t('reportKey'), report.publicKey.x],
  ];
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('report')}
      </Title>
      <Alert color={report.verified ? 'teal' : 'red'} variant="outline" c="dark">
        {report.verified ? `✓ ${t('verified')}` : `✕ ${t('notVerified')}`}
      </Alert>
      <Paper withBorder p="md">
        <Table verticalSpacing={4} fz="sm">
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
        <Scroll label={t('reportSamples')}>
          <Table verticalSpacing={4} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('measuredAt')}</Table.Th>
                <Table.Th>{t('probe')}</Table.Th>
                <Table.Th>{t('target')}</Table.Th>
                <Table.Th>{t('result')}</Table.Th>
                <Table.Th>{t('values')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {samples.map((sample) => (
                <Table.Tr key={`${sample.probe} ${sample.target} ${sample.at}`}>
                  <Table.Td className="num">{when(sample.at)}</Table.Td>
                  <Table.Td>{sample.probe}</Table.Td>
                  <Table.Td>{sample.target}</Table.Td>
                  <Table.Td>{sample.ok ? '✓' : `✕ ${sample.reason}`}</Table.Td>
                  <Table.Td>
                    <pre className="raw">{JSON.stringify(sample.values)}</pre>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
      </Paper>
    </Stack>
  );
}
