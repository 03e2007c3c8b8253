import { reverse } from 'node:dns/promises';
import { isIP } from 'node:net';
import { smallFetch } from '../internet-speed/providers/small-fetch.ts';
import type { ProbeContext } from '../probe.ts';

/** How the world sees the school's line: a change shows that another line carries it. */
export interface PublicAddress {
  publicAddress: string | null;
  /** Who names that address, as `vnpt.vn`; null when nobody does. */
  provider: string | null;
}

const NOBODY: PublicAddress = { publicAddress: null, provider: null };
const ASK_EVERY_MS = 10 * 60_000;
const LIMITS = { maxBytes: 4 * 1024, timeoutMs: 4_000 };
const NAME_MS = 2_000;
const MEMORY_KEY = 'public-address';

/** As the collector sees it; asked every ten minutes, and at once after the line was away. Never throws. */
export async function publicAddress(context: ProbeContext, wasAway: boolean): Promise<PublicAddress> {
  const { memory, collector, signal } = context;
  const known = memory.get(MEMORY_KEY) as { value: PublicAddress; until: number } | undefined;
  if (known && known.until > performance.now() && !wasAway) return known.value;
  if (collector === null) return NOBODY;
  const address = await asked(`${collector.url}/api/v1/speed/address`, signal);
  if (address === null) return NOBODY;
  const value = { publicAddress: address, provider: await providerOf(address) };
  memory.set(MEMORY_KEY, { value, until: performance.now() + ASK_EVERY_MS });
  return value;
}

async function asked(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { address } = JSON.parse(await smallFetch(url, { ...LIMITS, signal })) as { address?: unknown };
    return typeof address === 'string' && isIP(address) !== 0 ? address : null;
  } catch {
    return null;
  }
}

async function providerOf(address: string): Promise<string | null> {
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, NAME_MS, []).unref());
  const [name] = await Promise.race([reverse(address).catch(() => []), late]);
  return name === undefined ? null : registrable(name);
}

/** Suffixes under which names are given out one level deeper, in Viet Nam and around. */
const SECOND_LEVEL = /^(com|net|org|edu|gov|co|ac|info|name|health|int|pro)$/;

/** `static.vnpt-hanoi.com.vn` → `vnpt-hanoi.com.vn`; null for what is no name. */
export function registrable(name: string): string | null {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length < 2 || !labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) return null;
  const isCountry = labels.at(-1)!.length === 2;
  return labels.slice(isCountry && SECOND_LEVEL.test(labels.at(-2)!) ? -3 : -2).join('.');
}
