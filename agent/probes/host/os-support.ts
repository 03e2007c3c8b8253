/**
 * Until when the maker of an operating system mends its security for everybody. Last days, local; paid extensions (ESU,
 * Ubuntu Pro, ELTS) are not counted, since a host does not show them. What is not in the tables is unknown.
 *
 * Windows: Microsoft Lifecycle, https://learn.microsoft.com/lifecycle/products/ (windows-10-home-and-pro, windows-10-
 * enterprise-and-education, windows-11-…, windows-server-…) and https://learn.microsoft.com/windows/release-health/.
 * Ubuntu: https://wiki.ubuntu.com/Releases (distro-info-data 0.58, column eol). Debian: https://wiki.debian.org/LTS.
 */

/** What was released or moved after this day is not in the tables. */
export const KNOWN_UNTIL = '2026-11-04';

type Edition = 'home' | 'enterprise' | 'ltsc';

/** By build number: Home and Pro, Enterprise and Education, LTSC where it is one. */
const WINDOWS: Readonly<Record<string, { name: string } & { [edition in Edition]?: string }>> = {
  7601: { name: 'Windows 7', home: '2020-01-14', enterprise: '2020-01-14' },
  9200: { name: 'Windows 8', home: '2016-01-12', enterprise: '2016-01-12' },
  9600: { name: 'Windows 8.1', home: '2023-01-10', enterprise: '2023-01-10' },
  10240: { name: 'Windows 10 1507', home: '2017-05-09', enterprise: '2017-05-09', ltsc: '2025-10-14' },
  10586: { name: 'Windows 10 1511', home: '2017-10-10', enterprise: '2017-10-10' },
  14393: { name: 'Windows 10 1607', home: '2018-04-10', enterprise: '2019-04-09', ltsc: '2026-10-13' },
  15063: { name: 'Windows 10 1703', home: '2018-10-09', enterprise: '2019-10-08' },
  16299: { name: 'Windows 10 1709', home: '2019-04-09', enterprise: '2020-10-13' },
  17134: { name: 'Windows 10 1803', home: '2019-11-12', enterprise: '2021-05-11' },
  17763: { name: 'Windows 10 1809', home: '2020-11-10', enterprise: '2021-05-11', ltsc: '2029-01-09' },
  18362: { name: 'Windows 10 1903', home: '2020-12-08', enterprise: '2020-12-08' },
  18363: { name: 'Windows 10 1909', home: '2021-05-11', enterprise: '2022-05-10' },
  19041: { name: 'Windows 10 2004', home: '2021-12-14', enterprise: '2021-12-14' },
  19042: { name: 'Windows 10 20H2', home: '2022-05-10', enterprise: '2023-05-09' },
  19043: { name: 'Windows 10 21H1', home: '2022-12-13', enterprise: '2022-12-13' },
  19044: { name: 'Windows 10 21H2', home: '2023-06-13', enterprise: '2024-06-11', ltsc: '2027-01-12' },
  19045: { name: 'Windows 10 22H2', home: '2025-10-14', enterprise: '2025-10-14' },
  22000: { name: 'Windows 11 21H2', home: '2023-10-10', enterprise: '2024-10-08' },
  22621: { name: 'Windows 11 22H2', home: '2024-10-08', enterprise: '2025-10-14' },
  22631: { name: 'Windows 11 23H2', home: '2025-11-11', enterprise: '2026-11-10' },
  26100: { name: 'Windows 11 24H2', home: '2026-10-13', enterprise: '2027-10-12', ltsc: '2029-10-09' },
  26200: { name: 'Windows 11 25H2', home: '2027-10-12', enterprise: '2028-10-10' },
  28000: { name: 'Windows 11 26H1', home: '2028-03-14', enterprise: '2029-03-13' },
  26300: { name: 'Windows 11 26H2', home: '2028-10-10' },
};

/** Extended end dates of the long-term releases. */
const WINDOWS_SERVER: Readonly<Record<string, { name: string; until: string }>> = {
  7601: { name: 'Windows Server 2008 R2', until: '2020-01-14' },
  9200: { name: 'Windows Server 2012', until: '2023-10-10' },
  9600: { name: 'Windows Server 2012 R2', until: '2023-10-10' },
  14393: { name: 'Windows Server 2016', until: '2027-01-12' },
  17763: { name: 'Windows Server 2019', until: '2029-01-09' },
  20348: { name: 'Windows Server 2022', until: '2031-10-14' },
  26100: { name: 'Windows Server 2025', until: '2034-11-14' },
};

/** By `ID` and `VERSION_ID` of os-release(5). Debian until the end of LTS. */
const LINUX: Readonly<Record<string, string>> = {
  'ubuntu 14.04': '2019-04-25',
  'ubuntu 16.04': '2021-04-30',
  'ubuntu 18.04': '2023-05-31',
  'ubuntu 20.04': '2025-05-29',
  'ubuntu 22.04': '2027-06-01',
  'ubuntu 23.10': '2024-07-11',
  'ubuntu 24.04': '2029-05-31',
  'ubuntu 24.10': '2025-07-10',
  'ubuntu 25.04': '2026-01-15',
  'ubuntu 25.10': '2026-07-09',
  'ubuntu 26.04': '2031-05-29',
  'debian 8': '2020-06-30',
  'debian 9': '2022-06-30',
  'debian 10': '2024-06-30',
  'debian 11': '2026-08-31',
  'debian 12': '2028-06-30',
  'debian 13': '2030-06-30',
};

export interface Support {
  /** Release as the table names it; null: unknown to it. */
  release: string | null;
  /** Last day of support, YYYY-MM-DD. */
  until: string | null;
}

/** A table's own entry: what a host says is no name of a method. */
const entry = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const UNKNOWN: Support = { release: null, until: null };

/** `editionId`: EditionID of the registry (`Professional`, `EnterpriseS`); `isServer`: product type 2 or 3. */
export function windowsSupport(build: string, editionId: string, isServer: boolean | null): Support {
  if (isServer === null) return UNKNOWN;
  if (isServer) {
    const server = entry(WINDOWS_SERVER, build);
    return server ? { release: server.name, until: server.until } : UNKNOWN;
  }
  const client = entry(WINDOWS, build);
  if (!client) return UNKNOWN;
  const edition = editionOf(editionId);
  return { release: client.name, until: (edition && client[edition]) ?? null };
}

/** IoT editions of LTSC last longer than the others and are told apart by nothing else: unknown. */
function editionOf(id: string): Edition | null {
  if (/^IoT/i.test(id)) return null;
  if (/^EnterpriseSN?$/i.test(id)) return 'ltsc';
  if (/^(Enterprise|Education)/i.test(id)) return 'enterprise';
  return /^(Core|Professional|Home|Starter|Ultimate|SingleLanguage)/i.test(id) ? 'home' : null;
}

export function linuxSupport(id: string, versionId: string): Support {
  const key = `${id} ${versionId}`;
  const until = entry(LINUX, key);
  return until === undefined ? UNKNOWN : { release: key, until };
}

/** Whether the day of `nowMs` (UTC) is one of support; null where nobody knows. */
export const isSupported = ({ until }: Support, nowMs: number): boolean | null =>
  until === null ? null : new Date(nowMs).toISOString().slice(0, 10) <= until;
