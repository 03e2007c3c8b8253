import { isFresh, isoDate, KNOWN_PRODUCTS, type Product } from './products.ts';

/** What a Linux host shows: its units, its processes, and ClamAV's databases. */
export interface LinuxFacts {
  /** Output of `systemctl list-units --type=service --all --plain --no-legend`; null without systemd. */
  units: string | null;
  /** Output of `systemctl list-unit-files --type=service --no-legend`; null without systemd. */
  unitFiles: string | null;
  /** Names in /proc/<pid>/comm; null when unreadable. */
  processes: string[] | null;
  /** First 512 bytes and time of change of the databases in /var/lib/clamav. */
  clamav: { header: string; changedAt: string }[];
}

/** Products in the facts; undefined when neither systemd nor /proc could be asked. Never throws. */
export function readLinux(facts: LinuxFacts, nowMs: number): Product[] | undefined {
  if (facts.units === null && facts.processes === null) return undefined;
  const active = activeUnits(facts.units ?? '');
  const installed = new Set([...active.keys(), ...installedUnits(facts.unitFiles ?? '')]);
  const running = new Set(facts.processes ?? []);
  return KNOWN_PRODUCTS.flatMap((known) => {
    const units = known.units.filter((unit) => installed.has(unit));
    const runs = known.processes.some((name) => running.has(name));
    const isClamav = known.name === 'ClamAV';
    if (units.length === 0 && !runs && !(isClamav && facts.clamav.length > 0)) return [];
    const on = runs || units.some((unit) => active.get(unit) === true);
    const definitionsAt = isClamav ? clamavDate(facts.clamav) : null;
    return [{ name: known.name, on, upToDate: isFresh(definitionsAt, nowMs), definitionsAt } satisfies Product];
  });
}

/** Unit name without `.service` -> whether it is active, from "clamav-daemon.service loaded active running …". */
export function activeUnits(text: string): Map<string, boolean> {
  const rows = text.split('\n').map((line) => line.replace(/^[\s●*×]+/, '').split(/\s+/));
  return new Map(
    rows
      .filter(([unit, load]) => unit?.endsWith('.service') && load === 'loaded')
      .map(([unit, , active]) => [unit!.slice(0, -'.service'.length), active === 'active']),
  );
}

/** Unit names in "clamav-daemon.service enabled enabled". */
export function installedUnits(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((unit) => unit.endsWith('.service'))
    .map((unit) => unit.slice(0, -'.service'.length));
}

/** Newest of the databases' dates. The daily one decides: main changes rarely. */
function clamavDate(databases: LinuxFacts['clamav']): string | null {
  const dates = databases.map(({ header, changedAt }) => headerDate(header) ?? isoDate(changedAt));
  return (
    dates
      .filter((date) => date !== null)
      .sort()
      .at(-1) ?? null
  );
}

/**
 * Build time in the header of a .cvd or .cld (ClamAV's libclamav/cvd.h: colon-separated, 512 bytes):
 * "ClamAV-VDB:16 Sep 2023 08-03 -0400:27034:…", the minutes after a dash. UTC.
 */
export function headerDate(header: string): string | null {
  const found = /^ClamAV-VDB:(\d{1,2} \w{3} \d{4}) (\d{2})-(\d{2}) ([+-]\d{4}):/.exec(header);
  return found ? isoDate(`${found[1]} ${found[2]}:${found[3]}:00 ${found[4]}`) : null;
}
