import { Group, Text } from '@mantine/core';
import type { Inventory, ListedAsset } from '../../api/schemas/school.ts';
import { put, remove } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { ActButton, AskButton, DialogButton } from './ask.tsx';
import { AssetForm, RoomForm } from './inventory-forms.tsx';
import { Rows } from './rows.tsx';

/** Rooms of a school; one without devices can be deleted. */
export function RoomsTable({ path, inventory }: { path: string; inventory: Inventory }) {
  const t = useT();
  const { rooms, assets } = inventory;
  if (rooms.length === 0) return <Text size="sm">{t('noRooms')}</Text>;
  return (
    <Rows
      label={`${t('rooms')}: ${inventory.school.name}`}
      columns={[
        { name: t('roomName') },
        { name: t('roomKind') },
        { name: t('assets'), num: true },
        { name: t('actions') },
      ]}
      rows={rooms.map((room) => {
        const inside = assets.filter((asset) => asset.roomId === room.id).length;
        return {
          key: room.id,
          cells: [
            room.name,
            t(`room_${room.kind}`),
            inside,
            <Group key="acts" gap={6}>
              <DialogButton label={t('edit')} name={room.name} title={t('editRoom')}>
                {(close) => <RoomForm path={path} room={room} done={close} />}
              </DialogButton>
              {inside === 0 && (
                <AskButton
                  label={t('delete')}
                  name={room.name}
                  title={t('deleteRoom')}
                  text={t('deleteAsk', { name: room.name })}
                  act={() => remove(`/rooms/${encodeURIComponent(room.id)}`)}
                />
              )}
            </Group>,
          ],
        };
      })}
    />
  );
}

/** Every device of a school, retired ones last. */
export function AssetsTable({ path, inventory }: { path: string; inventory: Inventory }) {
  const t = useT();
  const { rooms, assets } = inventory;
  if (assets.length === 0) return <Text size="sm">{t('noAssets')}</Text>;
  const sorted = [...assets].sort((a, b) => Number(a.status === 'retired') - Number(b.status === 'retired'));
  return (
    <>
      {assets.some((asset) => asset.kind === 'pc' && asset.use === null && asset.status === 'expected') && (
        <Text size="sm">! {t('useMissing')}</Text>
      )}
      <Rows
        label={`${t('assets')}: ${inventory.school.name}`}
        columns={[
          { name: t('assetName') },
          { name: t('assetKind') },
          { name: t('assetUse') },
          { name: t('roomOf') },
          { name: t('assetTarget') },
          { name: t('assetLicence') },
          { name: t('actions') },
        ]}
        rows={sorted.map((asset) => ({
          key: asset.id,
          quiet: asset.status === 'retired',
          cells: [
            asset.status === 'retired' ? `${asset.name} (${t('retired')})` : asset.name,
            t(`kind_${asset.kind}`),
            asset.use ? t(`use_${asset.use}`) : asset.kind === 'pc' ? `! ${t('use_none')}` : '–',
            rooms.find((room) => room.id === asset.roomId)?.name ?? t('noRoom'),
            <code key="target">{asset.target ?? '–'}</code>,
            asset.licence ?? '–',
            <Group key="acts" gap={6}>
              <DialogButton label={t('edit')} name={asset.name} title={t('editAsset')}>
                {(close) => <AssetForm path={path} rooms={rooms} asset={asset} done={close} />}
              </DialogButton>
              {asset.status === 'retired' ? (
                <ActButton label={t('bringBack')} name={asset.name} act={() => changeStatus(asset, 'expected')} />
              ) : (
                <AskButton
                  label={t('retire')}
                  name={asset.name}
                  title={t('retireTitle')}
                  text={t('retireAsk', { name: asset.name })}
                  act={() => changeStatus(asset, 'retired')}
                />
              )}
            </Group>,
          ],
        }))}
      />
    </>
  );
}

/** Which PC with an agent it is, is changed elsewhere. */
export const changeStatus = ({ id, machineId: _, ...asset }: ListedAsset, status: ListedAsset['status']) =>
  put(`/assets/${encodeURIComponent(id)}`, { ...asset, status });
