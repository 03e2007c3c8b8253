import { inParallel } from '../../in-parallel.ts';
import type { RoundContext } from '../probe.ts';
import { PORT, TCP_MS } from './far.ts';
import { icmpEchoes } from './icmp.ts';
import { PORTS } from './reach.ts';
import type { Echoes, Look } from './summary.ts';
import type { System } from './system.ts';
import type { Target } from './target.ts';
import { type TcpAnswer, tcpAny } from './tcp.ts';

/**
 * How long the way to a device takes: handshakes of the port that answers, by this process itself; ICMP, which starts one,
 * only where no port does. `echoedBy` says which: a refusal comes from the device's kernel as an echo does, but a time of
 * the one is compared with times of the one only. A device that answers neither is asked again after an hour, by each for
 * itself; one whose port falls silent is asked by the other means in the same round.
 */

const ECHOES = 3;
const ECHO_MS = 1000;
const SILENT_MS = 3600_000;
/** Devices at once: beside a round's looks, where few at a time keep this process' own work out of the times, or at once. */
const BESIDE = { handshakes: 8, hostsOfShell: 8, shells: 1 };
const NOW = { handshakes: 32, hostsOfShell: 2, shells: 16 };

export interface Timed {
  target: Target;
  resolved: string;
  /** Gets `echoedBy`, and the port and its answer. */
  look: Look;
}

/** Tells the times of each device that has some. */
export async function timeWays(
  devices: readonly Timed[],
  context: RoundContext,
  system: System,
  tell: (id: string, echoes: Echoes) => void,
): Promise<void> {
  const { signal } = context;
  const atOnce = context.everySeconds === null ? NOW : BESIDE;
  const deaf: Timed[] = [];
  await inParallel(devices, atOnce.handshakes, signal, async (device) => {
    if (device.target.service) return;
    const echoes = await byTcp(device, context, system);
    if (echoes) tell(device.target.id, echoes);
    else deaf.push(device);
  });
  const due = deaf.filter(
    ({ target }) => target.icmp !== false && !isBefore(context.memoryOf(target.id).get(SILENT_UNTIL)),
  );
  const size = atOnce.hostsOfShell;
  const parts = Array.from({ length: Math.ceil(due.length / size) }, (_, at) => due.slice(at * size, (at + 1) * size));
  await inParallel(parts, atOnce.shells, signal, async (part) => {
    const echoed = await icmpEchoes(part.map(addressOf), ECHOES, ECHO_MS, signal, system);
    for (const device of part) {
      const rttsMs = echoed.get(addressOf(device));
      if (rttsMs === undefined) continue;
      if (rttsMs.length === 0) {
        context.memoryOf(device.target.id).set(SILENT_UNTIL, performance.now() + SILENT_MS);
        continue;
      }
      device.look.values = { ...device.look.values, echoedBy: 'icmp' };
      tell(device.target.id, { sent: ECHOES, rttsMs });
    }
  });
}

const addressOf = ({ look, resolved }: Timed): string => (look.values.address as string | undefined) ?? resolved;
const isBefore = (until: unknown): boolean => typeof until === 'number' && performance.now() < until;

/** Null where no port answers. The first handshake may be the one that finds the port: its time counts like the others'. */
async function byTcp(device: Timed, context: RoundContext, system: System): Promise<Echoes | null> {
  const { target, look } = device;
  const { signal } = context;
  const memory = context.memoryOf(target.id);
  const address = addressOf(device);
  const known = memory.get(PORT) as number | undefined;
  let first: TcpAnswer | undefined =
    known === undefined ? undefined : await system.connect(address, known, TCP_MS, signal);
  if (first === undefined || first.answer === 'none') {
    memory.delete(PORT);
    if (signal.aborted || isBefore(memory.get(PORTLESS_UNTIL))) return null;
    const answers = ({ answer }: TcpAnswer) => answer !== 'none';
    ({ first } = await tcpAny(address, target.ports ?? PORTS, TCP_MS, signal, answers, system.connect));
  }
  if (first === undefined || first.answer === 'none') {
    if (!signal.aborted) memory.set(PORTLESS_UNTIL, performance.now() + SILENT_MS);
    return null;
  }
  const { port, answer } = first;
  memory.set(PORT, port);
  look.values = { ...look.values, echoedBy: 'tcp', port, answer };
  const rttsMs = [first.rttMs];
  let sent = 1;
  for (; sent < ECHOES && !signal.aborted; sent++) {
    const again = await system.connect(address, port, TCP_MS, signal);
    if (again.answer !== 'none') rttsMs.push(again.rttMs);
  }
  return { sent, rttsMs };
}

const SILENT_UNTIL = 'silent-until';
const PORTLESS_UNTIL = 'portless-until';
