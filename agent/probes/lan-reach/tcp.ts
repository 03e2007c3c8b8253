import { connect } from 'node:net';
import type { Reason } from '../probe.ts';
import { networkReason } from './network-reason.ts';

/** One TCP connect (RFC 9293, 3.5): a handshake or a reset is an answer of the host, the rest is none. */
export type TcpAnswer =
  | { port: number; answer: 'open' | 'refused'; rttMs: number }
  | { port: number; answer: 'none'; reason: Reason };

export function tcpConnect(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<TcpAnswer> {
  return new Promise((resolve) => {
    const start = performance.now();
    const socket = connect({ host, port });
    const finish = (answer: TcpAnswer) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', silent);
      socket.destroy();
      resolve(answer);
    };
    const silent = () => finish({ port, answer: 'none', reason: 'timeout' });
    const rttMs = () => Math.round((performance.now() - start) * 1000) / 1000;
    // Timers come before what the network brought while this process was kept busy: that is seen to first.
    const timer = setTimeout(() => setImmediate(silent), timeoutMs);
    signal.addEventListener('abort', silent, { once: true });
    if (signal.aborted) return silent();
    socket.once('connect', () => finish({ port, answer: 'open', rttMs: rttMs() }));
    socket.on('error', (error) => {
      const { reason } = networkReason(error);
      if (reason === 'refused') finish({ port, answer: 'refused', rttMs: rttMs() });
      else finish({ port, answer: 'none', reason });
    });
  });
}

/**
 * Connects to all ports at once. Resolves with the first answer that `counts`, and ends the other attempts; with all
 * the answers when none counts.
 */
export async function tcpAny(
  host: string,
  ports: readonly number[],
  timeoutMs: number,
  signal: AbortSignal,
  counts: (answer: TcpAnswer) => boolean,
  connectOnce: typeof tcpConnect = tcpConnect,
): Promise<{ first: TcpAnswer | undefined; all: TcpAnswer[] }> {
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  let first: TcpAnswer | undefined;
  const all = await Promise.all(
    ports.map(async (port) => {
      const answer = await connectOnce(host, port, timeoutMs, either);
      if (first === undefined && counts(answer)) {
        first = answer;
        others.abort();
      }
      return answer;
    }),
  );
  return { first, all };
}
