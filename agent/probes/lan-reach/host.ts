import { isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Schema pattern of a host: IPv4, IPv6 without zone, or a name of RFC 1123 labels (underscores allowed, as Windows names
 * have them). Never begins with a dash, so that it can stand among a program's arguments.
 */
export const HOST_PATTERN =
  '^(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$';

/** The pattern in words. */
export const HOST_WORDS = 'địa chỉ IP hoặc tên máy, không kèm http://, cổng hay đường dẫn';

const hostPattern = new RegExp(HOST_PATTERN);

/** The same, or a link-local IPv6 address with its interface (RFC 4007, 11): `fe80::1%eth0`, under Windows `fe80::1%5`. */
export const LINK_HOST_PATTERN = `${HOST_PATTERN}|^[Ff][Ee][89ABab][0-9A-Fa-f]:[0-9A-Fa-f:.]*%[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$`;
const linkHostPattern = new RegExp(LINK_HOST_PATTERN);

/** Whether `host` may be handed to ping, connect and the like. Digits and dots alone must be a full IPv4 address. */
export function isHost(host: string): boolean {
  if (host.includes('%')) return linkHostPattern.test(host) && isIPv6(host);
  if (!hostPattern.test(host)) return false;
  if (/^[\d.]+$/.test(host)) return isIPv4(host);
  return host.includes(':') ? isIPv6(host) : isIP(host) !== 0 || host.length > 0;
}

/** An IPv6 address as the system's own tables spell it (RFC 5952), its zone kept; anything else as it is. */
export function canonical(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain, zone] = address.split('%');
  const spelt = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  return zone === undefined ? spelt : `${spelt}%${zone}`;
}

export const withoutZone = (address: string): string => address.split('%')[0]!;

/** fe80::/10 (RFC 4291, 2.5.6): without its interface such an address names nobody (RFC 4007, 6). */
export const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/i.test(address);

/** `host` as it stands in a URL. */
export const urlHost = (host: string) => (isIPv6(host) ? `[${host}]` : host);
