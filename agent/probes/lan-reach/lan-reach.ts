import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import Type, { type Static } from 'typebox';
import { failed, type Outcome, ok, type Probe, type Reason } from '../probe.ts';
import { askArp, isOnLink } from './arp.ts';
import { HOST_PATTERN, HOST_WORDS, isHost } from './host.ts';
import { icmpEcho, pingWorks } from './icmp.ts';
import { networkReason } from './network-reason.ts';
import { type TcpAnswer, tcpAny } from './tcp.ts';

const Port = Type.Integer({ minimum: 1, maximum: 65535 });
const closed = { additionalProperties: false };

/** Closed, so that a slip of the pen is told: the inventory's kinds, and what else has an address. */
const KINDS = ['pc', 'printer', 'camera', 'access-point', 'gateway', 'switch', 'server', 'other'] as const;

const Target = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128 }),
    /** IPv4, IPv6 or host name. */
    address: Type.String({ maxLength: 253, pattern: HOST_PATTERN, description: HOST_WORDS }),
    /** What it is; for the reader of the file. */
    kind: Type.Optional(Type.Union(KINDS.map((kind) => Type.Literal(kind)))),
    /** Asked by TCP instead of the usual ports. */
    ports: Type.Optional(Type.Array(Port, { minItems: 1, maxItems: 32 })),
    /** false: not by ICMP, where something else would answer for the target. */
    icmp: Type.Optional(Type.Boolean()),
    /**
     * true: the target is the service at `ports`, not the host that has the address (a device behind address
     * translation, the page of an access point); only an accepted connection counts.
     */
    service: Type.Optional(Type.Boolean()),
    /** Ethernet address, by which `discover` knows the device again at another address. */
    mac: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' })),
  },
  closed,
);
const Config = Type.Object({ targets: Type.Array(Target, { maxItems: 4096 }) }, closed);
type Config = Static<typeof Config>;
type Target = Static<typeof Target>;

/** Windows file sharing and RPC first: what PCs that drop ICMP leave open or refuse; then what devices serve. */
const PORTS = [445, 135, 139, 22, 80, 443, 3389, 9100];
const RESOLVE_MS = 3_000;
const ICMP_MS = 2_000;
const TCP_MS = 2_000;
/** From the start; leaves the runner's deadline a second and a half. */
const ARP_UNTIL_MS = 8_500;

/** Whether a device is on the network: by ICMP, else by TCP, where a refusal is an answer, else by ARP on the own link. */
export const lanReach: Probe<Config, Target> = {
  name: 'lan-reach',
  schema: Config,
  everySeconds: 300,
  deadlineMs: 10_000,
  heavy: false,
  concurrency: 16,
  targets: (config) => config.targets,
  run: (target, _config, context) => reach(target, context.signal),
  doctor: async (config) =>
    config.targets.some((target) => target.icmp !== false && !target.service) && !(await pingWorks())
      ? ['lan-reach: máy này thiếu chương trình ping (Debian/Ubuntu: apt install iputils-ping); chỉ đo bằng TCP và ARP']
      : [],
};

/** `values.tried` names the methods asked, in order; `values.method` the one that answered. */
export async function reach(target: Target, signal: AbortSignal): Promise<Outcome> {
  const start = performance.now();
  const tried: string[] = [];
  const address = await resolve(target.address, signal);
  if (typeof address !== 'string') return failed(address.reason, { tried, message: address.message });

  if (target.icmp !== false && !target.service) {
    tried.push('icmp');
    const icmp = await icmpEcho(address, ICMP_MS, signal);
    if (icmp.answered) return ok({ method: 'icmp', rttMs: icmp.rttMs, tried });
    if (icmp.why === 'tool-missing') tried[0] = 'icmp-missing';
  }

  tried.push('tcp');
  const counts = ({ answer }: TcpAnswer) => answer === 'open' || (answer === 'refused' && !target.service);
  const { first, all } = await tcpAny(address, target.ports ?? PORTS, TCP_MS, signal, counts);
  if (first && first.answer !== 'none') {
    return ok({ method: 'tcp', rttMs: first.rttMs, port: first.port, answer: first.answer, tried });
  }

  if (!target.service && isOnLink(address)) {
    tried.push('arp');
    const mac = await askArp(address, start + ARP_UNTIL_MS, signal);
    if (mac) return ok({ method: 'arp', rttMs: null, mac, tried });
    // EHOSTUNREACH on the own link is this host's own word for "nobody answered ARP".
    if (!signal.aborted && whyNot(all) === 'unreachable') return failed('timeout', { tried });
  }
  return failed(whyNot(all), { tried });
}

async function resolve(host: string, signal: AbortSignal): Promise<string | { reason: Reason; message: string }> {
  if (isIP(host)) return host;
  if (!isHost(host)) return { reason: 'unresolved', message: 'not a host name or address' };
  const late = AbortSignal.any([signal, AbortSignal.timeout(RESOLVE_MS)]);
  const tooLate = new Promise<never>((_, reject) =>
    late.addEventListener('abort', () =>
      reject(Object.assign(new Error('no answer to the name'), { code: 'EAI_AGAIN' })),
    ),
  );
  try {
    return (await Promise.race([lookup(host), tooLate])).address;
  } catch (error) {
    return networkReason(error);
  }
}

/** Silence from one port may be a filter; only what all ports agree on is said of the host. */
function whyNot(answers: readonly TcpAnswer[]): Reason {
  if (answers.some(({ answer }) => answer === 'refused')) return 'refused';
  const reasons = new Set(answers.map((answer) => (answer.answer === 'none' ? answer.reason : 'refused')));
  return reasons.size === 1 ? [...reasons][0]! : 'timeout';
}
