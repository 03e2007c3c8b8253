import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from './estimate.ts';

/**
 * Latency to the test server as TCP sees it: from SYN to SYN-ACK (RFC 9293, 3.5), which the server's kernel answers
 * before any program there runs. Idle, and beside a transfer that fills the line: what a video call feels.
 */

export interface Latency {
  /** Median, and least, ms; null when nothing answered. */
  medianMs: number | null;
  leastMs: number | null;
  /** Mean difference between one answer and the next, ms (RFC 5481, 4.1: inter-packet delay variation); null below two. */
  jitterMs: number | null;
  sent: number;
  answered: number;
}

const ANSWER_MS = 2_000;
const MAX_ROUNDS = 100;
/** Who does not answer the first ones is not asked on: each costs ANSWER_MS. */
const MAX_SILENT = 2;

export interface LatencyOptions {
  /** Stops after this many; until `signal` aborts otherwise. */
  rounds?: number;
  /** From one to the next, ms. */
  everyMs: number;
  signal: AbortSignal;
}

/** Connects to host and port again and again and closes at once. Never throws; no answer is none. */
export async function latency(host: string, port: number, options: LatencyOptions): Promise<Latency> {
  const { rounds = MAX_ROUNDS, everyMs, signal } = options;
  const times: number[] = [];
  let sent = 0;
  while (sent < rounds && !signal.aborted) {
    const began = performance.now();
    const ms = await handshake(host, port, signal);
    // Cut short by the end of the transfer: neither answered nor lost.
    if (ms === null && signal.aborted) break;
    sent++;
    if (ms !== null) times.push(ms);
    if (times.length === 0 && sent >= MAX_SILENT) break;
    await delay(Math.max(0, everyMs - (performance.now() - began)), undefined, { signal }).catch(() => {});
  }
  return { ...summary(times), sent, answered: times.length };
}

export function summary(times: readonly number[]): Pick<Latency, 'medianMs' | 'leastMs' | 'jitterMs'> {
  if (times.length === 0) return { medianMs: null, leastMs: null, jitterMs: null };
  const differences = times.slice(1).map((ms, index) => Math.abs(ms - times[index]!));
  const jitterMs = differences.length === 0 ? null : differences.reduce((a, b) => a + b) / differences.length;
  return { medianMs: median(times), leastMs: Math.min(...times), jitterMs };
}

/** ms from SYN to SYN-ACK; null when nobody answers. */
function handshake(host: string, port: number, signal: AbortSignal): Promise<number | null> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host, port });
    const finish = (ms: number | null) => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      socket.destroy();
      resolve(ms);
    };
    const onAbort = () => finish(null);
    const timer = setTimeout(finish, ANSWER_MS, null);
    socket.once('connect', () => finish(performance.now() - began));
    socket.on('error', () => finish(null));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
