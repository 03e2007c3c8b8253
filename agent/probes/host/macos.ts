import { type HostFacts, NO_FIREWALL_KNOWN, word } from './facts.ts';
import { hardwareId } from './hardware-id.ts';

export interface MacHost {
  /** `sw_vers`. */
  version: string | null;
  /** `socketfilterfw --getglobalstate`. */
  firewall: string | null;
  /** `ioreg -rd1 -c IOPlatformExpertDevice`. */
  platform: string | null;
}

/** Apple publishes no dates of support: unknown. */
export function readMacHost({ version, firewall, platform }: MacHost): HostFacts | undefined {
  if (version === null) return undefined;
  const of = (name: string) => word(new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(version)?.[1], 64);
  // 0 off, 1 on, 2 on and closed to all that is not needed.
  const state = /\(State = ([012])\)/.exec(firewall ?? '')?.[1];
  return {
    os: { name: of('ProductName'), edition: null, version: of('ProductVersion'), build: of('BuildVersion') },
    support: { release: null, until: null },
    firewall:
      state === undefined ? NO_FIREWALL_KNOWN : { on: state !== '0', by: state === '0' ? null : 'macOS', profiles: [] },
    hardwareId: hardwareId(/"IOPlatformUUID" = "([^"]+)"/.exec(platform ?? '')?.[1]),
  };
}
