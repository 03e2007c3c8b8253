import Type, { type Static } from 'typebox';
import { HOST_PATTERN, HOST_WORDS } from '../lan-reach/host.ts';
import { tcpAny } from '../lan-reach/tcp.ts';
import { failed, type Outcome, ok, type Probe } from '../probe.ts';
import { askIpp } from './ask-ipp.ts';

const closed = { additionalProperties: false };
const Target = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128 }),
    /** IPv4, IPv6 or host name. */
    address: Type.String({ maxLength: 253, pattern: HOST_PATTERN, description: HOST_WORDS }),
    /** Port of IPP. Default 631. */
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    /** Path of the printer. Default `/ipp/print`. */
    path: Type.Optional(
      Type.String({ maxLength: 256, pattern: '^/[A-Za-z0-9/_.~%-]*$', description: 'đường dẫn bắt đầu bằng /' }),
    ),
  },
  closed,
);
const Config = Type.Object({ targets: Type.Array(Target, { maxItems: 1024 }) }, closed);
type Config = Static<typeof Config>;
type Target = Static<typeof Target>;

const IPP_PORT = 631;
/** Raw printing of most network printers ("JetDirect"). */
const RAW_PORT = 9100;
/** LPD (RFC 1179) and the printer's own pages. */
const OTHER_PORTS = [515, 80, 443];
const IPP_MS = 5_000;
const TCP_MS = 2_000;

/**
 * A printer's state by IPP. One that does not speak IPP in the open still counts as answering when it takes a connection
 * on its raw port, or answers on any port at all; `values.ipp` then says why there is no state.
 */
export const printer: Probe<Config, Target> = {
  name: 'printer',
  schema: Config,
  everySeconds: 300,
  deadlineMs: 12_000,
  heavy: false,
  concurrency: 8,
  targets: (config) => config.targets,
  run: (target, _config, context) => ask(target, context.signal),
};

async function ask(target: Target, signal: AbortSignal): Promise<Outcome> {
  const { address, port = IPP_PORT, path = '/ipp/print' } = target;
  const ipp = await askIpp({ address, port, path }, IPP_MS, signal);
  if ('state' in ipp) return ok({ via: 'ipp', ...ipp.state, ippVersion: ipp.version });
  if (ipp.reason === 'unresolved') return failed('unresolved', { message: ipp.message });

  const why = { ipp: ipp.reason, message: ipp.message };
  const open = await tcpAny(address, [RAW_PORT], TCP_MS, signal, ({ answer }) => answer === 'open');
  if (open.first) return ok({ via: 'tcp', port: RAW_PORT, answer: 'open', ...why });
  const ports = [...new Set([port, RAW_PORT, ...OTHER_PORTS])];
  const any = await tcpAny(address, ports, TCP_MS, signal, ({ answer }) => answer !== 'none');
  if (any.first && any.first.answer !== 'none') {
    return ok({ via: 'tcp', port: any.first.port, answer: any.first.answer, ...why });
  }
  return failed(ipp.reason, { message: ipp.message });
}
