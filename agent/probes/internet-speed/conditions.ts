import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { type Counter, type OutgoingInterface, receivedBetween } from './outgoing-interface.ts';

/** What else went on while a line was measured, and what of it makes the result say nothing about the line. */

export interface Conditions {
  /** What this host received beside the test, Mbps on Ethernet; null where its counters cannot be read. */
  otherMbps: number | null;
  /** Of one core, used by this process. */
  cpuShare: number;
  /** Of all cores, by everybody; null where the system does not tell. */
  hostCpuShare: number | null;
  /** Time in which this process' event loop had work. */
  loopShare: number;
}

/**
 * Why a result is a lower bound of the line and no more: the radio, the port or the tunnel may have been what was
 * measured, the host's own traffic took its part, the computer or the server could not keep up, or the test was kept short
 * to save a paid connection.
 */
export type Mark = 'wifi' | 'port' | 'own-traffic' | 'cpu' | 'vpn' | 'metered' | 'server-limited';

/** Own traffic above this share of what the test got makes the result the rest of a busy line. */
const BUSY_SHARE = 0.1;
/** Below this it is the network's own talk, Mbps. */
const BUSY_LEAST_MBPS = 0.5;
/** Of one loop, or of all cores: from here on the computer may be what was measured. */
const LOOP_FULL = 0.95;
const CORES_FULL = 0.97;
/** From this share of what the server says that it gives, the server may be what was measured. */
const SERVER_SHARE = 0.9;

export function marksOf(
  outgoing: OutgoingInterface,
  conditions: Conditions,
  lineMbps: number,
  server: { payloadMbps: number; limitMbps: number | null; refused: boolean },
  thresholdMbps: number,
): Mark[] {
  const busy = Math.max(outgoing.busyMbps ?? 0, conditions.otherMbps ?? 0);
  const marks: [Mark, boolean][] = [
    ['wifi', outgoing.medium === 'wifi'],
    ['port', outgoing.linkMbps !== null && outgoing.linkMbps <= thresholdMbps],
    ['own-traffic', busy > Math.max(BUSY_LEAST_MBPS, lineMbps * BUSY_SHARE)],
    ['cpu', conditions.loopShare >= LOOP_FULL || (conditions.hostCpuShare ?? 0) >= CORES_FULL],
    ['vpn', outgoing.vpn === true],
    ['metered', outgoing.metered === true],
    [
      'server-limited',
      server.refused || (server.limitMbps !== null && server.payloadMbps >= server.limitMbps * SERVER_SHARE),
    ],
  ];
  return marks.filter(([, applies]) => applies).map(([mark]) => mark);
}

/** The test itself: when, ms of `performance.now()`, and what it received then, as the interface counts it. */
export interface Own {
  from: number;
  to: number;
  bytes: number;
}

/** Watches the computer from now on. */
export function watch() {
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const host = hostTimes();
  const began = performance.now();
  return {
    /** At the end of the test; what is done after it is no part of it. */
    end(): Omit<Conditions, 'otherMbps'> {
      const ms = Math.max(1, performance.now() - began);
      const { user, system } = process.cpuUsage(cpu);
      const now = hostTimes();
      const total = now.total - host.total;
      return {
        cpuShare: (user + system) / 1000 / ms,
        hostCpuShare: total > 0 ? 1 - (now.idle - host.idle) / total : null,
        loopShare: performance.eventLoopUtilization(loop).utilization,
      };
    },
  };
}

/** Received beside the test, Mbps on Ethernet; null where the readings do not reach that far. */
export function otherMbps(readings: readonly Counter[], { from, to, bytes }: Own): number | null {
  const received = to > from ? receivedBetween(readings, from, to) : null;
  return received === null ? null : (Math.max(0, received - bytes) * 8) / (to - from) / 1000;
}

function hostTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
