import { antivirus } from './antivirus/antivirus.ts';
import { host } from './host/host.ts';
import type { AnyProbe } from './probe.ts';
import { wifi } from './wifi/wifi.ts';

/** Probes of the host that the agent runs on: all that an endpoint may report (OWN_HOST_PROBES of the wire). */
export const ownHostProbes: readonly AnyProbe[] = [antivirus, host, wifi];
