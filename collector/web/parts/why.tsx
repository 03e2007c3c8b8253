import { Anchor, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import { formatDate, formatTime } from '../../../shared/vietnamese.ts';
import type { MeasuredFinding } from '../../api/schemas/finding.ts';
import { useT } from '../messages/messages.tsx';
import { Scroll } from './scroll.tsx';

/** The chain behind a verdict: causes, policy values, samples, and from each sample the signed report. */
export function Why({ finding }: { finding: MeasuredFinding }) {
  const t = useT();
  return (
    <details className="no-print">
      <summary>{t('why')}</summary>
      {finding.faults.length > 0 && (
        <>
          <Text size="sm" fw={600}>
            {t('faultsTitle')}
          </Text>
          <ul style={{ margin: '2px 0 8px', paddingLeft: 20 }}>
            {finding.faults.map((fault) => (
              <li key={`${fault.name} ${fault.why}`}>
                <Text size="sm">
                  {fault.name}: {fault.why}
                </Text>
              </li>
            ))}
          </ul>
        </>
      )}
      <Text size="sm" fw={600}>
        {t('policyTitle')}
      </Text>
      <Scroll label={`${t('policyTitle')} ${finding.rule}`}>
        <Table verticalSpacing={4} fz="sm">
          <Table.Tbody>
            {finding.policy.map((entry) => (
              <Table.Tr key={entry.name}>
                <Table.Td>
                  <code>{entry.name}</code>
                </Table.Td>
                <Table.Td className="num">
                  {typeof entry.value === 'number'
                    ? String(entry.value).replace('.', ',')
                    : JSON.stringify(entry.value)}
                </Table.Td>
                <Table.Td>{entry.reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      <Text size="sm" fw={600} mt="xs">
        {t('evidenceTitle', { shown: finding.evidence.length, all: finding.samples })}
      </Text>
      {finding.evidence.length === 0 ? (
        <Text size="sm">{t('evidenceNone')}</Text>
      ) : (
        <Scroll label={`${t('toReport')} ${finding.rule}`}>
          <Table verticalSpacing={4} fz="sm">
            <Table.Tbody>
              {finding.evidence.map((entry) => (
                <Table.Tr key={entry.sampleId}>
                  <Table.Td className="num">
                    {formatTime(entry.at)} {formatDate(entry.at)}
                  </Table.Td>
                  <Table.Td>{entry.says}</Table.Td>
                  <Table.Td>
                    <Anchor component={Link} href={`/bao-cao/${entry.reportId}`} fz="sm">
                      {t('toReport')}
                    </Anchor>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
      )}
    </details>
  );
}
