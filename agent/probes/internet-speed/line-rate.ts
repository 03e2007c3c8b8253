/**
 * From payload to line: how much a full TCP segment carries beside its payload.
 *
 * IP packet of 1500 octets (MTU of Ethernet, RFC 894) = IP header + TCP header of 20 (RFC 9293, 3.1) + 12 for the
 * timestamp option as Linux, macOS and most servers send it (RFC 7323, 3.2; padded, appendix A) + payload. With an IPv4
 * header of 20 (RFC 791) the payload is 1448, with IPv6's 40 (RFC 8200) it is 1428.
 *
 * `ip` counts the whole IP packet: 1500/1448 = 1.0359. `ethernet` adds the 14 octets of destination, source and type
 * (IEEE 802.3, 3.1.1) and neither frame check sequence, nor preamble, nor gap: 1514/1448 = 1.0456. That is the frame as
 * Linux's shapers and interface counters see it, hence what a line "shaped to 46.0 Mbps" means: measured on tbf, 46.0
 * gives 44.0 of payload, 44.0 × 1.0456 = 46.0. With FCS it would be 1518/1448 (0.3 % more), with preamble and gap
 * 1538/1448 (1.7 % more): a subscriber line has no Ethernet gap to pay for, so neither is claimed.
 *
 * Not counted, each below 0.5 %: HTTP headers, TLS records (22 to 29 octets in 16 KiB), retransmissions. A PPPoE line (MTU
 * 1492) carries 1440 a packet, 0.6 % less than assumed here. Every one of them makes the line read lower, never higher.
 */
export type Layer = 'ip' | 'ethernet';
export type Family = 4 | 6;

const MTU = 1500;
const TCP_HEADER = 20;
const TIMESTAMP_OPTION = 12;
const IP_HEADER: Record<Family, number> = { 4: 20, 6: 40 };
const BELOW_IP: Record<Layer, number> = { ip: 0, ethernet: 14 };

/** What a payload rate is multiplied by to be the rate at `layer`. */
export function overheadFactor(layer: Layer, family: Family = 4): number {
  const payload = MTU - IP_HEADER[family] - TCP_HEADER - TIMESTAMP_OPTION;
  return (MTU + BELOW_IP[layer]) / payload;
}

/** Mbps (10^6 bits a second) of `bytes` in `seconds`; 0 for an empty window. */
export function mbps(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / seconds / 1e6 : 0;
}
