import type { Source } from './download.ts';
import type { Family } from './line-rate.ts';

/** One way to fill the line, with what it has learned of who filled it. */
export interface LineSource {
  source: Source;
  /** IP version of the connections so far, as the headers of each packet depend on it. */
  family(): Family;
  /** Host names that payload came from, and the addresses that were connected for them: a portal shows here. */
  served(): { hosts: string[]; addresses: string[] };
  /** Why the bytes that were counted are no measurement of a line; undefined when they are one. */
  spoilt(): Error | undefined;
  close(): Promise<void>;
}

/** IP version of a socket's peer; an IPv4 address mapped into IPv6 is IPv4. */
export function familyOf(socket: { remoteFamily?: string | undefined; remoteAddress?: string | undefined }): Family {
  return socket.remoteFamily === 'IPv6' && !socket.remoteAddress?.startsWith('::ffff:') ? 6 : 4;
}

/** Keeps who was connected and who delivered. */
export class Served {
  readonly #hosts = new Set<string>();
  readonly #addresses = new Map<string, Set<string>>();

  connected(host: string, address: string | undefined): void {
    if (address === undefined) return;
    const name = bare(host);
    this.#addresses.set(name, (this.#addresses.get(name) ?? new Set()).add(address));
  }

  delivered(host: string): void {
    this.#hosts.add(host);
  }

  list(): { hosts: string[]; addresses: string[] } {
    const hosts = [...this.#hosts];
    return { hosts, addresses: [...new Set(hosts.flatMap((host) => [...(this.#addresses.get(bare(host)) ?? [])]))] };
  }
}

/** A URL writes an IPv6 address in brackets, a connector does not. */
const bare = (host: string) => host.replace(/^\[|\]$/g, '');
