import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { makeNamespace, type Namespace } from '../../agent/lan-reach/namespace.ts';
import { startIppPrinterIn } from '../../agent/printer/ipp-printer.ts';
import { startSnmpdIn } from '../../agent/printer/snmp-agent.ts';
import { DEVICES, type Device, firewall, isPrinter, NETWORK, ROOM_SWITCHES } from './devices.ts';

/**
 * A school's network in namespaces of our own (root): a switch, a smaller one in each computer room, and a cable to every
 * device, whose interface has a MAC address of its own. What the agent sees of it is what a real network would show.
 *
 * PCs and access points share one namespace, in which each has an interface, an address, a route and a firewall of its own:
 * it answers ARP for itself alone (arp_ignore) and speaks by its own cable (a rule for its address).
 */
export interface LanSchool {
  agent: Namespace;
  /** Ids of devices: their ports at the switch have a link, as when the device is switched on. */
  on(ids: readonly string[]): void;
  /** No link: switched off, or the cable is out, or the port is dead; a network cannot tell. */
  off(ids: readonly string[]): void;
  /** The cable between a room's switch and the school's. */
  roomCable(room: string, isIn: boolean): void;
  /** DHCP gives the device another address. */
  readdress(id: string, address: string): void;
  /** Another device, at the same place and address. */
  replace(id: string, mac: string): void;
  close(): Promise<void>;
}

const PORTS = fileURLToPath(new URL('./ports.ts', import.meta.url));
const TABLE = 1000;

/** Throws when a part cannot start; what was made by then is removed. */
export async function startLanSchool(): Promise<LanSchool> {
  const [agent, core, hosts] = [makeNamespace(), makeNamespace(), makeNamespace()];
  const places = new Map<string, Namespace>();
  const stops: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0)) await stop();
    for (const namespace of [agent, core, hosts, ...places.values()]) namespace.remove();
  };
  try {
    for (const device of DEVICES.filter(isPrinter)) places.set(device.id, makeNamespace());
    const placeOf = ({ id }: Device) => places.get(id) ?? hosts;
    for (const namespace of [agent, core, hosts, ...places.values()]) quiet(namespace);
    batch(core, switches());
    cables(agent, core, placeOf);
    // How long an older answer rests before it is asked again: 5 s by default.
    agent.exec('sysctl', '-qw', 'net.ipv4.neigh.eth0.delay_first_probe_time=1');
    for (const device of DEVICES) if (!isPrinter(device)) batch(hosts, route(device, device.address));
    hosts.exec('bash', '-c', `nft -f - <<'END'\n${firewall()}\nEND`);
    await startPorts(hosts, stops);
    for (const device of DEVICES.filter(isPrinter)) {
      const place = places.get(device.id)!;
      const printer = await (device.kind === 'ipp-printer' ? startIppPrinterIn(place) : startSnmpdIn(place, IDLE));
      stops.push(printer.stop);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ports = (ids: readonly string[], state: 'up' | 'down') =>
    batch(
      core,
      ids.map((id) => `link set ${portOf(deviceOf(id))} ${state}`),
    );
  return {
    agent,
    on: (ids) => ports(ids, 'up'),
    off: (ids) => ports(ids, 'down'),
    roomCable: (room, isIn) => batch(core, [`link set up-${room} ${isIn ? 'up' : 'down'}`]),
    readdress: (id, address) => {
      const device = deviceOf(id);
      const old = [`address flush dev ${interfaceOf(device)}`, `rule del table ${TABLE + device.number}`];
      batch(hosts, [...old, ...route(device, address)]);
    },
    replace: (id, mac) => batch(hosts, [`link set ${interfaceOf(deviceOf(id))} address ${mac}`]),
    close,
  };
}

/** Both answer at once, and nothing is wrong with them. */
const IDLE = { device: 2, printer: 3, errors: '00', supplies: [['Black Toner Cartridge', 100, 64]] } as const;

const deviceOf = (id: string): Device => DEVICES.find((device) => device.id === id)!;
const portOf = ({ number }: Device) => `p${number}`;
const interfaceOf = (device: Device) => (isPrinter(device) ? 'eth0' : `d${device.number}`);

/** Many changes by one process. */
function batch({ name }: Namespace, lines: readonly string[]): void {
  execFileSync('ip', ['-n', name, '-batch', '-'], {
    input: `${lines.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** Nothing but what the test asks: no IPv6 that introduces itself, no interface that answers for another. */
function quiet(namespace: Namespace): void {
  const all = ['all', 'default'];
  namespace.exec(
    'sysctl',
    '-qw',
    ...all.map((which) => `net.ipv6.conf.${which}.disable_ipv6=1`),
    ...all.flatMap((which) =>
      ['arp_ignore=1', 'arp_announce=2', 'rp_filter=0'].map((setting) => `net.ipv4.conf.${which}.${setting}`),
    ),
  );
}

function switches(): string[] {
  const bridge = (name: string) => [`link add ${name} type bridge`, `link set ${name} up`];
  return [
    ...bridge('core'),
    ...ROOM_SWITCHES.flatMap((room) => [
      ...bridge(room),
      `link add up-${room} type veth peer name at-${room}`,
      `link set up-${room} master core up`,
      `link set at-${room} master ${room} up`,
    ]),
  ];
}

/** A cable from the switch to the agent and to each device; those that are not always on are off. */
function cables(agent: Namespace, core: Namespace, placeOf: (device: Device) => Namespace): void {
  const pair = (port: string, place: Namespace, name: string, mac: string) =>
    `link add ${port} type veth peer name ${name} address ${mac} netns ${place.name}`;
  batch(core, [
    pair('agent', agent, 'eth0', '02:54:48:00:00:01'),
    'link set agent master core up',
    ...DEVICES.flatMap((device) => [
      pair(portOf(device), placeOf(device), interfaceOf(device), device.mac),
      `link set ${portOf(device)} master ${device.room ?? 'core'} ${device.isAlwaysOn ? 'up' : 'down'}`,
    ]),
  ]);
  batch(agent, ['link set eth0 up', `address add ${NETWORK.agent}/24 dev eth0`]);
  for (const device of DEVICES.filter(isPrinter))
    batch(placeOf(device), ['link set eth0 up', `address add ${device.address}/24 dev eth0`]);
}

/** The address of a device, and the way by which it alone speaks. */
function route(device: Device, address: string): string[] {
  const [name, table] = [interfaceOf(device), TABLE + device.number];
  return [
    `link set ${name} up`,
    `address add ${address}/32 dev ${name}`,
    `rule add from ${address} table ${table}`,
    `route replace ${NETWORK.range} dev ${name} src ${address} table ${table}`,
  ];
}

async function startPorts({ name }: Namespace, stops: (() => Promise<unknown>)[]): Promise<void> {
  const child: ChildProcess = spawn('ip', ['netns', 'exec', name, process.execPath, PORTS], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exited = once(child, 'exit');
  stops.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await once(child.stdout!, 'data');
}
