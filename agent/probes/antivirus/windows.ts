import { isFresh, isoDate, type Product } from './products.ts';

/**
 * What Windows knows: Security Center's registered products (root/SecurityCenter2, class AntiVirusProduct; client
 * editions only) and Defender's own state (Get-MpComputerStatus, every edition). One PowerShell run prints one JSON
 * object; a part that fails is null, so that "no products" is told from "could not ask".
 */
export const WINDOWS_SCRIPT = `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
$products = $null; $defender = $null; $errors = @()
try { $products = @(Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct |
  Select-Object displayName, productState, timestamp) } catch { $errors += $_.Exception.Message }
try { $defender = Get-MpComputerStatus | Select-Object AMRunningMode, AntivirusEnabled, RealTimeProtectionEnabled,
  AntivirusSignatureAge, @{ n = 'signaturesAt'; e = { $_.AntivirusSignatureLastUpdated.ToUniversalTime().ToString('o') } }
} catch { $errors += $_.Exception.Message }
ConvertTo-Json -Compress -Depth 4 @{ products = $products; defender = $defender; errors = $errors }
`;

/**
 * productState, as Security Center hands it out. Microsoft documents its parts (iwscapi.h: WSC_SECURITY_PRODUCT_STATE,
 * WSC_SECURITY_SIGNATURE_STATUS) and not its bits; these are the ones that every known reading agrees on:
 * 0xF000 the state (0 off, 1 on, 2 snoozed, 3 expired), 0x00F0 the signatures (0 up to date, 1 out of date), 0x0F00 the
 * owner (1 Windows itself). 397568 = 0x61100: Defender, on, up to date. 393472 = 0x60100: Defender, off. 266256 = 0x41010:
 * another product, on, outdated. An expired product (3) still runs and takes no updates: neither on nor up to date.
 */
export function decodeProductState(productState: number): {
  on: boolean;
  upToDate: boolean;
  owner: 'windows' | 'other';
} {
  const state = (productState >>> 12) & 0xf;
  const signatures = (productState >>> 4) & 0xf;
  return {
    on: state === 1,
    upToDate: signatures === 0 && state !== 3,
    owner: ((productState >>> 8) & 0xf) === 1 ? 'windows' : 'other',
  };
}

/** Products in the script's output; undefined when the output does not answer the question. Never throws. */
export function parseWindows(output: string, nowMs: number): Product[] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(output.replace(/^\uFEFF/, '').trim());
  } catch {
    return undefined;
  }
  if (!isRecord(data)) return undefined;
  const { products, defender } = data;
  const registered = listOf(products)?.map((one) => readProduct(one));
  const state = isRecord(defender) ? readDefender(defender, nowMs) : undefined;
  if (!registered && !state) return undefined;
  const known = (registered ?? []).filter((product) => product !== undefined);
  if (registered?.length && known.length === 0) return undefined;
  if (!state) return known.map(({ product }) => product);
  // Defender's own word on its definitions is better than Security Center's; whether it protects, both must agree.
  const own = known.findIndex(({ owner, product }) => owner === 'windows' || /defender/i.test(product.name));
  if (own < 0) return [...known.map(({ product }) => product), state];
  return known.map(({ product }, index) =>
    index === own ? { ...state, name: product.name, on: Boolean(product.on && state.on !== false) } : product,
  );
}

function readProduct(one: unknown): { product: Product; owner: 'windows' | 'other' } | undefined {
  if (!isRecord(one) || typeof one.displayName !== 'string') return undefined;
  const name = one.displayName.trim().slice(0, 128);
  const number = Number(one.productState);
  if (name === '' || one.productState === null || !Number.isInteger(number) || number < 0 || number > 0xffffffff) {
    return undefined;
  }
  const { on, upToDate, owner } = decodeProductState(number);
  return { product: { name, on, upToDate, definitionsAt: null }, owner };
}

/** A passive Defender (another product is registered) scans nothing by itself: not on. */
function readDefender(status: Record<string, unknown>, nowMs: number): Product | undefined {
  const { AntivirusEnabled, RealTimeProtectionEnabled, AMRunningMode, signaturesAt } = status;
  if (typeof AntivirusEnabled !== 'boolean') return undefined;
  const passive = typeof AMRunningMode === 'string' && !/^normal$/i.test(AMRunningMode.trim());
  const definitionsAt = dateOf(signaturesAt);
  const on = AntivirusEnabled && RealTimeProtectionEnabled !== false && !passive;
  return { name: 'Microsoft Defender Antivirus', on, upToDate: isFresh(definitionsAt, nowMs), definitionsAt };
}

/** ISO, or the `/Date(1700000000000)/` of Windows PowerShell 5's ConvertTo-Json. */
function dateOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const ticks = /^\/Date\((-?\d{1,16})\)\/$/.exec(value);
  return isoDate(ticks ? Number(ticks[1]) : value.replace(/(\.\d{3})\d+/, '$1'));
}

/** ConvertTo-Json may write one object for a list of one, or `{"value":[…],"Count":1}`; null is "could not ask". */
function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (isRecord(value) && Array.isArray(value.value)) return value.value;
  return isRecord(value) ? [value] : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
