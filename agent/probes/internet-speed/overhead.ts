/**
 * From payload to line: what a full TCP segment carries beside its payload.
 *
 * IP packet = IP header of 20 (RFC 791) or 40 (RFC 8200) + TCP header of 20 (RFC 9293, 3.1) + 12 for the timestamp option
 * where both ends use it (RFC 7323, 3.2; padded, appendix A: Linux and macOS ask for it, Windows does not) + payload. On
 * Ethernet's 1500 octets (RFC 894) that is 1448 of payload: `ip` counts 1500/1448 = 1.0359.
 *
 * `ethernet` adds the 14 octets of destination, source and type (IEEE 802.3, 3.1.1) and neither frame check sequence, nor
 * preamble, nor gap: 1514/1448 = 1.0456, the frame as Linux's shapers and interface counters see it. A line "shaped to 46.0
 * Mbps" by tbf gives 44.0 of payload, 44.0 × 1.0456 = 46.0. Where the packets are of 1492 octets the line is PPPoE (RFC
 * 2516, 7: 6 octets and 2 of PPP's protocol), and its frames are 8 octets longer.
 *
 * TCP payload is what is counted: TLS records and HTTP headers are part of it when the source counts at the socket. Not
 * counted, far below 0.5 %: retransmissions. They make the line read lower, never higher.
 */
export type Layer = 'ip' | 'ethernet';
export type Family = 4 | 6;

export interface Segments {
  /** Payload of a full segment, octets. */
  payload: number;
  family: Family;
  timestamps: boolean;
  /** Who said so: the connection itself, the interface (its MTU), or nobody (Ethernet assumed). */
  source: 'connection' | 'interface' | 'assumed';
}

const ETHERNET_MTU = 1500;
const PPPOE_MTU = 1492;
const TCP_HEADER = 20;
const TIMESTAMP_OPTION = 12;
const IP_HEADER: Record<Family, number> = { 4: 20, 6: 40 };
const ETHERNET_HEADER = 14;
const PPPOE_HEADER = 8;
/** A full segment outside these is a reading error: RFC 879's least, and a jumbo frame. */
const LEAST_PAYLOAD = 536;
const MOST_PAYLOAD = 9000;

/** Segments of an interface's MTU, octets; of Ethernet's when it is unknown. */
export function segmentsOf(mtu: number | null, family: Family, platform: NodeJS.Platform = process.platform): Segments {
  const timestamps = platform !== 'win32';
  const known = mtu !== null && mtu >= 576 && mtu <= MOST_PAYLOAD;
  const packet = known ? mtu : ETHERNET_MTU;
  const payload = packet - IP_HEADER[family] - TCP_HEADER - (timestamps ? TIMESTAMP_OPTION : 0);
  return { payload, family, timestamps, source: known ? 'interface' : 'assumed' };
}

export const isPlausible = ({ payload }: Pick<Segments, 'payload'>): boolean =>
  payload >= LEAST_PAYLOAD && payload <= MOST_PAYLOAD;

/** Octets of the IP packet around a full segment. */
export const packetOf = ({ payload, family, timestamps }: Segments): number =>
  payload + TCP_HEADER + (timestamps ? TIMESTAMP_OPTION : 0) + IP_HEADER[family];

/** Whether packets are as long as PPPoE makes them. */
export const isPppoe = (segments: Segments): boolean => packetOf(segments) === PPPOE_MTU;

/** What a payload rate is multiplied by to be the rate at `layer`. */
export function overheadFactor(layer: Layer, segments: Segments): number {
  const below = layer === 'ip' ? 0 : ETHERNET_HEADER + (isPppoe(segments) ? PPPOE_HEADER : 0);
  return (packetOf(segments) + below) / segments.payload;
}

/** Mbps (10^6 bits a second) of `bytes` in `seconds`; 0 for an empty window. */
export function mbps(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / seconds / 1e6 : 0;
}
