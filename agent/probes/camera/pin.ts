import { urlHost } from '../lan-reach/host.ts';

/**
 * Holds a camera to its own address. ONVIF devices announce their services by absolute address (ONVIF Core, 8.1.2
 * GetCapabilities, XAddr), often an old or foreign one, and a hostile device could name any host of the school.
 */
export interface Home {
  /** Host as configured: name, IPv4 or IPv6 without brackets. */
  host: string;
  port: number;
}

/**
 * `announced` at the configured host, with its path and query. The port is kept, except that the port under which
 * the device announces its ONVIF services (`servicePort`) becomes the configured one: that is where it answered.
 * Throws TypeError when `announced` is no absolute address of one of `protocols`.
 */
export function pin(announced: string, home: Home, protocols: string[], servicePort?: number): URL {
  const url = new URL(announced.trim());
  if (!protocols.includes(url.protocol)) throw new TypeError(`address of unsupported kind ${url.protocol}`);
  const port = portOf(url);
  if (!isHome(url, home) && port === servicePort) url.port = String(home.port);
  url.hostname = urlHost(home.host);
  url.username = '';
  url.password = '';
  return url;
}

/** Whether `url` names the configured host, whatever its port. */
export function isHome(url: URL, home: Home): boolean {
  // Written as URL writes it: lower case, IPv6 in its shortest form.
  return url.hostname === new URL(`http://${urlHost(home.host)}/`).hostname;
}

/** The host that `announced` names when it is not the configured one. */
export function strangerIn(announced: string, home: Home): string | undefined {
  const url = URL.canParse(announced) ? new URL(announced) : undefined;
  return url && !isHome(url, home) ? url.hostname : undefined;
}

/** Port of `url`, the protocol's own where none is written. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'rtsp:' ? 554 : url.protocol === 'https:' ? 443 : 80;
}

/** A stream's address fit for a report: no user, and no password in path or query as some cameras write it. */
export function withoutCredentials(url: URL): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href.replace(/((?:user(?:name)?|usr|pass(?:word|wd)?|pwd|auth|token|key)=)[^&/?#]*/gi, '$1');
}
