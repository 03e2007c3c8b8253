import { boundedChild } from './bounded-child.ts';

/** What the test ran over, as far as the system tells; null where it does not. */
export interface OutgoingInterface {
  name: string | null;
  medium: 'ethernet' | 'wifi' | 'loopback' | 'virtual' | null;
  /** Nominal speed of the port or the radio link, Mbps (10^6 bits a second). */
  linkMbps: number | null;
  /** What this host itself received just before the test, Mbps: the test measures what is left beside it. */
  busyMbps: number | null;
}

const UNKNOWN: OutgoingInterface = { name: null, medium: null, linkMbps: null, busyMbps: null };
const DEADLINE_MS = 6_000;

/** Never throws, ends within six seconds; servers on loopback addresses are not asked about. */
export async function outgoingInterface(hosts: readonly string[], signal: AbortSignal): Promise<OutgoingInterface> {
  if (hosts.length > 0 && hosts.every(isLoopback)) return { ...UNKNOWN, name: 'lo', medium: 'loopback' };
  try {
    const script = new URL('./interface-child.ts', import.meta.url);
    return readInterface(await boundedChild(script, {}, { deadlineMs: DEADLINE_MS, maxHeapMb: 128, signal }));
  } catch {
    return UNKNOWN;
  }
}

/** systeminformation's answer in our words: `type` is wired or wireless; `speed` is -1 or null when unknown. */
export function readInterface(answer: unknown): OutgoingInterface {
  if (typeof answer !== 'object' || answer === null) return UNKNOWN;
  const { iface, type, speed, virtual, busyMbps } = answer as Record<string, unknown>;
  const positive = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
  return {
    name: typeof iface === 'string' && iface !== '' ? iface.slice(0, 64) : null,
    medium: type === 'wireless' ? 'wifi' : virtual === true ? 'virtual' : type === 'wired' ? 'ethernet' : null,
    linkMbps: positive(speed) || null,
    busyMbps: positive(busyMbps),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
