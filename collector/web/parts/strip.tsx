import { Box, Group, Text } from '@mantine/core';
import type { StripCell, WatchedAsset } from '../../api/schemas/school.ts';
import { formatWhen } from '../format.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';
import { sayReason } from '../words.ts';
import type { Timeline } from './timeline.ts';

/** One device's time as a strip, with its last state in words. */
export function DeviceStrip({ asset, timeline }: { asset: WatchedAsset; timeline: Timeline }) {
  const t = useT();
  const last = sayLast(asset, t);
  return (
    <StripRow
      name={asset.name}
      said={`${asset.name}: ${last}`}
      state={last}
      bad={asset.last !== null && !asset.last.ok}
      cells={asset.strip}
      say={(cell) => sayCell(cell, t)}
      timeline={timeline}
    />
  );
}

/** Time as a strip: full = up, hatched = down, empty = not measured. Words stand beside it. */
export function StripRow({
  name,
  said,
  state,
  bad,
  cells,
  say,
  timeline,
}: {
  name: string;
  /** The strip for who does not see it. */
  said: string;
  state: string;
  bad: boolean;
  cells: readonly StripCell[];
  say(cell: StripCell): string;
  timeline: Timeline;
}) {
  const t = useT();
  return (
    <Group gap="xs" wrap="nowrap" className="strip-row">
      <Text size="sm" className="strip-name">
        {name}
      </Text>
      <Box className="strip" role="img" aria-label={said}>
        {cells.flatMap((cell) =>
          piecesOf(cell, timeline).map(({ left, width }) => (
            <span
              key={`${cell.from} ${left}`}
              className={`cell cell-${cell.state}`}
              style={{ left: `${left}%`, width: `${width}%` }}
              title={`${formatWhen(cell.from)} – ${formatWhen(cell.to)}: ${say(cell)}`}
            />
          )),
        )}
        {timeline.ticks.map((tick) => (
          <span key={tick.label} className="grid-line" style={{ left: `${tick.left}%` }} />
        ))}
        {timeline.now < 100 && (
          <span className="cell cell-future" style={{ left: `${timeline.now}%`, right: 0 }} title={t('stripFuture')} />
        )}
      </Box>
      <Text size="sm" c={bad ? 'red.9' : 'dark'} className="strip-state">
        {state}
      </Text>
    </Group>
  );
}

/** More labels than these overlap on a phone; there every fourth is shown. */
const MOST_ON_PHONE = 3;

/** The labels over strips, in their own row so that they stand where the strips do. */
export function TimeAxis({ timeline }: { timeline: Timeline }) {
  return (
    <Group gap="xs" wrap="nowrap" className="axis-row" aria-hidden>
      <span className="strip-name" />
      <div className={timeline.ticks.length > MOST_ON_PHONE ? 'axis axis-many' : 'axis'}>
        {timeline.ticks.map((tick) => (
          <span key={tick.label} className="axis-label" style={{ left: `${tick.left}%` }}>
            {tick.label}
          </span>
        ))}
      </div>
      <span className="strip-state" />
    </Group>
  );
}

export function StripLegend() {
  const t = useT();
  return (
    <Text size="xs" component="p" m={0} className="legend">
      {(['up', 'down', 'unknown'] as const).map((state) => (
        <span key={state}>
          <i className={`swatch cell-${state}`} /> {t(STATE_KEYS[state])}
        </span>
      ))}
    </Text>
  );
}

const STATE_KEYS = { up: 'stripUp', down: 'stripDown', unknown: 'stripUnknown' } as const;

/** A cell as it lies on the axis, a piece a stretch. */
function piecesOf(cell: StripCell, { stretches }: Timeline) {
  const from = Date.parse(cell.from);
  const to = Date.parse(cell.to);
  return stretches.flatMap((stretch) => {
    const start = Math.max(from, stretch.from);
    const end = Math.min(to, stretch.to);
    if (end <= start) return [];
    const share = stretch.width / (stretch.to - stretch.from);
    return [{ left: stretch.left + (start - stretch.from) * share, width: (end - start) * share }];
  });
}

const sayCell = (cell: StripCell, t: Translate) => {
  const word = t(STATE_KEYS[cell.state]);
  const camera = keyOf('cam_', cell.detail);
  return camera ? t(camera) : cell.detail ? `${word} (${sayReason(cell.detail, t)})` : word;
};

function sayLast(asset: WatchedAsset, t: Translate): string {
  if (!asset.last) return t('notMeasured');
  const camera = keyOf('cam_', asset.last.state ?? '');
  if (asset.kind === 'camera' && camera) return t(camera);
  return t(asset.last.ok ? 'stripUp' : 'stripDown');
}
