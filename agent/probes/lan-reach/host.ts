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

/** Whether `host` may be handed to ping, connect and the like. Digits and dots alone must be a full IPv4 address. */
export function isHost(host: string): boolean {
  if (!hostPattern.test(host)) return false;
  if (/^[\d.]+$/.test(host)) return isIPv4(host);
  return host.includes(':') ? isIPv6(host) : isIP(host) !== 0 || host.length > 0;
}

/** `host` as it stands in a URL. */
export const urlHost = (host: string) => (isIPv6(host) ? `[${host}]` : host);
