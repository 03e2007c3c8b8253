import { Text } from '@mantine/core';
import { formatNumber } from '../../../shared/vietnamese.ts';
import type { School } from '../../api/schemas/school.ts';
import { formatWhen } from '../format.ts';
import { keyOf, useT } from '../messages/messages.tsx';
import { Rows } from './rows.tsx';

export function Incidents({ school }: { school: School }) {
  const t = useT();
  if (school.incidents.length === 0) return <Text size="sm">{t('noIncidents')}</Text>;
  return (
    <Rows
      label={t('incidents')}
      columns={[
        { name: t('kind_camera') },
        { name: t('agentState') },
        { name: t('incidentFrom') },
        { name: t('incidentTo') },
      ]}
      rows={school.incidents.map((incident) => {
        const state = keyOf('cam_', incident.state);
        return {
          key: `${incident.assetId} ${incident.from}`,
          cells: [
            incident.name,
            state ? t(state) : incident.state,
            formatWhen(incident.from),
            incident.to ? formatWhen(incident.to) : t('incidentOpen'),
          ],
        };
      })}
    />
  );
}

export function Agents({ school }: { school: School }) {
  const t = useT();
  if (school.agents.length === 0) return <Text size="sm">{t('noAgents')}</Text>;
  return (
    <Rows
      label={t('agents')}
      columns={[
        { name: t('agentHost') },
        { name: t('agentState') },
        { name: t('agentLast') },
        { name: t('agentQueue'), num: true },
        { name: t('agentAside'), num: true },
        { name: t('agentClock'), num: true },
      ]}
      rows={school.agents.map((agent) => ({
        key: agent.id,
        cells: [
          `${agent.hostname} (${agent.version})`,
          agent.status === 'revoked'
            ? `✕ ${t('agentRevoked')}`
            : agent.silent
              ? `! ${t('agentSilent')}`
              : `✓ ${t('agentActive')}`,
          agent.lastReportAt ? formatWhen(agent.lastReportAt) : t('neverReported'),
          agent.queued,
          agent.setAside,
          agent.clockOffsetS === null
            ? ''
            : `${formatNumber(Math.abs(agent.clockOffsetS) < 0.05 ? 0 : agent.clockOffsetS)} s`,
        ],
      }))}
    />
  );
}
