/** What stands in the school of namespaces: two rooms of 30 PCs, two printers, four access points. */

export const ROOMS = [
  { id: 'tin', name: 'Phòng Tin học', kind: 'it' },
  { id: 'nn', name: 'Phòng Ngoại ngữ', kind: 'language' },
  { id: 'vp', name: 'Văn phòng', kind: 'office' },
] as const;
/** Rooms with a switch of their own; everything else is at the school's. */
export const ROOM_SWITCHES = ['tin', 'nn'] as const;
const PCS_IN_ROOM = 30;

export const NETWORK = {
  range: '10.77.0.0/24',
  agent: '10.77.0.1',
  /** What DHCP gives out anew. */
  leases: '10.77.0.150-10.77.0.159',
} as const;

/**
 * Windows drops echoes. `open`: takes connections at 135 and 445; `refusing`: resets them; `rpc`: takes them at 135
 * alone; `deaf`: drops whatever comes, so that it answers ARP only.
 */
export type PcKind = 'open' | 'refusing' | 'rpc' | 'deaf';
const PC_KINDS: readonly PcKind[] = ['open', 'refusing', 'rpc', 'deaf'];

export interface Device {
  id: string;
  kind: PcKind | 'access-point' | 'ipp-printer' | 'snmp-printer';
  /** Whose switch it is at; null: the school's. */
  room: (typeof ROOM_SWITCHES)[number] | null;
  /** The room of the inventory, where it is in one. */
  inRoom: string | null;
  address: string;
  mac: string;
  number: number;
  isAlwaysOn: boolean;
}

export const isPc = ({ kind }: Device): boolean => (PC_KINDS as readonly string[]).includes(kind);
export const isPrinter = ({ kind }: Device): boolean => kind === 'ipp-printer' || kind === 'snmp-printer';

/** `tin-07`, `nn-30`. */
export const pcId = (room: string, place: number): string => `${room}-${String(place).padStart(2, '0')}`;

const pcs = ROOM_SWITCHES.flatMap((room, at) =>
  Array.from({ length: PCS_IN_ROOM }, (_, index) =>
    deviceAt(10 + at * 40 + index + 1, pcId(room, index + 1), PC_KINDS[index % PC_KINDS.length]!, room, room),
  ),
);
const others: Device[] = [
  deviceAt(101, 'may-in-tin', 'ipp-printer', 'tin', 'tin'),
  deviceAt(102, 'may-in-vp', 'snmp-printer', null, 'vp'),
  ...(['tin', 'nn', null, null] as const).map((room, index) =>
    deviceAt(111 + index, `ap-${index + 1}`, 'access-point', room, null),
  ),
];
export const DEVICES: readonly Device[] = [...pcs, ...others.map((device) => ({ ...device, isAlwaysOn: true }))];

/** `number` ends its address and its MAC address. */
function deviceAt(
  number: number,
  id: string,
  kind: Device['kind'],
  room: Device['room'],
  inRoom: string | null,
): Device {
  const mac = `02:54:48:00:01:${number.toString(16).padStart(2, '0')}`;
  return { id, kind, room, inRoom, address: `10.77.0.${number}`, mac, number, isAlwaysOn: false };
}

/** Firewalls of the PCs, by interface; access points have none. */
export function firewall(): string {
  const of = (holds: (device: Device) => boolean) =>
    `iifname { ${DEVICES.filter(holds)
      .map(({ number }) => `d${number}`)
      .join(', ')} }`;
  const kind = (wanted: PcKind) => of((device) => device.kind === wanted);
  return `table ip school {
  chain in {
    type filter hook input priority 0; policy accept;
    ${kind('deaf')} drop
    ${kind('refusing')} tcp dport { 135, 445 } reject with tcp reset
    ${kind('rpc')} tcp dport 445 drop
    ${of(isPc)} tcp dport { 135, 445 } accept
    ${of(isPc)} drop
  }
}`;
}
