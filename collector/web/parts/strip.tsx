import { Box, Group, Text } from '@mantine/core';
import { formatTime } from '../../../shared/vietnamese.ts';
import type { StripCell, WatchedAsset } from '../../api/schemas/school.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';

/** One device's time as a strip: full = up, hatched = down, empty = not measured. Words stand beside it. */
export function DeviceStrip({ asset, from, to }: { asset: WatchedAsset; from: string; to: string }) {
  const t = useT();
  const start = Date.parse(from);
  const span = Math.max(1, Date.parse(to) - start);
  const percent = (at: string) => ((Date.parse(at) - start) / span) * 100;
  return (
    <Group gap="xs" wrap="nowrap" className="strip-row">
      <Text size="sm" className="strip-name">
        {asset.name}
      </Text>
      <Box className="strip" role="img" aria-label={`${asset.name}: ${sayLast(asset, t)}`}>
        {asset.strip.map((cell) => (
          <span
            key={cell.from}
            className={`cell cell-${cell.state}`}
            style={{ left: `${percent(cell.from)}%`, width: `${percent(cell.to) - percent(cell.from)}%` }}
            title={`${formatTime(cell.from)}–${formatTime(cell.to)}: ${sayCell(cell, t)}`}
          />
        ))}
      </Box>
      <Text size="sm" c={asset.last && !asset.last.ok ? 'red.9' : 'dark'} className="strip-state">
        {sayLast(asset, t)}
      </Text>
    </Group>
  );
}

const sayCell = (cell: StripCell, t: Translate) => {
  const word = t(cell.state === 'up' ? 'stripUp' : cell.state === 'down' ? 'stripDown' : 'stripUnknown');
  const camera = keyOf('cam_', cell.detail);
  return camera ? t(camera) : cell.detail ? `${word} (${cell.detail})` : word;
};

function sayLast(asset: WatchedAsset, t: Translate): string {
  if (!asset.last) return t('notMeasured');
  const camera = keyOf('cam_', asset.last.state ?? '');
  if (asset.kind === 'camera' && camera) return t(camera);
  return t(asset.last.ok ? 'stripUp' : 'stripDown');
}
