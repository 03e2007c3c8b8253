import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Listener } from './listen.ts';

/**
 * A simulated Internet line: `GET /bytes/<n>` streams n random bytes, all downloads together no faster than the rate
 * that is set. The rate is of HTTP payload; a real line of that rate delivers some 4 % less.
 */
const MAX_BYTES = 2 ** 30;
/** How often bytes are let through, ms; the time that truly went by is what counts. */
const TICK_MS = 5;
/** Most credit that builds up while nobody downloads, ms of the rate. */
const BURST_MS = 20;

interface Download {
  response: ServerResponse;
  left: number;
  blocked: boolean;
}

export class SimulatedLine {
  /** Megabits per second, shared by all downloads. */
  #mbps: number;
  /** Payload bytes sent since start. */
  sentBytes = 0;
  readonly #block = randomBytes(1024 * 1024);
  readonly #downloads = new Set<Download>();
  readonly #listener = new Listener(createServer((request, response) => this.#answer(request, response)));
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #credit = 0;

  constructor(mbps: number) {
    this.#mbps = checkedRate(mbps);
  }

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  get mbps(): number {
    return this.#mbps;
  }

  async start(host?: string, port?: number): Promise<this> {
    await this.#listener.open(host, port);
    return this;
  }

  /** Changes the rate, for downloads under way too. */
  async set(mbps: number): Promise<void> {
    this.#mbps = checkedRate(mbps);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#listener.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const asked = /^\/bytes\/(\d{1,10})(?:\?.*)?$/.exec(request.url ?? '')?.[1];
    const bytes = Number(asked);
    if (request.method !== 'GET' || asked === undefined || bytes > MAX_BYTES) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
    if (bytes === 0) {
      response.end();
      return;
    }
    response.flushHeaders();
    const download: Download = { response, left: bytes, blocked: false };
    response.on('drain', () => {
      download.blocked = false;
    });
    response.once('close', () => this.#downloads.delete(download));
    this.#downloads.add(download);
    if (this.#timer === undefined) {
      this.#last = performance.now();
      this.#credit = 0;
      this.#timer = setInterval(() => this.#let(), TICK_MS);
    }
  }

  /** Spends what the rate has allowed since the last tick, in equal parts on the downloads that take bytes. */
  #let(): void {
    if (this.#downloads.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    const bytesPerMs = this.#mbps * 125;
    this.#credit = Math.min(this.#credit + (now - this.#last) * bytesPerMs, Math.max(BURST_MS * bytesPerMs, 1));
    this.#last = now;
    const open = [...this.#downloads].filter((download) => !download.blocked);
    for (const [i, download] of open.entries()) {
      const share = Math.floor(this.#credit / (open.length - i));
      const size = Math.min(share, download.left, this.#block.length);
      if (size < 1) continue;
      this.#credit -= size;
      this.sentBytes += size;
      download.left -= size;
      download.blocked = !download.response.write(this.#block.subarray(0, size));
      if (download.left === 0) {
        download.response.end();
        this.#downloads.delete(download);
      }
    }
  }
}

function checkedRate(mbps: number): number {
  if (!(mbps > 0 && mbps <= 10_000)) throw new RangeError(`rate of ${mbps} Mbps`);
  return mbps;
}

export const startLine = (mbps: number, host?: string, port?: number): Promise<SimulatedLine> =>
  new SimulatedLine(mbps).start(host, port);
