import { Table, Text } from '@mantine/core';
import { formatDate, formatNumber, formatTime } from '../../../shared/vietnamese.ts';
import type { AntivirusStatus, School, WatchedAsset } from '../../api/schemas/school.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';
import { Scroll } from './scroll.tsx';

type Product = NonNullable<AntivirusStatus['products']>[number];
const when = (at: string) => `${formatTime(at)} ${formatDate(at)}`;

interface TableOf {
  rule: string;
  school: School;
  fits(asset: WatchedAsset): boolean;
}

/** Antivirus of the PCs of one use. */
export function AntivirusTable({ rule, school, fits }: TableOf) {
  const t = useT();
  const computers = school.assets.filter((asset) => asset.kind === 'pc' && fits(asset));
  if (computers.length === 0) return null;
  return (
    <Scroll label={`${t('antivirusProduct')} ${rule}`}>
      <Table verticalSpacing={4} fz="sm" mt="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('antivirusPc')}</Table.Th>
            <Table.Th>{t('antivirusProduct')}</Table.Th>
            <Table.Th>{t('antivirusState')}</Table.Th>
            <Table.Th>{t('measuredAt')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {computers.map((asset) => {
            const products = asset.antivirus?.products ?? undefined;
            return (
              <Table.Tr key={asset.id}>
                <Table.Td>{asset.name}</Table.Td>
                <Table.Td>
                  {products === undefined
                    ? t('antivirusUnknown')
                    : products.length === 0
                      ? t('antivirusNone')
                      : products.map((product) => product.name).join(', ')}
                </Table.Td>
                <Table.Td>{products?.map((product) => sayProduct(product, t)).join('; ')}</Table.Td>
                <Table.Td>{asset.antivirus ? when(asset.antivirus.at) : ''}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

const sayProduct = ({ on, upToDate }: Product, t: Translate) =>
  [
    t(on === null ? 'unknown' : on ? 'on' : 'off'),
    ...(upToDate === null ? [] : [t(upToDate ? 'upToDate' : 'outOfDate')]),
  ].join(', ');

export function Incidents({ school }: { school: School }) {
  const t = useT();
  if (school.incidents.length === 0) return <Text size="sm">{t('noIncidents')}</Text>;
  return (
    <Scroll label={t('incidents')}>
      <Table verticalSpacing={4} fz="sm" mt="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Camera</Table.Th>
            <Table.Th>{t('agentState')}</Table.Th>
            <Table.Th>{t('incidentFrom')}</Table.Th>
            <Table.Th>{t('incidentTo')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {school.incidents.map((incident) => {
            const state = keyOf('cam_', incident.state);
            return (
              <Table.Tr key={`${incident.assetId} ${incident.from}`}>
                <Table.Td>{incident.name}</Table.Td>
                <Table.Td>{state ? t(state) : incident.state}</Table.Td>
                <Table.Td>{when(incident.from)}</Table.Td>
                <Table.Td>{incident.to ? when(incident.to) : t('incidentOpen')}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

export function Agents({ school }: { school: School }) {
  const t = useT();
  if (school.agents.length === 0) return <Text size="sm">{t('noAgents')}</Text>;
  return (
    <Scroll label={t('agents')}>
      <Table verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('agentHost')}</Table.Th>
            <Table.Th>{t('agentState')}</Table.Th>
            <Table.Th>{t('measuredAt')}</Table.Th>
            <Table.Th className="num">{t('agentQueue')}</Table.Th>
            <Table.Th className="num">{t('agentAside')}</Table.Th>
            <Table.Th className="num">{t('agentClock')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {school.agents.map((agent) => (
            <Table.Tr key={agent.id}>
              <Table.Td>
                {agent.hostname} ({agent.version})
              </Table.Td>
              <Table.Td>
                {agent.status === 'revoked'
                  ? `✕ ${t('agentRevoked')}`
                  : agent.silent
                    ? `! ${t('agentSilent')}`
                    : `✓ ${t('agentActive')}`}
              </Table.Td>
              <Table.Td>{agent.lastReportAt ? when(agent.lastReportAt) : t('neverReported')}</Table.Td>
              <Table.Td className="num">{agent.queued}</Table.Td>
              <Table.Td className="num">{agent.setAside}</Table.Td>
              <Table.Td className="num">
                {agent.clockOffsetS === null
                  ? ''
                  : `${formatNumber(Math.abs(agent.clockOffsetS) < 0.05 ? 0 : agent.clockOffsetS)} s`}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}
