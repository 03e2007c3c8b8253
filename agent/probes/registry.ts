import { antivirus } from './antivirus/antivirus.ts';
import { camera } from './camera/camera.ts';
import { host } from './host/host.ts';
import { internetSpeed } from './internet-speed/internet-speed.ts';
import { lanReach } from './lan-reach/lan-reach.ts';
import { printer } from './printer/printer.ts';
import type { AnyProbe } from './probe.ts';
import { uplink } from './uplink/uplink.ts';
import { wifi } from './wifi/wifi.ts';

/** Every probe that this agent has. A new one is named here and nowhere else. */
export const probes: readonly AnyProbe[] = [internetSpeed, uplink, lanReach, printer, camera, antivirus, host, wifi];
