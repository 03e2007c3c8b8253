/** Why a printer does not print, or soon will not: our words for what IPP and SNMP say each in their own. */
export const PRINTER_REASONS = [
  'media-empty',
  'media-low',
  'media-jam',
  'toner-empty',
  'toner-low',
  'supply-missing',
  'tray-missing',
  'output-full',
  'door-open',
  'offline',
  'paused',
  'service',
  'other', // the printer's own word stands in `stateReasons`
] as const;
export type PrinterReason = (typeof PRINTER_REASONS)[number];

/** Keywords of RFC 8011, 5.4.12, and of PWG 5100.9, 6.2, that have a word of ours; any other is `other`. */
const KEYWORDS: Readonly<Record<string, PrinterReason | null>> = {
  none: null,
  'media-needed': 'media-empty',
  'media-empty': 'media-empty',
  'media-low': 'media-low',
  'media-jam': 'media-jam',
  'toner-empty': 'toner-empty',
  'toner-low': 'toner-low',
  'marker-supply-empty': 'toner-empty',
  'marker-supply-low': 'toner-low',
  'marker-ink-empty': 'toner-empty',
  'marker-ink-low': 'toner-low',
  'marker-supply-missing': 'supply-missing',
  'marker-toner-cartridge-missing': 'supply-missing',
  'marker-ink-cartridge-missing': 'supply-missing',
  'input-tray-missing': 'tray-missing',
  'output-tray-missing': 'tray-missing',
  'output-area-almost-full': 'output-full',
  'output-area-full': 'output-full',
  'door-open': 'door-open',
  'cover-open': 'door-open',
  'interlock-open': 'door-open',
  offline: 'offline',
  shutdown: 'offline',
  'timed-out': 'offline',
  paused: 'paused',
  'moving-to-paused': 'paused',
  'marker-waste-almost-full': 'service',
  'marker-waste-full': 'service',
  'marker-waste-toner-receptacle-almost-full': 'service',
  'marker-waste-toner-receptacle-full': 'service',
  'fuser-over-temp': 'service',
  'fuser-under-temp': 'service',
  'opc-near-eol': 'service',
  'opc-life-over': 'service',
  'developer-low': 'service',
  'developer-empty': 'service',
  // What CUPS and its printers add of their own, and what is no trouble.
  'cups-waiting-for-job-completed': null,
  'connecting-to-device': null,
  'identify-printer-requested': null,
};

/** `printer-state-reasons` in our words; the severity at a keyword's end (`-error`, `-warning`, `-report`) falls away. */
export function reasonsOfKeywords(keywords: readonly string[]): PrinterReason[] {
  const words = keywords.map((keyword) => {
    const bare = keyword.replace(/-(error|warning|report)$/, '');
    return Object.hasOwn(KEYWORDS, bare) ? KEYWORDS[bare]! : 'other';
  });
  return inOrder(words);
}

/** Bits of hrPrinterDetectedErrorState (RFC 2790, 4), the first being the highest of the first octet. */
const BITS: readonly PrinterReason[] = [
  'media-low', // lowPaper
  'media-empty', // noPaper
  'toner-low', // lowToner
  'toner-empty', // noToner
  'door-open', // doorOpen
  'media-jam', // jammed
  'offline', // offline
  'service', // serviceRequested
  'tray-missing', // inputTrayMissing
  'tray-missing', // outputTrayMissing
  'supply-missing', // markerSupplyMissing
  'output-full', // outputNearFull
  'output-full', // outputFull
  'media-low', // inputTrayEmpty: one of several trays, else noPaper is set as well
  'service', // overduePreventMaint
];

/** The octets of hrPrinterDetectedErrorState in our words; octets that are left out at the end count as zero. */
export function reasonsOfBits(octets: Uint8Array): PrinterReason[] {
  return inOrder(BITS.map((word, bit) => (((octets[bit >> 3] ?? 0) << (bit & 7)) & 0x80 ? word : null)));
}

/** Each once; empty says more than low. */
function inOrder(words: readonly (PrinterReason | null)[]): PrinterReason[] {
  const said = new Set(words);
  if (said.has('media-empty')) said.delete('media-low');
  if (said.has('toner-empty')) said.delete('toner-low');
  return PRINTER_REASONS.filter((word) => said.has(word));
}
