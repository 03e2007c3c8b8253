import { Badge, Paper, Stack, Text, Title } from '@mantine/core';
import type { Arrival, Installation, InstallationCode } from '../../api/schemas/installation.ts';
import { post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { type Translate, useT } from '../messages/messages.tsx';
import { sayProbe } from '../words.ts';
import { AskButton } from './ask.tsx';
import type { MadeCode } from './install-card.tsx';
import { Rows } from './rows.tsx';

/** A PC's first report is drawn within the first minute; ten without one say that something is wrong, ms. */
const LATE_MS = 10 * 60_000;

/** Who was installed lately and how far each has come; `made` are the codes of this visit, which somebody waits for. */
export function Arrivals({
  data,
  made,
}: {
  data: Installation;
  made: readonly (MadeCode & { kind: Arrival['kind'] })[];
}) {
  const t = useT();
  const waiting = made.filter(({ id }) => !data.arrivals.some(({ codeId }) => codeId === id));
  return (
    <Paper component="section" withBorder p="md" aria-label={t('arrivals')}>
      <Title order={2} size="h4">
        {t('arrivals')}
      </Title>
      <Text size="sm" mb="xs">
        {t('arrivalsWhat', { time: formatWhen(data.since) })}
      </Text>
      <Stack gap={4} role="status">
        {waiting.map(({ id, kind }) => (
          <Text key={id} size="sm" fw={600}>
            … {t(`arrivalWaiting_${kind}`)}
          </Text>
        ))}
      </Stack>
      {data.arrivals.length === 0 && waiting.length === 0 && <Text size="sm">{t('arrivalsNone')}</Text>}
      {data.arrivals.length > 0 && (
        <Rows
          label={t('arrivalsList')}
          columns={[
            { name: t('machineHost') },
            { name: t('arrivalState') },
            { name: t('arrivalMeasured') },
            { name: t('arrivalKind') },
            { name: t('arrivalEnrolled') },
          ]}
          rows={data.arrivals.map((arrival) => ({
            key: arrival.agentId,
            cells: [
              arrival.hostname,
              <State key="state" arrival={arrival} />,
              sayMeasured(arrival, t),
              t(`arrivalKind_${arrival.kind}`),
              formatWhen(arrival.enrolledAt),
            ],
          }))}
        />
      )}
    </Paper>
  );
}

function State({ arrival: { firstReportAt, enrolledAt, cloneOf } }: { arrival: Arrival }) {
  const t = useT();
  const isLate = firstReportAt === null && Date.now() - Date.parse(enrolledAt) > LATE_MS;
  return (
    <>
      <Badge
        className="note"
        radius="sm"
        tt="none"
        h="auto"
        variant={firstReportAt === null ? 'outline' : 'filled'}
        color={firstReportAt !== null ? 'teal.9' : isLate ? 'red.9' : 'gray.8'}
        styles={{ label: { whiteSpace: 'normal' } }}
      >
        {firstReportAt !== null
          ? `✓ ${t('arrivalReported', { time: formatWhen(firstReportAt) })}`
          : t(isLate ? 'arrivalLate' : 'arrivalSilent')}
      </Badge>
      {cloneOf !== null && <Text size="sm">! {t('arrivalClone', { host: cloneOf })}</Text>}
    </>
  );
}

const sayMeasured = ({ firstMeasured }: Arrival, t: Translate): string =>
  firstMeasured.map(({ probe, ok, samples }) => `${sayProbe(probe, t)} ${ok}/${samples}`).join(' · ') || '–';

/** The codes of the last days: how far each is used, and what was refused. */
export function Codes({ codes, acts }: { codes: readonly InstallationCode[]; acts: boolean }) {
  const t = useT();
  return (
    <Paper component="section" withBorder p="md" aria-label={t('installCodes')}>
      <Title order={2} size="h4" mb="xs">
        {t('installCodes')}
      </Title>
      {codes.length === 0 && <Text size="sm">{t('installCodesNone')}</Text>}
      {codes.length > 0 && (
        <Rows
          label={t('installCodesList')}
          columns={[
            { name: t('codeMade') },
            { name: t('arrivalKind') },
            { name: t('codeUntil') },
            { name: t('codeUsed'), num: true },
            { name: t('codeNotes') },
            ...(acts ? [{ name: t('actions') }] : []),
          ]}
          rows={codes.map((code) => ({
            key: code.id,
            quiet: stateOf(code) !== 'open',
            cells: [
              `${formatWhen(code.madeAt)}${code.by === null ? '' : ` · ${code.by}`}`,
              t(`codeKind_${code.kind}`),
              code.revokedAt === null
                ? formatWhen(code.expiresAt)
                : t('codeRevoked', { time: formatWhen(code.revokedAt) }),
              `${code.machines}/${code.maxMachines}`,
              sayNotes(code, t),
              ...(acts
                ? [
                    code.kind === 'endpoint' && code.revokedAt === null && (
                      <AskButton
                        key="revoke"
                        label={t('revoke')}
                        name={formatWhen(code.madeAt)}
                        title={t('codeRevokeTitle')}
                        text={t('codeRevokeAsk')}
                        act={() => post(`/endpoint-codes/${encodeURIComponent(code.id)}/revoke`, {})}
                      />
                    ),
                  ]
                : []),
            ],
          }))}
        />
      )}
    </Paper>
  );
}

function stateOf({ revokedAt, expiresAt, machines, maxMachines }: InstallationCode) {
  if (revokedAt !== null) return 'revoked';
  if (Date.parse(expiresAt) < Date.now()) return 'lapsed';
  return machines >= maxMachines ? 'full' : 'open';
}

function sayNotes(code: InstallationCode, t: Translate): string {
  const { refused, refusedAt } = code;
  const state = stateOf(code);
  if (refusedAt === null) return state === 'full' ? t('codeFull') : state === 'lapsed' ? t('codeLapsed') : '–';
  const said = { n: refused, time: formatWhen(refusedAt) };
  const key = {
    full: 'codeRefusedUsed',
    lapsed: 'codeRefusedLapsed',
    revoked: 'codeRefusals',
    open: 'codeRefusedKind',
  };
  return `! ${t(key[state] as 'codeRefusals', said)}`;
}
