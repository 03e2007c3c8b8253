import { Anchor, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { MeasuredFinding, PolicyValue } from '../../api/schemas/finding.ts';
import { formatWhenExact } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { type PeriodUnit, sayPolicyName, sayPolicyValue } from '../words.ts';
import { Rows } from './rows.tsx';

/**
 * The chain behind a verdict: causes, policy values, samples, and from each sample the signed report. What is open is
 * held as it was, so that no link moves under the cursor; new data is offered by a button.
 */
export function Why({ finding, unit }: { finding: MeasuredFinding; unit: PeriodUnit }) {
  const t = useT();
  const [held, setHeld] = useState<MeasuredFinding | null>(null);
  const shown = held ?? finding;
  const newer = held !== null && whatItSays(held) !== whatItSays(finding);
  return (
    <details className="no-print" onToggle={(event) => setHeld(event.currentTarget.open ? finding : null)}>
      <summary>{t('why')}</summary>
      <Group gap="xs" mih={30}>
        <Text size="xs">{t('heldAt', { time: formatWhenExact(shown.computedAt) })}</Text>
        {newer && (
          <Button size="compact-xs" variant="light" onClick={() => setHeld(finding)}>
            {t('newData')}
          </Button>
        )}
      </Group>
      {shown.faults.length > 0 && (
        <>
          <Text size="sm" fw={600}>
            {t('faultsTitle')}
          </Text>
          <ul className="plain-list">
            {shown.faults.map((fault) => (
              <li key={`${fault.name} ${fault.why}`}>
                <Text size="sm">
                  {fault.name}: {fault.why}
                </Text>
              </li>
            ))}
          </ul>
        </>
      )}
      {shown.also && shown.also.length > 0 && (
        <>
          <Text size="sm" fw={600}>
            {t('alsoTitle')}
          </Text>
          <ul className="plain-list">
            {shown.also.map((says) => (
              <li key={says}>
                <Text size="sm">{says}</Text>
              </li>
            ))}
          </ul>
        </>
      )}
      <Text size="sm" fw={600}>
        {t('policyTitle')}
      </Text>
      <Rows
        label={`${t('policyTitle')} ${shown.rule}`}
        columns={[{ name: t('policyName') }, { name: t('policyValue') }, { name: t('policyReason') }]}
        rows={shown.policy.map((entry) => ({
          key: entry.name,
          cells: [
            sayPolicyName(entry.name, t),
            <Lines key="value" of={sayPolicyValue(entry.name, entry.value, unit, t)} />,
            <PolicyReason key="reason" entry={entry} />,
          ],
        }))}
      />
      <Text size="sm" fw={600} mt="xs">
        {t('evidenceTitle', { shown: shown.evidence.length, all: shown.samples })}
      </Text>
      {shown.evidence.length === 0 ? (
        <Text size="sm">{t('evidenceNone')}</Text>
      ) : (
        <Rows
          label={`${t('toReport')} ${shown.rule}`}
          columns={[{ name: t('measuredAt') }, { name: t('result') }, { name: t('toReport') }]}
          rows={shown.evidence.map((entry) => ({
            key: String(entry.sampleId),
            cells: [
              formatWhenExact(entry.at),
              entry.says,
              <Anchor key="report" component={Link} href={`/bao-cao/${entry.reportId}`} fz="sm">
                {t('toReport')}
              </Anchor>,
            ],
          }))}
        />
      )}
    </details>
  );
}

/** Judging again what was judged before is no news. */
const whatItSays = ({ state, verdict, samples, evidence }: MeasuredFinding) =>
  JSON.stringify([state, verdict, samples, evidence.map((entry) => entry.sampleId)]);

function PolicyReason({ entry }: { entry: PolicyValue }) {
  const t = useT();
  return (
    <>
      {!entry.isDefault && (
        <b>{t('policyChanged', { default: sayPolicyValue(entry.name, entry.default, 'school-day', t).join('; ') })} </b>
      )}
      {entry.reason}
    </>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  return of.map((line) => <div key={line}>{line}</div>);
}
