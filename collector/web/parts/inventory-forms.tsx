import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AssetKind, ExpectingRoom, ListedAsset, Room, Use } from '../../api/schemas/school.ts';
import { post, put } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActForm } from './act-form.tsx';

const ROOM_KINDS = ['it', 'language', 'classroom', 'office', 'network', 'other'] as const satisfies Room['kind'][];
const ASSET_KINDS = [
  'pc',
  'printer',
  'camera',
  'access-point',
  'gateway',
  'internet',
  'other',
] as const satisfies AssetKind[];
const USES = ['management', 'teaching', 'student'] as const satisfies Use[];

/** A new room of the school at `path`, or with `room` the correction of one. */
export function RoomForm({ path, room, done }: { path: string; room?: ExpectingRoom; done?(): void }) {
  const t = useT();
  const [name, setName] = useState(room?.name ?? '');
  const [kind, setKind] = useState<string>(room?.kind ?? 'it');
  const [pcs, setPcs] = useState(String(room?.expectedPcs ?? ''));
  const [printers, setPrinters] = useState(String(room?.expectedPrinters ?? ''));
  const count = (text: string) => (text.trim() === '' ? null : Number(text));
  const body = () => ({ name, kind, expectedPcs: count(pcs), expectedPrinters: count(printers) });
  return (
    <ActForm
      act={() => (room ? put(`/rooms/${encodeURIComponent(room.id)}`, body()) : post(`${path}/rooms`, body()))}
      label={t(room ? 'save' : 'add')}
      done={() => {
        if (!room) {
          setName('');
          setPcs('');
          setPrinters('');
        }
        done?.();
      }}
    >
      <TextInput label={t('roomName')} value={name} onChange={(event) => setName(event.currentTarget.value)} required />
      <NativeSelect
        label={t('roomKind')}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value)}
        data={ROOM_KINDS.map((value) => ({ value, label: t(`room_${value}`) }))}
      />
      <TextInput
        label={t('expectedPcs')}
        value={pcs}
        onChange={(event) => setPcs(event.currentTarget.value)}
        inputMode="numeric"
        pattern="[0-9]{0,5}"
      />
      <TextInput
        label={t('expectedPrinters')}
        value={printers}
        onChange={(event) => setPrinters(event.currentTarget.value)}
        inputMode="numeric"
        pattern="[0-9]{0,5}"
      />
    </ActForm>
  );
}

/** A new device, or with `asset` the correction of one; `seen` fills in what an agent measures already. */
export function AssetForm({
  path,
  rooms,
  asset,
  seen,
  done,
}: {
  path: string;
  rooms: readonly Room[];
  asset?: ListedAsset;
  seen?: { target: string; kind: AssetKind };
  done?(): void;
}) {
  const t = useT();
  const [name, setName] = useState(asset?.name ?? '');
  const [target, setTarget] = useState(asset?.target ?? seen?.target ?? '');
  const [kind, setKind] = useState<string>(asset?.kind ?? seen?.kind ?? 'pc');
  const [use, setUse] = useState<string>(asset?.use ?? '');
  const [roomId, setRoomId] = useState(asset?.roomId ?? '');
  const [mac, setMac] = useState(asset?.mac ?? '');
  const [address, setAddress] = useState(asset?.address ?? '');
  const [licence, setLicence] = useState(asset?.licence ?? '');
  const body = () => ({
    name,
    kind,
    use: use || null,
    roomId: roomId || null,
    target: target.trim() || null,
    licence: licence.trim() || null,
    mac: mac.trim() || null,
    address: address.trim() || null,
  });
  return (
    <ActForm
      act={() =>
        asset
          ? put(`/assets/${encodeURIComponent(asset.id)}`, { ...body(), status: asset.status })
          : post(`${path}/assets`, body())
      }
      label={t(asset ? 'save' : 'add')}
      done={() => {
        if (!asset) {
          setName('');
          setTarget('');
          setLicence('');
          setMac('');
          setAddress('');
        }
        done?.();
      }}
    >
      <TextInput
        label={t('assetName')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
      />
      <TextInput
        label={t('assetTarget')}
        value={target}
        onChange={(event) => setTarget(event.currentTarget.value)}
        maxLength={128}
      />
      <NativeSelect
        label={t('assetKind')}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value)}
        data={ASSET_KINDS.map((value) => ({ value, label: t(`kind_${value}`) }))}
      />
      <NativeSelect
        label={t('assetUse')}
        description={kind === 'pc' && use === '' ? t('useMissing') : null}
        value={use}
        onChange={(event) => setUse(event.currentTarget.value)}
        data={[{ value: '', label: t('use_none') }, ...USES.map((value) => ({ value, label: t(`use_${value}`) }))]}
      />
      <NativeSelect
        label={t('rooms')}
        value={roomId}
        onChange={(event) => setRoomId(event.currentTarget.value)}
        data={[{ value: '', label: t('noRoom') }, ...rooms.map((entry) => ({ value: entry.id, label: entry.name }))]}
      />
      <TextInput
        label={t('assetMac')}
        value={mac}
        onChange={(event) => setMac(event.currentTarget.value)}
        maxLength={32}
      />
      <TextInput
        label={t('assetAddress')}
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        maxLength={45}
      />
      {kind === 'pc' && (
        <TextInput
          label={t('assetLicence')}
          description={t('assetLicenceHelp')}
          value={licence}
          onChange={(event) => setLicence(event.currentTarget.value)}
          maxLength={200}
        />
      )}
    </ActForm>
  );
}
