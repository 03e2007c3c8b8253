import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isHost } from '../lan-reach/host.ts';

/**
 * Addresses of the names of one look. Asked on sockets of our own first: the system's resolver keeps one of Node's four
 * threads for each name until it gives up, half a minute later where a line is out, and the spool writes through the same
 * threads. It is asked where ours has no answer, since it may know other ways, for two names at a time.
 */
export class Names {
  readonly #servers: readonly string[] | undefined;
  readonly #lookup: (host: string) => Promise<{ address: string }>;
  #free = MOST_LOOKUPS;
  #waiting: (() => void)[] = [];

  /** `servers`: instead of those of the system. `system`: instead of the system's resolver. */
  constructor(servers?: readonly string[], system: (host: string) => Promise<{ address: string }> = lookup) {
    this.#servers = servers;
    this.#lookup = system;
  }

  /** The name's first address, of IPv4 where it has one; null when nobody knows it in time. Never rejects. */
  async addressOf(host: string, signal: AbortSignal): Promise<string | null> {
    if (isIP(host)) return host;
    if (!isHost(host) || signal.aborted) return null;
    return (await this.#ask(host, signal)) ?? (await this.#askSystem(host, signal));
  }

  async #ask(host: string, signal: AbortSignal): Promise<string | null> {
    const resolver = new Resolver({ timeout: OWN_MS / 2, tries: 2 });
    if (this.#servers) resolver.setServers(this.#servers);
    const late = AbortSignal.any([signal, AbortSignal.timeout(OWN_MS)]);
    const cancel = () => resolver.cancel();
    late.addEventListener('abort', cancel, { once: true });
    const first = (addresses: string[]) => addresses[0] ?? null;
    const none = () => null;
    try {
      const later = resolver.resolve6(host).then(first, none);
      return (await resolver.resolve4(host).then(first, none)) ?? (await later);
    } finally {
      late.removeEventListener('abort', cancel);
      resolver.cancel();
    }
  }

  async #askSystem(host: string, signal: AbortSignal): Promise<string | null> {
    const late = AbortSignal.any([signal, AbortSignal.timeout(SYSTEM_MS)]);
    const { promise: tooLate, resolve } = Promise.withResolvers<null>();
    const onLate = () => resolve(null);
    late.addEventListener('abort', onLate, { once: true });
    if (late.aborted) onLate();
    try {
      return await Promise.race([this.#inTurn(host, late), tooLate]);
    } finally {
      late.removeEventListener('abort', onLate);
    }
  }

  /** A place is free again when the system has given up, not when we have. */
  async #inTurn(host: string, late: AbortSignal): Promise<string | null> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return late.aborted ? null : (await this.#lookup(host)).address;
    } catch {
      return null;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

const MOST_LOOKUPS = 2;
const OWN_MS = 2000;
const SYSTEM_MS = 2000;
