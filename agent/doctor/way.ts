import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Config } from '../config.ts';
import { interfaceTo, outgoingInterface } from '../probes/internet-speed/outgoing-interface.ts';
import type { ProbeContext } from '../probes/probe.ts';
import { askGateway } from '../probes/uplink/gateway.ts';

/** The way from this machine to the collector, step by step: an address of its own, the gateway, the name. */

const DEADLINE_MS = 12_000;
const NAME_MS = 6_000;

/** The first step that fails; empty when all work, or where the system does not tell. */
export async function wayProblems(collector: string): Promise<string[]> {
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal);
  if (own.length === 0) return ['máy chưa nối mạng: cắm cáp hoặc nối Wi-Fi'];
  // RFC 3927: what a host gives itself when nobody gave it one.
  if (own.every(({ address, family }) => family === 'IPv6' || address.startsWith('169.254.')) && !own.some(isGlobal6))
    return ['máy không được cấp địa chỉ (DHCP không trả lời): kiểm tra cáp, switch, và bộ phát đang bật'];
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const context: Pick<ProbeContext, 'memory' | 'signal'> = { memory: new Map(), signal };
  const gateway = await askGateway(undefined, context as ProbeContext).catch(() => null);
  if (gateway?.address === null) return ['máy không có cổng ra (default gateway): kiểm tra cấu hình mạng của máy'];
  if (gateway && gateway.sent > 0 && gateway.answered === 0)
    return [`cổng ra ${gateway.address} không trả lời: kiểm tra cáp tới bộ phát và bộ phát còn bật không`];
  const { hostname } = new URL(collector);
  const name = hostname.replaceAll(/^\[|\]$/g, '');
  if (isIP(name) !== 0 || (await resolves(name))) return [];
  return [`không tra được tên ${name}: kiểm tra DNS của máy (thử 8.8.8.8) và chính tả của địa chỉ`];
}

const isGlobal6 = ({ address, family }: { address: string; family: string }) =>
  family === 'IPv6' && !/^fe[89ab]/i.test(address);

async function resolves(name: string): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), NAME_MS).unref());
  const found = lookup(name).then(
    () => true,
    () => false,
  );
  return Promise.race([found, late]);
}

/** A speed test over the air says of the line only that it carries at least so much. */
export async function mediumCautions(config: Config, collector: string): Promise<string[]> {
  if (!config.probes.some(({ probe }) => probe.heavy)) return [];
  const { hostname, port, protocol } = new URL(collector);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const target = { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port || (protocol === 'http:' ? 80 : 443)) };
  const { medium, linkMbps } = await outgoingInterface(await interfaceTo(target, signal), signal);
  if (medium === 'wifi')
    return ['máy đo tốc độ qua Wi-Fi: cắm dây mạng, nếu không kết quả thấp không nói gì về đường truyền'];
  if (linkMbps !== null && linkMbps <= 10)
    return [`cổng mạng chỉ chạy ${linkMbps} Mbps: đổi cáp hoặc cổng switch trước khi đo tốc độ`];
  return [];
}
