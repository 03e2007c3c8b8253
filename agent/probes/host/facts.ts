import type { Support } from './os-support.ts';

/** What a host is, as far as it tells; null where it does not. */
export interface HostFacts {
  os: {
    name: string | null;
    /** `Professional`, `EnterpriseS`; a Linux distribution has none. */
    edition: string | null;
    version: string | null;
    build: string | null;
  };
  support: Support;
  firewall: Firewall;
  hardwareId: string | null;
}

export interface Firewall {
  on: boolean | null;
  /** What filters: `Windows`, a product's name, `ufw`, `firewalld`, `nftables`, `macOS`; null: none, or nobody knows. */
  by: string | null;
  /** Windows: each of its profiles. */
  profiles: { name: string; on: boolean | null }[];
}

export const NO_FIREWALL_KNOWN: Firewall = { on: null, by: null, profiles: [] };

/** A text of a system as it is sent: one line, bounded; null for none. */
export function word(value: unknown, most = 128): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const said = String(value)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, most);
  return said === '' ? null : said;
}
