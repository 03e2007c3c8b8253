/** One protection product of a host, as far as the system tells; null where it does not. */
export interface Product {
  name: string;
  /** Whether its live protection is on. */
  on: boolean | null;
  /** What exactly it says, where it says more than on or off; null: a word that nobody explains. */
  state?: ProductState | null;
  upToDate: boolean | null;
  /** When its definitions are from, RFC 3339. */
  definitionsAt?: string | null;
}

/** `snoozed`: paused by the person; `expired`: its licence ended; `passive`: it leaves the protection to another product. */
export type ProductState = 'on' | 'off' | 'snoozed' | 'expired' | 'passive';

/** Definitions older than this count as outdated where only their date is known: freshclam and the like update daily. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;

/** Whether definitions of that date are fresh at `nowMs`. */
export function isFresh(definitionsAt: string | null, nowMs: number): boolean | null {
  return definitionsAt === null ? null : nowMs - Date.parse(definitionsAt) <= MAX_AGE_MS;
}

/** ISO form of a date in any form that Date reads; null for another, or for years that no definitions have. */
export function isoDate(date: string | number): string | null {
  const at = new Date(date);
  const year = at.getUTCFullYear();
  return Number.isNaN(year) || year < 2000 || year > 2200 ? null : at.toISOString();
}

export interface KnownProduct {
  name: string;
  /** systemd units whose activity is its protection. */
  units: readonly string[];
  /** Names of its resident processes, as /proc/<pid>/comm has them (15 characters at most, proc(5)). */
  processes: readonly string[];
  /** How its macOS system extensions (bundle identifiers) begin. */
  macExtensions: readonly string[];
}

/** What is known by its services; a product that is missing here is added as one line. */
export const KNOWN_PRODUCTS: readonly KnownProduct[] = [
  { name: 'ClamAV', units: ['clamav-daemon', 'clamd', 'clamd@scan'], processes: ['clamd'], macExtensions: [] },
  {
    name: 'ESET',
    units: ['eea', 'efs', 'eraagent'],
    processes: ['oaeventd', 'eea_daemon'],
    macExtensions: ['com.eset.'],
  },
  {
    name: 'Kaspersky',
    units: ['kesl', 'kesl-supervisor', 'klnagent64'],
    processes: ['kesl'],
    macExtensions: ['com.kaspersky.'],
  },
  { name: 'Bkav', units: ['bkav', 'BkavEndpoint'], processes: ['BkavService', 'bkavd'], macExtensions: ['com.bkav.'] },
  {
    name: 'Microsoft Defender for Endpoint',
    units: ['mdatp'],
    processes: ['wdavdaemon'],
    macExtensions: ['com.microsoft.wdav'],
  },
  {
    name: 'Sophos',
    units: ['sophos-spl', 'sav-protect'],
    processes: ['savd', 'sophos_watchdog'],
    macExtensions: ['com.sophos.'],
  },
  {
    name: 'CrowdStrike Falcon',
    units: ['falcon-sensor'],
    processes: ['falcon-sensor', 'falcond'],
    macExtensions: ['com.crowdstrike.falcon'],
  },
  { name: 'SentinelOne', units: ['sentinelone'], processes: ['s1-agent'], macExtensions: ['com.sentinelone.'] },
  {
    name: 'Trend Micro',
    units: ['ds_agent', 'ds_am'],
    processes: ['ds_agent', 'ds_am'],
    macExtensions: ['com.trendmicro.'],
  },
  { name: 'Bitdefender', units: ['bdsec', 'bdredline'], processes: ['bdsecd'], macExtensions: ['com.bitdefender.'] },
  {
    name: 'Trellix',
    units: ['mfetpd', 'mfeespd'],
    processes: ['mfetpd'],
    macExtensions: ['com.mcafee.', 'com.trellix.'],
  },
  {
    name: 'Symantec',
    units: ['sisamdagent', 'symcfgd'],
    processes: ['rtvscand'],
    macExtensions: ['com.symantec.', 'com.broadcom.'],
  },
  { name: 'Dr.Web', units: ['drweb-configd'], processes: ['drweb-configd'], macExtensions: ['com.drweb.'] },
  { name: 'Avast', units: ['avast'], processes: ['avast'], macExtensions: ['com.avast.'] },
  { name: 'Malwarebytes', units: [], processes: ['mbdaemon'], macExtensions: ['com.malwarebytes.'] },
  { name: 'Norton', units: [], processes: [], macExtensions: ['com.nortonlifelock.', 'com.norton.'] },
];
