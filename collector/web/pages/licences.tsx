import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { LicenceEntry, Licences } from '../../api/schemas/licence.ts';
import type { Role } from '../../api/schemas/session.ts';
import { get, remove } from '../api.ts';
import { formatWhen } from '../format.ts';
import { type Translate, useT } from '../messages/messages.tsx';
import { AskButton, DialogButton } from '../parts/ask.tsx';
import { LicenceForm } from '../parts/licence-form.tsx';
import { Show } from '../parts/query.tsx';
import { Rows } from '../parts/rows.tsx';

/** A school's register of antivirus licences: read by everybody who sees the school, kept by the district's people. */
export function LicencesPage({ id, role }: { id: string; role: Role }) {
  const t = useT();
  const path = `/schools/${encodeURIComponent(id)}/licences`;
  const licences = useQuery({
    queryKey: ['licences', id],
    queryFn: ({ signal }) => get<Licences>(path, signal),
  });
  const acts = role === 'admin' || role === 'assessor';
  return (
    <Show query={licences}>
      {({ school, entries, products }) => (
        <Stack gap="md">
          <Title order={1} size="h2">
            {t('licencesOf', { name: school.name })}
          </Title>
          <Anchor component={Link} href={`/truong/${id}`} size="sm">
            {t('school')}
          </Anchor>
          <Text size="sm">{t('licencesWhy')}</Text>
          {!acts && <Text size="sm">{t('licencesReadOnly')}</Text>}
          {entries.length === 0 ? (
            <Text size="sm">{t('licencesNone')}</Text>
          ) : (
            <Register entries={entries} products={products} acts={acts} />
          )}
          {acts && (
            <section aria-label={t('licenceNew')}>
              <Title order={2} size="h5" mb="xs">
                {t('licenceNew')}
              </Title>
              <LicenceForm path={path} products={products} />
            </section>
          )}
        </Stack>
      )}
    </Show>
  );
}

const SIGNS = { valid: '✓', future: '…', ended: '✕' } as const;

function Register({ entries, products, acts }: { entries: LicenceEntry[]; products: string[]; acts: boolean }) {
  const t = useT();
  return (
    <Rows
      label={t('licences')}
      columns={[
        { name: t('licenceProduct') },
        { name: t('licenceSeats'), num: true },
        { name: t('licenceState') },
        { name: t('licenceDocument') },
        { name: t('licenceBy') },
        ...(acts ? [{ name: t('actions') }] : []),
      ]}
      rows={entries.map((entry) => ({
        key: entry.id,
        quiet: entry.state === 'ended',
        cells: [
          `${entry.product} (${entry.maker ? t('licenceMaker', { maker: entry.maker }) : t('licenceNoMaker')})`,
          entry.seats ?? t('licenceAll'),
          `${SIGNS[entry.state]} ${t(`licence_${entry.state}`)}: ${sayTime(entry, t)}`,
          entry.document,
          `${entry.by}, ${formatWhen(entry.at)}`,
          ...(acts
            ? [
                <Group key="acts" gap={6}>
                  <DialogButton label={t('edit')} name={entry.product} title={t('licenceEdit')}>
                    {(close) => <LicenceForm entry={entry} products={products} done={close} />}
                  </DialogButton>
                  <AskButton
                    label={t('delete')}
                    name={entry.product}
                    title={t('licenceDelete')}
                    text={t('licenceDeleteAsk', { name: entry.product })}
                    act={() => remove(`/licences/${encodeURIComponent(entry.id)}`)}
                  />
                </Group>,
              ]
            : []),
        ],
      }))}
    />
  );
}

const dayOf = (day: string) => formatDate(`${day}T00:00:00+07:00`);
const sayTime = ({ validFrom, validUntil }: LicenceEntry, t: Translate) =>
  `${dayOf(validFrom)} – ${validUntil === null ? t('licenceForever') : dayOf(validUntil)}`;
