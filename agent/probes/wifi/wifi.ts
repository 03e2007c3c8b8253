import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import Type, { type Static } from 'typebox';
import { boundedChild, ChildError } from '../internet-speed/bounded-child.ts';
import { HOST_PATTERN, HOST_WORDS, isHost, isLinkLocal } from '../lan-reach/host.ts';
import { failed, type Outcome, ok, type Probe, type ProbeContext } from '../probe.ts';
import { defaultGateway } from '../uplink/default-gateway.ts';
import { readConnections, type WifiConnection, type WifiFacts } from './connection.ts';
import { type Loss, lossTo, summary } from './loss.ts';

const Config = Type.Object(
  {
    /** Id of the asset that this host's Wi-Fi is. Default `wifi-` and the host's name. */
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Asked instead of the system's default gateway. */
    gateway: Type.Optional(Type.String({ pattern: HOST_PATTERN, description: HOST_WORDS })),
    /** Names of the school's networks. On any other one a laptop says nothing about the school. */
    ssids: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 32 }), { minItems: 1, maxItems: 32 })),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/** PowerShell, which systeminformation starts under Windows, takes seconds to begin. */
const CHILD_MS = 15_000;

/**
 * The Wi-Fi that this host is on: access point, channel, signal, rate, and loss to the gateway. A host that is on no
 * Wi-Fi, or whose way out is a cable, gives `skipped`: it says nothing about the school's Wi-Fi.
 */
export const wifi: Probe<Config> = {
  name: 'wifi',
  schema: Config,
  everySeconds: 300,
  deadlineMs: 45_000,
  heavy: false,
  concurrency: 1,
  targets: ({ target }) => [{ id: target ?? `wifi-${hostname()}`.slice(0, 128) }],
  run: (_target, config, context) => measure(config, context),
  cautions: ({ ssids }) =>
    ssids
      ? []
      : ['chưa khai "ssids" (tên các mạng Wi-Fi của trường): máy mang về nhà thì Wi-Fi ở nhà cũng bị tính cho trường'],
  doctor: async () =>
    process.platform === 'linux' && !(await starts('iw'))
      ? [
          'wifi: máy này thiếu chương trình iw (Debian/Ubuntu: apt install iw); không biết điểm truy cập và mức tín hiệu',
        ]
      : [],
};

async function measure({ gateway, ssids }: Config, context: ProbeContext): Promise<Outcome> {
  const limits = { deadlineMs: CHILD_MS, maxHeapMb: 128, signal: context.signal };
  let facts: unknown;
  try {
    facts = await boundedChild(new URL('./wifi-child.ts', import.meta.url), {}, limits);
  } catch (error) {
    if (!(error instanceof ChildError)) throw error;
    const reason = error.code === 'crashed' ? 'failed' : error.code;
    return failed(reason, { message: error.message });
  }
  const found = connectionOf((facts ?? {}) as WifiFacts, ssids);
  if (typeof found === 'string') return failed('skipped', { message: found });
  const address = gateway ?? (await defaultGateway(context));
  const isAsked = address !== null && isHost(address) && !isLinkLocal(address);
  const loss = isAsked ? await lossTo(address, context.signal) : summary(null, []);
  return outcome(found, address, loss, context.memory);
}

/** The connection that the default route takes, to one of these networks; else why nothing is measured. */
export function connectionOf(facts: WifiFacts, ssids?: readonly string[]): WifiConnection | string {
  const found = onRoute(facts);
  if (typeof found === 'string' || !ssids) return found;
  const known = found.ssid?.normalize('NFC');
  // The name of a network at somebody's home is not told.
  return known !== undefined && ssids.some((ssid) => ssid.normalize('NFC') === known)
    ? found
    : 'máy này không ở mạng Wi-Fi của trường';
}

function onRoute(facts: WifiFacts): WifiConnection | string {
  const connections = readConnections(facts);
  if (connections.length === 0) return 'máy này không nối Wi-Fi';
  const { defaultInterface } = facts;
  if (typeof defaultInterface !== 'string' || defaultInterface === '') return connections[0]!;
  return (
    connections.find((one) => one.interface === defaultInterface) ??
    'máy này nối Wi-Fi nhưng mạng đi qua cổng khác (dây)'
  );
}

const LAST = 'last';

/** `roamed`: whether the access point is another than at the last sample on the same network; null when not known. */
export function outcome(
  connection: WifiConnection,
  gateway: string | null,
  loss: Loss | null,
  memory: Map<string, unknown>,
): Outcome {
  const last = memory.get(LAST) as WifiConnection | undefined;
  const { ssid, bssid } = connection;
  memory.set(LAST, connection);
  const roamed = last?.ssid === ssid && last.bssid !== null && bssid !== null ? last.bssid !== bssid : null;
  const values = { ...connection, roamed, gateway };
  return loss ? ok({ ...values, ...loss }) : failed('timeout', { ...values, ...summary('icmp', Array(20).fill(null)) });
}

const starts = (program: string) =>
  new Promise<boolean>((resolve) => {
    execFile(program, ['--version'], { timeout: 5_000 }, (error) => resolve(error?.code !== 'ENOENT'));
  });
