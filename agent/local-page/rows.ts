import type { Sample } from '../../shared/wire/report.ts';

/** The last sample of a target, cut down to what a person at the school asks of it. Pure. */

export interface Row {
  target: string;
  /** RFC 3339. */
  at: string;
  ok: boolean;
  reason: string | null;
  /** State of a camera or printer, in the probe's own words. */
  state: string | null;
  /** Figures that matter, the most telling first; the names are those of the page's catalogue. */
  figures: Figure[];
}
export interface Figure {
  name: string;
  value: number | string;
}

/** Name on the page, and where its value stands in the sample. */
const FIGURES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'internet-speed': [
    ['downMbps', 'lineMbps'],
    ['upMbps', 'upload.lineMbps'],
    ['idleMs', 'latency.idleMs'],
    ['source', 'provider'],
    ['marks', 'marks'],
  ],
  uplink: [
    ['lossShare', 'lossShare'],
    ['gateway', 'gateway.address'],
    ['gatewayMs', 'gateway.rttMs'],
    ['publicAddress', 'publicAddress'],
  ],
  'lan-reach': [
    ['rttMs', 'rttMs'],
    ['drops', 'drops'],
  ],
  printer: [
    ['model', 'model'],
    ['printerReasons', 'reasons'],
  ],
  camera: [
    ['model', 'model'],
    ['widthPx', 'widthPx'],
    ['heightPx', 'heightPx'],
  ],
  wifi: [
    ['ssid', 'ssid'],
    ['signalDbm', 'signalDbm'],
    ['rateMbps', 'rateMbps'],
    ['lossShare', 'lossShare'],
  ],
  antivirus: [['products', 'products']],
};
const MAX_CHARS = 200;

export function rowOf({ probe, target, at, ok, reason, values }: Sample): Row {
  const figures = (FIGURES[probe] ?? []).flatMap(([name, path]) => {
    const value = wordOf(path.split('.').reduce<unknown>((here, step) => propertyOf(here, step), values));
    return value === null ? [] : [{ name, value }];
  });
  // Programs write it for each other, except where nobody measured on purpose: that is said to people.
  const why = reason === 'skipped' ? wordOf(values.message) : null;
  return {
    target,
    at,
    ok,
    reason,
    state: typeof values.state === 'string' ? values.state : null,
    figures: why === null ? figures : [{ name: 'why', value: why }, ...figures],
  };
}

const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** A number or one line of text; a list as its parts, a protection product as its name and whether it is on. */
function wordOf(value: unknown): string | number | null {
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(partOf).filter(Boolean).join(', ').slice(0, MAX_CHARS) || null;
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_CHARS) : null;
}

function partOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [name, on] = [propertyOf(value, 'name'), propertyOf(value, 'on')];
  if (typeof name !== 'string') return '';
  return on === false ? `${name} (tắt)` : name;
}
