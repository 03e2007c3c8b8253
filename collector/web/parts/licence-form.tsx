import { Autocomplete, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { LicenceEntry } from '../../api/schemas/licence.ts';
import { post, put } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

type Props = { products: string[]; done?(): void } & (
  | { path: string; entry?: undefined }
  | { path?: undefined; entry: LicenceEntry }
);

/** A new entry of the register at `path`, or the correction of `entry`. */
export function LicenceForm({ path, entry, products, done }: Props) {
  const t = useT();
  const [product, setProduct] = useState(entry?.product ?? '');
  const [seats, setSeats] = useState(String(entry?.seats ?? ''));
  const [validFrom, setFrom] = useState(entry?.validFrom ?? '');
  const [validUntil, setUntil] = useState(entry?.validUntil ?? '');
  const [document, setDocument] = useState(entry?.document ?? '');
  const body = () => ({
    product,
    seats: seats.trim() === '' ? null : Number(seats),
    validFrom,
    validUntil: validUntil === '' ? null : validUntil,
    document,
  });
  return (
    <ActForm
      act={() => (entry ? put(`/licences/${encodeURIComponent(entry.id)}`, body()) : post(path, body()))}
      label={t(entry ? 'save' : 'add')}
      done={() => {
        if (!entry) for (const set of [setProduct, setSeats, setFrom, setUntil, setDocument]) set('');
        done?.();
      }}
    >
      <Autocomplete
        label={t('licenceProduct')}
        description={t('licenceProductHint')}
        value={product}
        onChange={setProduct}
        data={products}
        limit={12}
        maxLength={200}
        required
      />
      <TextInput
        label={t('licenceSeats')}
        description={t('licenceSeatsHint')}
        value={seats}
        onChange={(event) => setSeats(event.currentTarget.value)}
        inputMode="numeric"
        pattern="[1-9][0-9]{0,4}"
      />
      <TextInput
        type="date"
        label={t('licenceFrom')}
        value={validFrom}
        onChange={(event) => setFrom(event.currentTarget.value)}
        required
      />
      <TextInput
        type="date"
        label={t('licenceUntil')}
        description={t('licenceUntilHint')}
        value={validUntil}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      <Textarea
        label={t('licenceDocument')}
        description={t('licenceDocumentHint')}
        value={document}
        onChange={(event) => setDocument(event.currentTarget.value)}
        minLength={3}
        maxLength={1000}
        autosize
        minRows={2}
        required
      />
    </ActForm>
  );
}
