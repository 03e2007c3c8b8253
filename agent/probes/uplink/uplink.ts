import Type, { type Static } from 'typebox';
import { HOST_PATTERN, HOST_WORDS } from '../lan-reach/host.ts';
import { isOnLink } from '../lan-reach/on-link.ts';
import { failed, type Outcome, ok, type Probe, type ProbeContext } from '../probe.ts';
import { askGateway } from './gateway.ts';
import { askOutside, hostAndPort, type Outside } from './outside.ts';
import { publicAddress } from './public-address.ts';
import { Names } from './resolve.ts';

const Config = Type.Object(
  {
    /** Id of the asset: the one that `internet-speed` measures. Default `internet`. */
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Names outside the school, `name` or `name:port` (443); better two, of different owners. Without them nothing is asked. */
    names: Type.Optional(
      Type.Array(
        Type.String({
          pattern: `${HOST_PATTERN.replace(/\$$/, '')}(:\\d{1,5})?$`,
          description: `${HOST_WORDS} (có thể kèm :cổng)`,
        }),
        { minItems: 1, maxItems: 4 },
      ),
    ),
    /** Instead of the system's default gateway. */
    gateway: Type.Optional(Type.String({ pattern: HOST_PATTERN, description: HOST_WORDS })),
    /** Handshakes with each name. Default 2. */
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/** A few packets each minute: is the line there, and is it still the same one. */
export const uplink: Probe<Config> = {
  name: 'uplink',
  schema: Config,
  everySeconds: 60,
  deadlineMs: 20_000,
  heavy: false,
  concurrency: 1,
  targets: ({ target = 'internet', names }) => (names ? [{ id: target }] : []),
  run: (_target, config, context) => watch(config, context),
  doctor: ({ names = [] }) => namesAmiss(names),
  cautions: ({ names }) =>
    names?.length === 1
      ? ['uplink: chỉ hỏi một tên ở ngoài: tên ấy hỏng sẽ bị coi là mất mạng, hãy thêm tên thứ hai']
      : [],
};

const WAS_AWAY = 'was-away';
const DOCTOR_MS = 5_000;

/** Exported for tests, which bring a resolver of their own. */
export async function watch(
  { names = [], gateway, attempts = 2 }: Config,
  context: ProbeContext,
  resolver = new Names(),
): Promise<Outcome> {
  const { memory, signal } = context;
  const [way, outside] = await Promise.all([
    askGateway(gateway, context),
    Promise.all(names.map((name) => askOutside(name, attempts, resolver, signal))),
  ]);
  const sent = sum(outside, (one) => one.sent);
  const answered = sum(outside, (one) => one.answered);
  const seen = answered > 0 ? await publicAddress(context, memory.get(WAS_AWAY) === true) : null;
  memory.set(WAS_AWAY, answered === 0);
  const values = {
    gateway: way,
    names: outside,
    sent,
    answered,
    lossShare: sent > 0 ? Math.round((1 - answered / sent) * 1000) / 1000 : null,
    publicAddress: seen?.publicAddress ?? null,
    provider: seen?.provider ?? null,
  };
  if (answered > 0) return ok(values);
  // The resolver is the line's as well: where it knows none of the names, the names are not what failed.
  return failed(outside.every(({ reason }) => reason === 'unresolved') ? 'unresolved' : 'unreachable', values);
}

const sum = (outside: readonly Outside[], of: (one: Outside) => number) =>
  outside.reduce((total, one) => total + of(one), 0);

/** A name that is spelt wrong would look like a line that is out, each minute, for ever. */
async function namesAmiss(names: readonly string[]): Promise<string[]> {
  if (names.length === 0)
    return ['uplink: chưa có names nên không đo gì: ghi 2 tên máy chủ ở ngoài trường, ví dụ máy chủ của Phòng/Sở'];
  const resolver = new Names();
  const signal = AbortSignal.timeout(DOCTOR_MS);
  const lines = await Promise.all(
    names.map(async (name) => {
      const { host, port } = hostAndPort(name);
      if (port < 1 || port > 65_535) return `uplink: ${name}: cổng phải từ 1 đến 65535`;
      const address = await resolver.addressOf(host, signal);
      if (address === null) return `uplink: ${name}: không tìm thấy địa chỉ, kiểm tra cách viết tên và mạng`;
      return isOnLink(address) ? `uplink: ${name} nằm trong mạng của trường (${address}): cần tên ở ngoài` : null;
    }),
  );
  return lines.filter((line) => line !== null);
}
