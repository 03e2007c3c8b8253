import Type, { type Static } from 'typebox';
import { HOST_PATTERN, HOST_WORDS } from '../lan-reach/host.ts';
import { NO_ADDRESS } from '../lan-reach/reach.ts';
import { tcpAny } from '../lan-reach/tcp.ts';
import { failed, type Outcome, ok, type Probe, type ProbeContext } from '../probe.ts';
import { Names } from '../uplink/resolve.ts';
import { askIpp } from './ask-ipp.ts';
import { askSnmp, type SnmpFailure, type SnmpState, type SnmpVersion } from './ask-snmp.ts';
import type { Supply } from './printer-state.ts';

const closed = { additionalProperties: false };
const Port = Type.Integer({ minimum: 1, maximum: 65535 });
const Target = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128 }),
    /** IPv4, IPv6 or host name. */
    address: Type.String({ maxLength: 253, pattern: HOST_PATTERN, description: HOST_WORDS }),
    /** Port of IPP. Default 631. */
    port: Type.Optional(Port),
    /** Path of the printer. Default `/ipp/print`. */
    path: Type.Optional(
      Type.String({ maxLength: 256, pattern: '^/[A-Za-z0-9/_.~%-]*$', description: 'đường dẫn bắt đầu bằng /' }),
    ),
    /** Community (default `public`) and port (161) of SNMP v2c and v1; false: not asked by SNMP. */
    snmp: Type.Optional(
      Type.Union([
        Type.Literal(false),
        Type.Object(
          {
            community: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
            port: Type.Optional(Port),
          },
          closed,
        ),
      ]),
    ),
  },
  closed,
);
const Config = Type.Object({ targets: Type.Array(Target, { maxItems: 1024 }) }, closed);
type Config = Static<typeof Config>;
type Target = Static<typeof Target>;

const IPP_PORT = 631;
const SNMP_PORT = 161; // RFC 3417, 3.1
/** Raw printing of most network printers ("JetDirect"). */
const RAW_PORT = 9100;
/** LPD (RFC 1179) and the printer's own pages. */
const OTHER_PORTS = [515, 80, 443];
const IPP_MS = 5_000;
const TCP_MS = 2_000;
/** How long supplies that only SNMP tells are taken as they were. */
const SUPPLIES_MS = 60 * 60_000;

/**
 * A printer's state by IPP, else by SNMP. One that speaks neither in the open still counts as answering when it takes a
 * connection on its raw port, or answers on any port at all; `values.ipp` and `values.snmp` then say why there is no state.
 */
export const printer: Probe<Config, Target> = {
  name: 'printer',
  schema: Config,
  everySeconds: 300,
  deadlineMs: 12_000,
  heavy: false,
  concurrency: 8,
  targets: (config) => config.targets,
  run: (target, _config, context) => ask(target, context),
};

async function ask(target: Target, context: ProbeContext): Promise<Outcome> {
  const { address, port = IPP_PORT, path = '/ipp/print' } = target;
  const { signal } = context;
  const ipp = await askIpp({ address, port, path }, IPP_MS, signal);
  if ('state' in ipp) {
    const values = { via: 'ipp', ...ipp.state, ippVersion: ipp.version };
    if (ipp.state.supplies.some(({ levelPercent }) => levelPercent !== null)) return ok(values);
    const { supplies, suppliesAt } = await suppliesBySnmp(target, context);
    return ok(supplies.length > 0 ? { ...values, supplies, suppliesVia: 'snmp', suppliesAt } : values);
  }
  if (ipp.reason === 'unresolved') return failed('unresolved', { message: ipp.message });

  const [snmp, open] = await Promise.all([bySnmp(target, context), openPort(address, port, signal)]);
  const why = { ipp: ipp.reason, message: ipp.message };
  if ('state' in snmp) return ok({ via: 'snmp', ...snmp, ...why });
  const whyNeither = { ...why, ...(target.snmp === false ? {} : { snmp: snmp.reason }) };
  if (open) return ok({ via: 'tcp', ...open, ...whyNeither });
  return failed(ipp.reason, { ...whyNeither });
}

/** Where the host answers by TCP at all, its raw port first. */
async function openPort(address: string, ippPort: number, signal: AbortSignal) {
  const open = await tcpAny(address, [RAW_PORT], TCP_MS, signal, ({ answer }) => answer === 'open');
  if (open.first) return { port: RAW_PORT, answer: 'open' };
  const ports = [...new Set([ippPort, RAW_PORT, ...OTHER_PORTS])];
  const { first } = await tcpAny(address, ports, TCP_MS, signal, ({ answer }) => answer !== 'none');
  return first ? { port: first.port, answer: first.answer } : null;
}

interface Remembered {
  supplies: Supply[];
  /** When SNMP was asked, whatever it answered. */
  suppliesAt: string;
}

async function suppliesBySnmp(target: Target, context: ProbeContext): Promise<Remembered> {
  const known = context.memory.get('supplies') as (Remembered & { until: number }) | undefined;
  if (known && performance.now() < known.until) return known;
  const suppliesAt = new Date().toISOString();
  const answer = target.snmp === false ? null : await bySnmp(target, context);
  const supplies = answer && 'state' in answer ? answer.supplies : [];
  context.memory.set('supplies', { supplies, suppliesAt, until: performance.now() + SUPPLIES_MS });
  return { supplies, suppliesAt };
}

async function bySnmp(
  { address, snmp = {} }: Target,
  { memory, signal }: ProbeContext,
): Promise<SnmpState | SnmpFailure> {
  if (snmp === false) return { reason: 'skipped', message: 'SNMP is off' };
  const found = await new Names().addressOf(address, signal);
  if (found === null) return { reason: 'unresolved', message: NO_ADDRESS };
  const { community = 'public', port = SNMP_PORT } = snmp;
  const last = memory.get('snmp-version') as SnmpVersion | undefined;
  const answer = await askSnmp({ address: found, port, community }, signal, last);
  if ('state' in answer) memory.set('snmp-version', answer.snmpVersion);
  return answer;
}
