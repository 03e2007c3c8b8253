import { randomBytes } from 'node:crypto';
import { MAX_SPEED_STREAMS } from '../../shared/wire/speed.ts';
import type { SpeedOptions } from './options.ts';
import { Pace } from './pace.ts';

/**
 * Who may test: one turn at a time over all agents, since two tests would each read what the other left of the district's
 * line. A turn ends by release, by time, by a newer turn of its agent, or with the collector.
 */
export class Turns {
  readonly #options: SpeedOptions;
  readonly #now: () => number;
  #open: Turn | undefined;
  /** Agent id → when its turns of the last hour began. */
  readonly #granted = new Map<string, number[]>();

  /** `now`: ms by a clock that never goes back. */
  constructor(options: SpeedOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /** The agent's turn, or why not and after how many seconds to ask again. */
  take(agentId: string): Turn | Refusal {
    const now = this.#now();
    const open = this.#live();
    if (open && open.agentId !== agentId)
      return { why: 'busy', retryAfterSeconds: Math.min(BUSY_RETRY_SECONDS, seconds(open.endsAt - now)) };
    const recent = (this.#granted.get(agentId) ?? []).filter((at) => at > now - HOUR_MS);
    this.#granted.set(agentId, recent);
    if (recent.length >= this.#options.turnsPerHour)
      return { why: 'often', retryAfterSeconds: seconds(recent[0]! + HOUR_MS - now) };
    recent.push(now);
    open?.end();
    this.#open = new Turn(agentId, now, this.#options);
    return this.#open;
  }

  /** The open turn of that token; undefined when it is none, or has lapsed. */
  find(token: string): Turn | undefined {
    const open = this.#live();
    return open?.token === token ? open : undefined;
  }

  /** Ends the turn of that token; any other token changes nothing. */
  release(token: string): void {
    this.find(token)?.end();
  }

  /** Ends whatever is open. */
  close(): void {
    this.#open?.end();
  }

  #live(): Turn | undefined {
    // Its timer may be late on a busy machine; the clock is not.
    if (this.#open && this.#open.endsAt <= this.#now()) this.#open.end();
    if (this.#open?.ended.aborted) this.#open = undefined;
    return this.#open;
  }
}

export type Refusal = { why: 'busy' | 'often'; retryAfterSeconds: number };

/** A test takes some seconds, far less than its turn may last. */
const BUSY_RETRY_SECONDS = 6;
const HOUR_MS = 3600_000;
const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
/** `no limit`: faster than this endpoint is. */
const UNLIMITED_MBPS = 10_000;

export class Turn {
  /** 256 bits: not to be guessed within the turn. */
  readonly token = randomBytes(32).toString('base64url');
  readonly agentId: string;
  /** By the clock of `Turns`, ms. */
  readonly endsAt: number;
  /** Left to both directions together. */
  bytesLeft: number;
  readonly down: Pace;
  readonly up: Pace;
  #streams = 0;
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(agentId: string, now: number, { maxSeconds, maxBytes, limitMbps }: SpeedOptions) {
    this.agentId = agentId;
    this.endsAt = now + maxSeconds * 1000;
    this.bytesLeft = maxBytes;
    this.down = new Pace(limitMbps ?? UNLIMITED_MBPS, performance.now());
    this.up = new Pace(limitMbps ?? UNLIMITED_MBPS, performance.now());
    this.#timer = setTimeout(() => this.end(), maxSeconds * 1000).unref();
  }

  /** Aborts when the turn is over, for whatever reason. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }

  /** Counts one stream more; false when there are as many as a turn may have. */
  enter(): boolean {
    if (this.#streams >= MAX_SPEED_STREAMS) return false;
    this.#streams++;
    return true;
  }

  leave(): void {
    this.#streams--;
  }
}
