import { readFile } from 'node:fs/promises';
import { boundedChild } from '../internet-speed/bounded-child.ts';
import { canonical, isHost } from '../lan-reach/host.ts';
import type { ProbeContext } from '../probe.ts';

const ROUTES = '/proc/net/route';
const ROUTES_6 = '/proc/net/ipv6_route';
const CHILD_MS = 6_000;
/** Asking systems other than Linux starts programs. */
const REMEMBER_MS = 10 * 60_000;
const MEMORY_KEY = 'gateway';

/** The first hop of the default route; null where there is none or the system does not tell. */
export async function defaultGateway({
  memory,
  signal,
}: Pick<ProbeContext, 'memory' | 'signal'>): Promise<string | null> {
  const table = (file: string) => readFile(file, 'utf8').catch(() => '');
  if (process.platform === 'linux') return gatewayIn(await table(ROUTES)) ?? gateway6In(await table(ROUTES_6));
  const known = memory.get(MEMORY_KEY) as { address: string | null; until: number } | undefined;
  if (known && known.until > performance.now()) return known.address;
  const script = new URL('./gateway-child.ts', import.meta.url);
  const answer = await boundedChild(script, {}, { deadlineMs: CHILD_MS, maxHeapMb: 128, signal }).catch(() => null);
  const address = typeof answer === 'string' && isHost(answer) ? answer : null;
  memory.set(MEMORY_KEY, { address, until: performance.now() + REMEMBER_MS });
  return address;
}

/** `/proc/net/route` (proc(5)): addresses in hexadecimal, in the byte order of the host, which is little-endian on all that Node runs on. */
export function gatewayIn(text: string): string | null {
  const routes = text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, gateway, flags, , , metric] = line.trim().split(/\s+/);
      // RTF_UP and RTF_GATEWAY (route(4)).
      const isGateway = destination === '00000000' && (Number.parseInt(flags ?? '', 16) & 3) === 3;
      return isGateway && /^[0-9A-F]{8}$/i.test(gateway ?? '')
        ? [{ gateway: gateway!, metric: Number(metric) || 0 }]
        : [];
    });
  const [best] = routes.sort((a, b) => a.metric - b.metric);
  return best ? [...Buffer.from(best.gateway, 'hex')].reverse().join('.') : null;
}

/** `/proc/net/ipv6_route`: destination, its prefix, source, its prefix, next hop, metric, use counts, flags, interface. */
export function gateway6In(text: string): string | null {
  const routes = text.split('\n').flatMap((line) => {
    const [destination, prefix, , , hop = '', metric = '', , , flags = ''] = line.trim().split(/\s+/);
    const isGateway = /^0{32}$/.test(destination ?? '') && prefix === '00' && (Number.parseInt(flags, 16) & 3) === 3;
    return isGateway && /^[0-9a-f]{32}$/i.test(hop) ? [{ hop, metric: Number.parseInt(metric, 16) || 0 }] : [];
  });
  const [best] = routes.sort((a, b) => a.metric - b.metric);
  return best ? canonical(best.hop.match(/.{4}/g)!.join(':')) : null;
}
