import { isRecord, listOf } from '../../powershell.ts';
import { isFresh, isoDate, type Product, type ProductState } from './products.ts';
import { serviceProducts } from './windows-services.ts';

/**
 * What Windows knows: Security Center's registered products (root/SecurityCenter2, class AntiVirusProduct; client
 * editions only), Defender's own state (Get-MpComputerStatus, every edition), and where Security Center does not answer
 * the services of known products. A part that fails is null, so that "no products" is told from "could not ask".
 */
export const WINDOWS_SCRIPT = `
$products = $null; $defender = $null; $services = $null; $productType = $null; $errors = @()
try { $productType = [int](Get-CimInstance -ClassName Win32_OperatingSystem).ProductType
} catch { $errors += $_.Exception.Message }
try { $products = @(Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct |
  Select-Object displayName, productState, timestamp) } catch { $errors += $_.Exception.Message }
try { $defender = Get-MpComputerStatus | Select-Object AMRunningMode, AntivirusEnabled, RealTimeProtectionEnabled,
  AntivirusSignatureAge, @{ n = 'signaturesAt'; e = { $_.AntivirusSignatureLastUpdated.ToUniversalTime().ToString('o') } }
} catch { $errors += $_.Exception.Message }
if ($null -eq $products) {
  try { $services = @(Get-CimInstance -ClassName Win32_Service | Select-Object Name, State)
  } catch { $errors += $_.Exception.Message }
}
$answer = @{ products = $products; defender = $defender; services = $services; productType = $productType; errors = $errors }
`;

/** Win32_OperatingSystem.ProductType (Microsoft Learn, class Win32_OperatingSystem): 1, 2 and 3. */
const PRODUCT_TYPES = ['workstation', 'domain-controller', 'server'] as const;
export type ProductType = (typeof PRODUCT_TYPES)[number];

const STATES = ['off', 'on', 'snoozed', 'expired'] as const;

/**
 * productState, as Security Center hands it out. Microsoft documents its parts (iwscapi.h: WSC_SECURITY_PRODUCT_STATE,
 * WSC_SECURITY_SIGNATURE_STATUS) and not its bits; these are the ones that every known reading agrees on (idera
 * PowerTips, "Identifying Antivirus Engine State"): 0xF000 the state, 0x00F0 the signatures (0 up to date, 1 out of
 * date), 0x0F00 the owner (1 Windows itself). 397568 = 0x61100: Defender, on, up to date. Any other value of a part is
 * met in the field (344064 = 0x54000) and explained nowhere: null. An expired product still runs and takes no updates.
 */
export function decodeProductState(productState: number): {
  state: (typeof STATES)[number] | null;
  upToDate: boolean | null;
  owner: 'windows' | 'other' | null;
} {
  const state = STATES[(productState >>> 12) & 0xf] ?? null;
  const upToDate = [true, false][(productState >>> 4) & 0xf] ?? null;
  const owner = (['other', 'windows'] as const)[(productState >>> 8) & 0xf] ?? null;
  return { state, upToDate: state === 'expired' ? false : upToDate, owner };
}

export interface WindowsFacts {
  products: Product[];
  productType: ProductType | null;
}

/** The script's answer read; undefined when it does not answer the question. Never throws. */
export function readWindows(answer: unknown, nowMs: number): WindowsFacts | undefined {
  if (!isRecord(answer)) return undefined;
  const registered = listOf(answer.products)?.map(readProduct);
  const known = (registered ?? []).filter((product) => product !== undefined);
  if (registered?.length && known.length === 0) return undefined;
  const defender = isRecord(answer.defender) ? readDefender(answer.defender, nowMs) : undefined;
  const services = registered ? undefined : serviceProducts(answer.services);
  // No service of a known product is not the same as none of any.
  if (!registered && !defender && !services?.length) return undefined;
  const products = [...withDefender(known, defender), ...(services ?? [])];
  return { products, productType: PRODUCT_TYPES[Number(answer.productType) - 1] ?? null };
}

interface Registered {
  product: Product;
  owner: 'windows' | 'other' | null;
}

/** Defender's own word on its definitions is better than Security Center's; whether it protects, both must agree. */
function withDefender(known: readonly Registered[], own: Product | undefined): Product[] {
  const products = known.map(({ product }) => product);
  if (!own) return products;
  const at = known.findIndex(({ owner, product }) => owner === 'windows' || /defender/i.test(product.name));
  if (at < 0) return [...products, own];
  const center = products[at]!;
  // The one that is not on says more; of two unknown ones neither does.
  const said = center.state === 'on' ? own : own.state === 'on' || own.state === null ? center : own;
  const definitions = own.definitionsAt === null ? center : own;
  const { upToDate, definitionsAt } = definitions;
  products[at] = {
    name: center.name,
    on: said.on,
    state: said.state ?? null,
    upToDate,
    definitionsAt: definitionsAt ?? null,
  };
  return products;
}

function readProduct(one: unknown): Registered | undefined {
  if (!isRecord(one) || typeof one.displayName !== 'string') return undefined;
  const name = one.displayName.trim().slice(0, 128);
  const number = one.productState;
  if (name === '' || typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 0xffffffff)
    return undefined;
  const { state, upToDate, owner } = decodeProductState(number);
  return { product: { name, on: isOn(state), state, upToDate, definitionsAt: null }, owner };
}

const isOn = (state: ProductState | null): boolean | null => (state === null ? null : state === 'on');

function readDefender(status: Record<string, unknown>, nowMs: number): Product | undefined {
  if (typeof status.AntivirusEnabled !== 'boolean') return undefined;
  const state = defenderState(status);
  const definitionsAt = dateOf(status.signaturesAt);
  const upToDate = isFresh(definitionsAt, nowMs);
  return { name: 'Microsoft Defender Antivirus', on: isOn(state), state, upToDate, definitionsAt };
}

/**
 * AMRunningMode (Microsoft Learn, "Microsoft Defender Antivirus compatibility"): Normal, Passive, EDR Block Mode, SxS
 * Passive Mode, Not running. A passive Defender, beside another product, stops nothing by itself. Older versions lack it.
 */
function defenderState(status: Record<string, unknown>): ProductState | null {
  const { AntivirusEnabled, RealTimeProtectionEnabled, AMRunningMode } = status;
  const mode = typeof AMRunningMode === 'string' ? AMRunningMode.trim().toLowerCase() : null;
  if (mode !== null && (/passive/.test(mode) || mode === 'edr block mode')) return 'passive';
  if (AntivirusEnabled === false || RealTimeProtectionEnabled === false || mode === 'not running') return 'off';
  const isKnown = mode === null || mode === 'normal';
  return isKnown && RealTimeProtectionEnabled === true ? 'on' : null;
}

/** ISO, or the `/Date(1700000000000)/` of Windows PowerShell 5's ConvertTo-Json. */
function dateOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const ticks = /^\/Date\((-?\d{1,16})\)\/$/.exec(value);
  return isoDate(ticks ? Number(ticks[1]) : value.replace(/(\.\d{3})\d+/, '$1'));
}
