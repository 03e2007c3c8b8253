import type { Socket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { isIPv6 } from 'node:net';
import snmp from 'net-snmp';
import { canonical } from '../lan-reach/host.ts';

export interface SnmpSession {
  session: snmp.Session;
  /** Whether something came that is no answer. */
  isGarbled(): boolean;
  /** Any number of times. */
  close(): void;
}

const MAX_DATAGRAM = 8 * 1024;

/**
 * net-snmp's session, with its socket's messages let through one by one: it emits `error` on bytes that it cannot read,
 * throws in the socket's handler on others (an answer without a PDU, one of version 3 to a question of version 2), and
 * takes an answer from anybody. `address` is an IP address. A request whose answer broke the library is never called
 * back: callers bring a deadline.
 */
export function openSnmp(
  address: string,
  community: string,
  options: { version: NonNullable<snmp.SessionOptions['version']>; port: number; timeout: number; retries: number },
): SnmpSession {
  const session = snmp.createSession(address, community, {
    ...options,
    transport: isIPv6(address) ? 'udp6' : 'udp4',
  });
  let garbled = false;
  let open = true;
  const inner = session as unknown as EventEmitter & { dgram: Socket; onMsg(bytes: Buffer): void };
  const from = canonical(address);
  inner.on('error', () => {
    garbled = true;
  });
  inner.dgram.removeAllListeners('message');
  inner.dgram.on('message', (bytes, sender) => {
    if (!open || sender.port !== options.port || canonical(sender.address) !== from) return;
    try {
      if (bytes.length > MAX_DATAGRAM) garbled = true;
      else inner.onMsg(bytes);
    } catch {
      garbled = true;
    }
  });
  return {
    session,
    isGarbled: () => garbled,
    close: () => {
      if (open) session.close();
      open = false;
    },
  };
}
