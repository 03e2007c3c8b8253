import { Text } from '@mantine/core';
import { formatNumber } from '../../../shared/vietnamese.ts';
import type { School } from '../../api/schemas/school.ts';
import { useT } from '../messages/messages.tsx';

type RoomUse = School['use'][number];

/** PCs of a room that are shown at once; the others open by a click. */
const AT_ONCE = 8;

/** Hours in which PCs were on, a bar each, all on one scale; the figure beside each bar says the same in words. */
export function HoursOfUse({ use }: { use: School['use'] }) {
  const t = useT();
  if (use.length === 0) return null;
  const most = Math.max(...use.flatMap(({ pcs }) => pcs.map(({ hours }) => hours)));
  return (
    <figure className="chart" aria-label={t('useTitle')}>
      <Text component="figcaption" size="sm" fw={600} mt="xs">
        {t('useTitle')}
      </Text>
      {use.map((room) => (
        <Room key={room.roomId} room={room} most={most} />
      ))}
    </figure>
  );
}

function Room({ room, most }: { room: RoomUse; most: number }) {
  const t = useT();
  const { name, days, pcs } = room;
  const total = pcs.reduce((sum, { hours }) => sum + hours, 0);
  const rest = pcs.slice(AT_ONCE);
  return (
    <section aria-label={name}>
      <Text size="sm" mt={4}>
        {t('useRoom', { name, count: pcs.length, hours: formatNumber(total), days })}
      </Text>
      <Bars pcs={pcs.slice(0, AT_ONCE)} most={most} />
      {rest.length > 0 && (
        <details>
          <summary>{t('useMore', { n: rest.length })}</summary>
          <Bars pcs={rest} most={most} />
        </details>
      )}
    </section>
  );
}

function Bars({ pcs, most }: { pcs: RoomUse['pcs']; most: number }) {
  const t = useT();
  return (
    <ul className="use-bars">
      {pcs.map(({ assetId, name, hours }) => (
        <li key={assetId}>
          <span className="strip-name">{name}</span>
          <span className="use-track" aria-hidden>
            <span className="use-bar" style={{ width: `${most === 0 ? 0 : (hours / most) * 100}%` }} />
          </span>
          <span className="use-hours num">{t('useHours', { n: formatNumber(hours) })}</span>
        </li>
      ))}
    </ul>
  );
}
