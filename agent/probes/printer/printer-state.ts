import type { IppMessage } from './ipp.ts';

/** What a printer says of itself, from its attributes. */
export interface PrinterState {
  model: string | null;
  state: 'idle' | 'processing' | 'stopped' | null;
  /** Keywords of RFC 8011, 5.4.12, such as `media-empty-error`; `none` is left out. */
  stateReasons: string[];
  markers: { name: string; levelPercent: number | null }[];
}

/** The attributes that `printerState` reads. */
export const ATTRIBUTES = [
  'printer-make-and-model',
  'printer-state',
  'printer-state-reasons',
  'marker-names',
  'marker-levels',
] as const;

const STATES: Record<number, PrinterState['state']> = { 3: 'idle', 4: 'processing', 5: 'stopped' }; // RFC 8011, 5.4.11
const MAX_WORDS = 32;
const MAX_LENGTH = 128;

/** `marker-names` and `marker-levels` go side by side (CUPS; PWG 5100.13 printer-supply): percent, negative unknown. */
export function printerState({ attributes }: IppMessage): PrinterState {
  const words = (name: string) =>
    (attributes.get(name) ?? [])
      .filter((value): value is string => typeof value === 'string')
      .map((value) => printable(value).slice(0, MAX_LENGTH))
      .slice(0, MAX_WORDS);
  const state = attributes.get('printer-state')?.[0];
  const levels = attributes.get('marker-levels') ?? [];
  return {
    model: words('printer-make-and-model')[0] ?? null,
    state: typeof state === 'number' ? (STATES[state] ?? null) : null,
    stateReasons: words('printer-state-reasons').filter((reason) => reason !== 'none'),
    markers: words('marker-names').map((name, index) => ({ name, levelPercent: percent(levels[index]) })),
  };
}

function percent(level: unknown): number | null {
  return typeof level === 'number' && level >= 0 && level <= 100 ? level : null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f]/g, ' ').trim();
