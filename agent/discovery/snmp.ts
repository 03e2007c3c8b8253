import snmp from 'net-snmp';
import type { Found } from '../../shared/wire/discovery.ts';
import { openSnmp } from '../probes/printer/snmp-session.ts';
import { wordOf } from './ask-udp.ts';

const SYS_DESCR = '1.3.6.1.2.1.1.1.0'; // SNMPv2-MIB, RFC 3418
const SYS_NAME = '1.3.6.1.2.1.1.5.0';

/** sysName and sysDescr by SNMP v2c under the community that devices come with; null when they are not told. Never rejects. */
export function askSnmp(address: string, withinMs: number, signal: AbortSignal): Promise<Found['snmp']> {
  return new Promise((resolve) => {
    const { session, close } = openSnmp(address, 'public', {
      version: snmp.Version2c,
      port: 161,
      timeout: withinMs,
      retries: 0,
    });
    const finish = (value: Found['snmp'] = null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', none);
      close();
      resolve(value);
    };
    const none = () => finish();
    // Its own timeout is for one request; a device that sends garbage must not hold it longer.
    const timer = setTimeout(none, withinMs + 100);
    signal.addEventListener('abort', none, { once: true });
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
