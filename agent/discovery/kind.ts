import type { Found, FoundKind } from '../../shared/wire/discovery.ts';

/** What a device told about itself, and what it cannot help showing. */
export interface Clues extends Pick<Found, 'vendor' | 'names' | 'snmp' | 'printer' | 'onvif' | 'ports'> {
  /** DNS-SD service types. */
  services: readonly string[];
  isGateway: boolean;
}

const PRINTER_WORDS =
  /\b(printer|laserjet|jetdirect|officejet|deskjet|laserwriter|kyocera|brother|lexmark|ricoh|canon|epson|xerox|mfp|ecosys)\b/i;
const CAMERA_WORDS = /\b(hikvision|dahua|network camera|ip ?camera|ezviz|axis)\b/i;
const RADIO_WORDS = /\b(access point|wireless|unifi|uap-|eap\d|aruba|ruckus|aironet)\b/i;
const PC_WORDS = /\b(windows|hardware: .*software: )\b/i;
const PRINTER_SERVICES = ['_ipp._tcp', '_ipps._tcp', '_printer._tcp', '_pdl-datastream._tcp'];
const PRINTER_PORTS = [9100, 515, 631];
/** RTSP, and the service ports of Dahua and Hikvision. */
const CAMERA_PORTS = [554, 37777];
/** Windows: RPC, NetBIOS, file sharing, remote desktop. */
const PC_PORTS = [135, 139, 445, 3389];
const WINBOX_PORT = 8291;
const VENDORS: readonly [RegExp, FoundKind][] = [
  [/hikvision|dahua|ezviz|axis communications|uniview|reolink/i, 'camera'],
  [/brother|seiko epson|canon|kyocera|xerox|ricoh|lexmark|konica/i, 'printer'],
  [/ubiquiti|ruckus|aruba|cambium|ruijie/i, 'access-point'],
  [/dell|lenovo|asustek|micro-star|giga-byte|gigabyte|acer|wistron|pegatron|elitegroup|intel corp/i, 'pc'],
];

/** The first clue that decides, the surest first: what a device says by its own protocol before what it may share with others. */
export function kindOf(clues: Clues): Pick<Found, 'kind' | 'kindBy'> {
  const { vendor, snmp, ports, services } = clues;
  const by = (kind: FoundKind, kindBy: string) => ({ kind, kindBy });
  const open = (some: readonly number[]) => some.some((port) => ports.includes(port));
  if (clues.isGateway) return by('gateway', 'gateway');
  if (clues.onvif) return by('camera', 'onvif');
  if (clues.printer !== null) return by('printer', 'ipp');
  const descr = snmp?.sysDescr ?? '';
  if (PRINTER_WORDS.test(descr)) return by('printer', 'snmp');
  if (CAMERA_WORDS.test(descr)) return by('camera', 'snmp');
  if (RADIO_WORDS.test(descr)) return by('access-point', 'snmp');
  if (PRINTER_SERVICES.some((service) => services.includes(service))) return by('printer', 'mdns');
  if (PC_WORDS.test(descr)) return by('pc', 'snmp');
  if (open([9100, 515])) return by('printer', 'ports');
  if (open(CAMERA_PORTS) && !open(PC_PORTS)) return by('camera', 'ports');
  if (ports.includes(WINBOX_PORT)) return by('gateway', 'ports');
  if (open(PC_PORTS)) return by('pc', 'ports');
  if (open(PRINTER_PORTS)) return by('printer', 'ports');
  if (clues.names.netbios !== undefined) return by('pc', 'netbios');
  const made = VENDORS.find(([pattern]) => vendor !== null && pattern.test(vendor));
  return made ? by(made[1], 'vendor') : { kind: null, kindBy: null };
}
