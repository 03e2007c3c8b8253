import { activeUnits } from '../antivirus/linux.ts';
import { type Firewall, type HostFacts, NO_FIREWALL_KNOWN, word } from './facts.ts';
import { hardwareId } from './hardware-id.ts';
import { linuxSupport } from './os-support.ts';

/** What a Linux host shows to a user without rights, each null where it does not. */
export interface LinuxHost {
  /** /etc/os-release. */
  osRelease: string | null;
  kernel: string;
  /** /sys/class/dmi/id/product_uuid: readable by root alone. */
  uuid: string | null;
  /** `systemctl list-units --type=service --all --plain --no-legend`. */
  units: string | null;
  /** /etc/ufw/ufw.conf. */
  ufw: string | null;
  /** `nft list ruleset`, which needs CAP_NET_ADMIN. */
  ruleset: string | null;
}

export function readLinuxHost({ osRelease, kernel, uuid, ...filters }: LinuxHost): HostFacts | undefined {
  if (osRelease === null) return undefined;
  const said = assignments(osRelease);
  const versionId = said.get('VERSION_ID') ?? '';
  return {
    os: {
      name: word(said.get('PRETTY_NAME') ?? said.get('NAME')),
      edition: null,
      version: word(versionId, 32),
      build: word(kernel, 64),
    },
    support: linuxSupport(said.get('ID') ?? '', versionId),
    firewall: readFirewall(filters),
    hardwareId: hardwareId(uuid),
  };
}

/** `NAME="value"` lines, as os-release(5) and shell settings have them; escapes within quotes do not occur in ids. */
function assignments(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#]*))/gm)].map((found) => [
      found[1]!,
      found[2] ?? found[3] ?? found[4] ?? '',
    ]),
  );
}

/** A manager that runs and is switched on filters; without one the rules themselves decide, which few may read. */
function readFirewall({ units, ufw, ruleset }: Pick<LinuxHost, 'units' | 'ufw' | 'ruleset'>): Firewall {
  const active = activeUnits(units ?? '');
  const by = (name: string): Firewall => ({ on: true, by: name, profiles: [] });
  if (active.get('firewalld') === true) return by('firewalld');
  if (active.get('ufw') === true && ufw !== null && assignments(ufw).get('ENABLED')?.toLowerCase() === 'yes')
    return by('ufw');
  if (ruleset === null) return NO_FIREWALL_KNOWN;
  return filtersInput(ruleset) ? by('nftables') : { on: false, by: null, profiles: [] };
}

/** Whether a chain at the hook `input` drops or rejects anything (nft(8), CHAINS). */
function filtersInput(ruleset: string): boolean {
  return [...ruleset.matchAll(/chain [^{]*\{([^}]*)\}/g)].some(
    ([, chain]) => /\bhook input\b/.test(chain!) && /\b(policy drop|drop|reject)\b/.test(chain!),
  );
}
