import { Resolver } from 'node:dns/promises';
import type { Found } from '../../shared/wire/discovery.ts';
import { withoutZone } from '../probes/lan-reach/host.ts';
import { tcpConnect } from '../probes/lan-reach/tcp.ts';
import { askIpp } from '../probes/printer/ask-ipp.ts';
import { wordOf } from './ask-udp.ts';
import { kindOf } from './kind.ts';
import { askMdns } from './mdns.ts';
import { askNetbios } from './netbios.ts';
import { askSnmp } from './snmp.ts';
import type { Answering } from './sweep.ts';
import { vendorOf } from './vendor.ts';
import { askOnvifScopes } from './ws-discovery.ts';

/** File sharing, RPC, remote desktop; ssh; web; RTSP; printing; Hikvision, Dahua, MikroTik. */
const PORTS = [445, 135, 139, 3389, 22, 80, 443, 554, 631, 515, 9100, 8000, 37777, 8291];
const ANSWER_MS = 1_500;
const IPP_MS = 3_000;

export type Device = Omit<Found, 'proposedId'>;

/** Asks one device who it is, by unicast only. Never rejects for what it answers; after `signal`, what is known by then. */
export async function askWho(
  { address, mac }: Answering,
  via: Found['via'],
  gateway: string | null,
  signal: AbortSignal,
): Promise<Device> {
  const [tcp, dns, mdns, netbios, snmp, onvif] = await Promise.all([
    Promise.all(PORTS.map((port) => tcpConnect(address, port, ANSWER_MS, signal))),
    reverseName(address, signal),
    askMdns(address, ANSWER_MS, signal),
    askNetbios(address, ANSWER_MS, signal),
    askSnmp(address, ANSWER_MS, signal),
    askOnvifScopes(address, ANSWER_MS, signal),
  ]);
  const ports = tcp.filter(({ answer }) => answer === 'open').map(({ port }) => port);
  const ipp = ports.includes(631) ? await askIpp({ address, port: 631, path: '/ipp/print' }, IPP_MS, signal) : null;
  const names = {
    ...(dns ? { dns } : {}),
    ...(mdns?.name ? { mdns: mdns.name } : {}),
    ...(netbios ? { netbios } : {}),
  };
  const told = {
    address,
    mac,
    vendor: vendorOf(mac),
    names,
    snmp,
    printer: ipp && 'state' in ipp ? wordOf(ipp.state.model) : null,
    onvif,
    ports: ports.sort((a, b) => a - b),
    via,
  };
  return {
    ...told,
    ...kindOf({ ...told, services: mdns?.services ?? [], isGateway: withoutZone(address) === gateway }),
  };
}

/** The name that the school's own name server has for an address. */
async function reverseName(address: string, signal: AbortSignal): Promise<string | null> {
  const resolver = new Resolver({ timeout: ANSWER_MS, tries: 1 });
  const cancel = () => resolver.cancel();
  // Of several name servers each is waited for in turn.
  const timer = setTimeout(cancel, ANSWER_MS);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return signal.aborted ? null : wordOf((await resolver.reverse(withoutZone(address)))[0]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}
