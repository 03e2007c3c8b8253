import type { IppMessage, IppValue } from './ipp.ts';
import { type PrinterReason, reasonsOfKeywords } from './reasons.ts';

/** What a printer says of itself, whichever way it was asked. */
export interface PrinterState {
  model: string | null;
  state: 'idle' | 'processing' | 'stopped' | null;
  reasons: PrinterReason[];
  supplies: Supply[];
}

/** Toner, ink, drum, waste box: what is left of it, of a waste box the room; null where the printer does not tell. */
export interface Supply {
  name: string;
  levelPercent: number | null;
}

/** The attributes that `printerState` reads. */
export const ATTRIBUTES = [
  'printer-make-and-model',
  'printer-state',
  'printer-state-reasons',
  'marker-names',
  'marker-levels',
  'printer-supply',
  'printer-supply-description',
] as const;

const STATES: Record<number, PrinterState['state']> = { 3: 'idle', 4: 'processing', 5: 'stopped' }; // RFC 8011, 5.4.11
export const MAX_SUPPLIES = 32;
const MAX_LENGTH = 128;

/**
 * From the attributes of IPP; `stateReasons` are its own keywords, such as `media-empty-error`, without `none`.
 * `marker-names` and `marker-levels` go side by side (CUPS; PWG 5100.13 printer-supply): percent, negative unknown.
 */
export function printerState({ attributes }: IppMessage): PrinterState & { stateReasons: string[] } {
  const words = (name: string) =>
    (attributes.get(name) ?? [])
      .filter((value): value is string => typeof value === 'string')
      .map((value) => printable(value))
      .slice(0, MAX_SUPPLIES);
  const state = attributes.get('printer-state')?.[0];
  const levels = attributes.get('marker-levels') ?? [];
  const stateReasons = words('printer-state-reasons').filter((reason) => reason !== 'none');
  return {
    model: words('printer-make-and-model')[0] || null,
    state: typeof state === 'number' ? (STATES[state] ?? null) : null,
    reasons: reasonsOfKeywords(stateReasons),
    stateReasons,
    supplies: attributes.has('marker-names')
      ? words('marker-names').map((name, index) => ({ name, levelPercent: percent(levels[index]) }))
      : described(attributes.get('printer-supply') ?? [], words('printer-supply-description')),
  };
}

/**
 * `printer-supply` and `printer-supply-description` (PWG 5100.13, 5.6.35): the columns of prtMarkerSuppliesTable as
 * `index=1;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level=75;`.
 */
function described(supplies: readonly IppValue[], names: readonly string[]): Supply[] {
  return supplies.slice(0, MAX_SUPPLIES).map((value, index) => {
    const text =
      value instanceof Uint8Array ? printable(Buffer.from(value.subarray(0, 512)).toString('utf8'), 512) : '';
    const number = (name: string) => Number(new RegExp(`(?:^|;)${name}=(-?\\d{1,9})(?:;|$)`).exec(text)?.[1] ?? -2);
    return {
      name: names[index] || `#${index + 1}`,
      levelPercent: levelPercent(number('level'), number('maxcapacity')),
    };
  });
}

/** prtMarkerSuppliesLevel −1 other, −2 unknown, −3 some is left; prtMarkerSuppliesMaxCapacity −1, −2 likewise (RFC 3805). */
export function levelPercent(level: unknown, max: unknown): number | null {
  if (typeof level !== 'number' || typeof max !== 'number' || level < 0 || max <= 0 || level > max) return null;
  return Math.round((level / max) * 100);
}

function percent(level: unknown): number | null {
  return typeof level === 'number' && level >= 0 && level <= 100 ? level : null;
}

/** A word of a device as it may stand in a report: no control characters, of bounded length. */
export function printable(text: string, maxLength = MAX_LENGTH): string {
  return text.replace(CONTROL, ' ').trim().slice(0, maxLength);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f]/g;
