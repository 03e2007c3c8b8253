import { Paper, SimpleGrid, Text, Title } from '@mantine/core';
import type { Inventory } from '../../api/schemas/school.ts';
import { useT } from '../messages/messages.tsx';
import { DialogButton } from './ask.tsx';
import { RoomForm } from './inventory-forms.tsx';

type Room = Inventory['rooms'][number];

/**
 * A card a room: how many computers and printers it should hold, and how many of its devices were met. `acts`: who looks
 * may correct the room.
 */
export function RoomCards({ inventory, path, acts }: { inventory: Inventory; path: string; acts: boolean }) {
  const t = useT();
  if (inventory.rooms.length === 0) return <Text size="sm">{t('roomsEmpty')}</Text>;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, md: 3, lg: 4 }} spacing="sm">
      {inventory.rooms.map((room) => (
        <Card key={room.id} room={room} path={path} acts={acts} />
      ))}
    </SimpleGrid>
  );
}

function Card({ room, path, acts }: { room: Room; path: string; acts: boolean }) {
  const t = useT();
  const lines = [
    { key: 'foundPcs', expected: room.expectedPcs, listed: room.pcs, found: room.foundPcs },
    { key: 'foundPrinters', expected: room.expectedPrinters, listed: room.printers, found: room.foundPrinters },
  ] as const;
  const told = lines.filter(({ expected, listed }) => (expected ?? 0) > 0 || listed > 0);
  return (
    <Paper withBorder p="sm" component="article" aria-label={room.name}>
      <Title order={3} size="h6">
        {room.name}
      </Title>
      <Text size="sm" c="dimmed">
        {t(`room_${room.kind}`)}
      </Text>
      {told.length === 0 && <Text size="sm">{t('roomNothing')}</Text>}
      {told.map(({ key, ...counts }) => (
        <Line key={key} name={key} {...counts} />
      ))}
      {acts && (
        <DialogButton label={t('edit')} name={room.name} title={t('editRoom')}>
          {(close) => <RoomForm path={path} room={room} done={close} />}
        </DialogButton>
      )}
    </Paper>
  );
}

/** Held against what there should be, or where nobody said, against the inventory. */
function Line({
  name,
  expected,
  listed,
  found,
}: {
  name: 'foundPcs' | 'foundPrinters';
  expected: number | null;
  listed: number;
  found: number;
}) {
  const t = useT();
  const of = expected ?? listed;
  const less = Math.max(0, of - found);
  return (
    <div>
      {less === 0 && expected === null ? (
        // Nobody said how many there should be: all of the inventory is not yet enough.
        <Text size="sm" fw={600}>
          {t(name, { n: found, of })}
        </Text>
      ) : (
        <Text size="sm" fw={600} c={less > 0 ? 'red.9' : 'teal.9'}>
          {less > 0 ? '✕' : '✓'} {t(name, { n: found, of })} – {less > 0 ? t('foundLess', { n: less }) : t('foundAll')}
        </Text>
      )}
      {expected === null ? (
        <Text size="sm">{t('expectedUnsaid', { n: listed })}</Text>
      ) : (
        expected !== listed && <Text size="sm">{t('listedDiffers', { n: listed })}</Text>
      )}
    </div>
  );
}
