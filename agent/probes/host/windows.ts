import { isRecord, listOf } from '../../powershell.ts';
import { decodeProductState } from '../antivirus/windows.ts';
import { type Firewall, type HostFacts, NO_FIREWALL_KNOWN, word } from './facts.ts';
import { hardwareId } from './hardware-id.ts';
import { windowsSupport } from './os-support.ts';

/** Win32_OperatingSystem, Win32_ComputerSystemProduct, the registry's CurrentVersion and the firewall; serial numbers are not asked for. */
export const WINDOWS_HOST_SCRIPT = `
$os = $null; $version = $null; $uuid = $null; $profiles = $null; $firewalls = $null
try { $os = Get-CimInstance -ClassName Win32_OperatingSystem |
  Select-Object Caption, Version, BuildNumber, ProductType } catch { }
try { $version = Get-ItemProperty -Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' |
  Select-Object EditionID, DisplayVersion, ReleaseId, UBR } catch { }
try { $uuid = (Get-CimInstance -ClassName Win32_ComputerSystemProduct).UUID } catch { }
try { $profiles = @(Get-NetFirewallProfile -PolicyStore ActiveStore |
  Select-Object Name, @{ n = 'Enabled'; e = { [int]$_.Enabled } }) } catch { }
try { $firewalls = @(Get-CimInstance -Namespace root/SecurityCenter2 -ClassName FirewallProduct |
  Select-Object displayName, productState) } catch { }
$answer = @{ os = $os; version = $version; uuid = $uuid; profiles = $profiles; firewalls = $firewalls }
`;

/** The script's answer read; undefined when it does not tell of an operating system. Never throws. */
export function readWindowsHost(answer: unknown): HostFacts | undefined {
  if (!isRecord(answer) || !isRecord(answer.os)) return undefined;
  const { os, version, uuid } = answer;
  const more = isRecord(version) ? version : {};
  const build = word(os.BuildNumber, 16);
  const name = word(os.Caption);
  if (build === null && name === null) return undefined;
  const edition = word(more.EditionID, 64);
  const revision = word(more.UBR, 16);
  return {
    os: {
      name,
      edition,
      version: word(more.DisplayVersion, 32) ?? word(more.ReleaseId, 32) ?? word(os.Version, 32),
      build: build !== null && revision !== null ? `${build}.${revision}` : build,
    },
    support: windowsSupport(build ?? '', edition ?? '', isServer(os.ProductType)),
    firewall: readFirewall(answer.profiles, answer.firewalls),
    hardwareId: hardwareId(uuid),
  };
}

const isServer = (type: unknown): boolean | null => (type === 1 ? false : type === 2 || type === 3 ? true : null);

/**
 * A registered product that is on filters in the place of Windows' own firewall. Else each profile must be on (GpoBoolean
 * of Get-NetFirewallProfile: 0 false, 1 true, 2 not configured): a host takes the one of the network that it meets.
 */
function readFirewall(profiles: unknown, products: unknown): Firewall {
  const own = (listOf(profiles) ?? []).flatMap((one) => {
    const name = isRecord(one) ? word(one.Name, 32) : null;
    if (name === null) return [];
    const enabled = (one as { Enabled: unknown }).Enabled;
    return [{ name, on: enabled === 1 ? true : enabled === 0 ? false : null }];
  });
  const by = (listOf(products) ?? []).flatMap((one) => {
    if (!isRecord(one) || typeof one.productState !== 'number') return [];
    const { state, owner } = decodeProductState(one.productState);
    return state === 'on' && owner !== 'windows' ? (word(one.displayName) ?? []) : [];
  })[0];
  if (by !== undefined) return { on: true, by, profiles: own };
  if (own.length === 0) return NO_FIREWALL_KNOWN;
  const on = own.some((one) => one.on === false) ? false : own.every((one) => one.on === true) ? true : null;
  return { on, by: on ? 'Windows' : null, profiles: own };
}
