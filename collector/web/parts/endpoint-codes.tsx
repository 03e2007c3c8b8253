import { Alert, Button, Code, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { EndpointCode, MadeEndpointCode } from '../../api/schemas/machines.ts';
import { post } from '../api.ts';
import { formatWhen } from '../format.ts';
import { useT } from '../messages/messages.tsx';
import { AskButton } from './ask.tsx';
import { sayFailure } from './query.tsx';
import { Rows } from './rows.tsx';

/** Codes that enrol the PCs of a school: made, shown once, looked after, revoked. */
export function EndpointCodes({ path, codes }: { path: string; codes: readonly EndpointCode[] }) {
  const t = useT();
  const queries = useQueryClient();
  const [maxMachines, setMax] = useState<number | string>(60);
  const [days, setDays] = useState<number | string>(300);
  const make = useMutation({
    mutationFn: () => post<MadeEndpointCode>(`${path}/endpoint-codes`, { maxMachines, days }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['endpoint-codes'] }),
  });
  return (
    <details className="adding">
      <summary>{t('endpointCodes')}</summary>
      <Stack gap="sm" mt="xs">
        <Text size="sm">{t('endpointCodesWhat')}</Text>
        <Group gap="sm" align="end">
          <NumberInput label={t('codeMachines')} value={maxMachines} onChange={setMax} min={1} max={2000} w={130} />
          <NumberInput label={t('codeDays')} value={days} onChange={setDays} min={1} max={366} w={130} />
          <Button loading={make.isPending} onClick={() => make.mutate()}>
            {t('endpointCodeNew')}
          </Button>
        </Group>
        {make.error && <Alert color="red">{sayFailure(make.error, t('timeout'))}</Alert>}
        {make.data && (
          <Stack gap={4}>
            <Text size="sm">{t('endpointCodeIs', { time: formatWhen(make.data.expiresAt) })}</Text>
            <Code block>
              {JSON.stringify({ role: 'endpoint', collector: location.origin, code: make.data.code }, null, 2)}
            </Code>
          </Stack>
        )}
        {codes.length > 0 && (
          <Rows
            label={t('endpointCodes')}
            columns={[
              { name: t('codeMade') },
              { name: t('codeUntil') },
              { name: t('codeUsed'), num: true },
              { name: t('actions') },
            ]}
            rows={codes.map((code) => ({
              key: code.id,
              quiet: code.revokedAt !== null,
              cells: [
                `${formatWhen(code.madeAt)}${code.by === null ? '' : ` · ${code.by}`}`,
                code.revokedAt === null
                  ? formatWhen(code.expiresAt)
                  : t('codeRevoked', { time: formatWhen(code.revokedAt) }),
                `${code.machines}/${code.maxMachines}`,
                code.revokedAt === null && (
                  <AskButton
                    key="revoke"
                    label={t('revoke')}
                    name={formatWhen(code.madeAt)}
                    title={t('codeRevokeTitle')}
                    text={t('codeRevokeAsk')}
                    act={() => post(`/endpoint-codes/${encodeURIComponent(code.id)}/revoke`, {})}
                  />
                ),
              ],
            }))}
          />
        )}
      </Stack>
    </details>
  );
}
