import type { Socket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import snmp from 'net-snmp';
import type { Found } from '../../shared/wire/discovery.ts';
import { wordOf } from './ask-udp.ts';

const MAX_BYTES = 8192;
const SYS_DESCR = '1.3.6.1.2.1.1.1.0'; // SNMPv2-MIB, RFC 3418
const SYS_NAME = '1.3.6.1.2.1.1.5.0';

/** sysName and sysDescr by SNMP v2c under the community that devices come with; null when they are not told. Never rejects. */
export function askSnmp(address: string, withinMs: number, signal: AbortSignal): Promise<Found['snmp']> {
  return new Promise((resolve) => {
    const session = snmp.createSession(address, 'public', {
      version: snmp.Version2c,
      timeout: withinMs,
      retries: 0,
      transport: 'udp4',
    });
    const finish = (value: Found['snmp'] = null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', none);
      try {
        session.close();
      } catch {
        // Closed before.
      }
      resolve(value);
    };
    const none = () => finish();
    // Its own timeout is for one request; a device that sends garbage must not hold it longer.
    const timer = setTimeout(none, withinMs + 100);
    signal.addEventListener('abort', none, { once: true });
    (session as unknown as EventEmitter).on('error', () => {}); // Garbage; a good answer may still come.
    guard(session, address);
    if (signal.aborted) return none();
    session.get([SYS_DESCR, SYS_NAME], (error, varbinds) => {
      if (error) return none();
      const said = (oid: string) => {
        const value: unknown = (varbinds ?? []).find((one) => one.oid === oid)?.value;
        return Buffer.isBuffer(value) ? wordOf(value.toString('utf8')) : null;
      };
      const [sysDescr, sysName] = [said(SYS_DESCR), said(SYS_NAME)];
      finish(sysDescr === null && sysName === null ? null : { sysName, sysDescr });
    });
  });
}

/**
 * net-snmp reads datagrams from anybody, and throws inside its event handler on some (an answer of version 3 to a
 * question of version 2), which would end the agent.
 */
function guard(session: object, address: string): void {
  const inside = session as { dgram: Socket; onMsg(message: Buffer): void };
  inside.dgram.removeAllListeners('message');
  inside.dgram.on('message', (message, from) => {
    if (from.address !== address || message.length > MAX_BYTES) return;
    try {
      inside.onMsg(message);
    } catch {
      // Garbage.
    }
  });
}
