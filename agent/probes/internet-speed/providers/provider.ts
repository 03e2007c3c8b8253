import type { Outcome, ProbeContext } from '../../probe.ts';
import type { Family } from '../overhead.ts';
import type { Source } from '../transfer.ts';

/** One way to find servers that fill the line. One file a provider; `chain.ts` lists them. */
export interface Provider {
  name: ProviderName;
  /** Finds servers; an outcome when there are none. Never throws for what answers, ends soon after `context.signal`. */
  open(context: ProbeContext): Promise<{ line: Line } | { outcome: Outcome }>;
}

export type ProviderName = 'fast' | 'ndt7' | 'http' | 'collector';

/** Servers found, ready to move bytes; with what was learned of who moved them. */
export interface Line {
  download: Source;
  /** Null where the provider takes nothing. */
  upload: Source | null;
  /** Streams that the provider allows at most. */
  maxStreams: number;
  /** Longest that one direction may take, seconds, and what it may move, bytes. */
  maxSeconds: number;
  maxBytes: number;
  /** What the server says that it gives at most, Mbps of payload. */
  limitMbps: number | null;
  /** Host names asked for, and where a connection can be opened for latency. */
  hosts: readonly string[];
  endpoint: { host: string; port: number };
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

/** Where a URL's server listens. */
export function endpointOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  return { host: bare(hostname), port: port === '' ? (/^(https|wss):$/.test(protocol) ? 443 : 80) : Number(port) };
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
