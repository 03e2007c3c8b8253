import { camera } from './camera/camera.ts';
import { internetSpeed } from './internet-speed/internet-speed.ts';
import { lanReach } from './lan-reach/lan-reach.ts';
import { ownHostProbes } from './own-host.ts';
import { printer } from './printer/printer.ts';
import type { AnyProbe } from './probe.ts';
import { uplink } from './uplink/uplink.ts';

/** Every probe that this agent has. A new one is named here, or in `own-host.ts`, and nowhere else. */
export const probes: readonly AnyProbe[] = [internetSpeed, uplink, lanReach, printer, camera, ...ownHostProbes];
