import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { canonical } from '../probes/lan-reach/host.ts';

export interface UdpQuestion {
  address: string;
  port: number;
  packet: Buffer;
  withinMs: number;
  /** Longer answers are not read, bytes. */
  maxBytes: number;
  signal: AbortSignal;
}

/** So many datagrams that say nothing end the wait: a device that floods is not listened to. */
const MAX_DATAGRAMS = 16;

/**
 * One datagram to one address. Resolves with what `read` makes of the first answer that it can use; undefined when none
 * came in time, the port is closed, or every answer was garbage. Only datagrams from that address count, from any of
 * its ports, as some devices answer from another. Never rejects, whatever `read` throws.
 */
export function askUdp<T>(question: UdpQuestion, read: (answer: Buffer) => T | undefined): Promise<T | undefined> {
  const { address, port, packet, withinMs, maxBytes, signal } = question;
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    let received = 0;
    const finish = (value?: T) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', none);
      socket.removeAllListeners('message');
      try {
        socket.close();
      } catch {
        // Closed before.
      }
      resolve(value);
    };
    const none = () => finish();
    const timer = setTimeout(none, withinMs);
    signal.addEventListener('abort', none, { once: true });
    socket.on('error', none);
    if (signal.aborted) return none();
    socket.on('message', (answer, from) => {
      if (canonical(from.address) !== canonical(address)) return;
      if (++received > MAX_DATAGRAMS) return none();
      if (answer.length > maxBytes) return;
      let value: T | undefined;
      try {
        value = read(answer);
      } catch {
        return; // Garbage; a good answer may still come.
      }
      if (value !== undefined) finish(value);
    });
    socket.send(packet, port, address, (error) => {
      if (error) none();
    });
  });
}

/** What a device says, fit for a table and a report: one line, no control characters, at most 255 characters; null when nothing is left. */
export function wordOf(said: unknown): string | null {
  if (typeof said !== 'string') return null;
  const word = said
    .slice(0, 2000)
    .toWellFormed()
    .replaceAll(/\p{C}+/gu, ' ')
    .replaceAll('\uFFFD', '')
    .trim()
    .slice(0, 255)
    .toWellFormed()
    .trim();
  return word === '' ? null : word;
}
