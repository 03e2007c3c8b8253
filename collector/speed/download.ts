import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Turn } from './turns.ts';

/**
 * The downloads of one turn: random bytes, all streams together at the turn's pace, in equal parts to those that take
 * them. A stream that does not is given nothing more until its buffer is empty.
 */
export class Downloads {
  readonly #turn: Turn;
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(turn: Turn) {
    this.#turn = turn;
    turn.ended.addEventListener('abort', () => this.#endAll(), { once: true });
  }

  /** Streams to `response`, whose head is not yet written, until the client leaves or the turn is over or used up. */
  add(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      // Neither proxy nor client may change, keep or collect what is timed.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    response.flushHeaders();
    const stream = { response, blocked: false };
    response.on('drain', () => {
      stream.blocked = false;
    });
    // A client that vanished is told by `close`.
    response.on('error', () => undefined);
    response.once('close', () => {
      this.#streams.delete(stream);
      this.#turn.leave();
    });
    this.#streams.add(stream);
    if (this.#timer !== undefined) return;
    this.#turn.down.restart(performance.now());
    this.#timer = setInterval(() => this.#let(), TICK_MS);
  }

  #let(): void {
    const turn = this.#turn;
    if (this.#streams.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    if (turn.bytesLeft <= 0) {
      this.#endAll();
      return;
    }
    let credit = turn.down.allowed(performance.now());
    const open = [...this.#streams].filter(({ blocked }) => !blocked);
    for (const [index, stream] of open.entries()) {
      const share = Math.floor(credit / (open.length - index));
      const size = Math.min(share, turn.bytesLeft, BLOCK.length);
      if (size < 1) continue;
      credit -= size;
      turn.down.spend(size);
      turn.bytesLeft -= size;
      stream.blocked = !stream.response.write(BLOCK.subarray(0, size));
    }
  }

  #endAll(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { response } of this.#streams) {
      response.end();
      // Who reads slowly would keep the connection, and what waits in it, for as long as it likes.
      setTimeout(() => response.destroy(), LINGER_MS).unref();
    }
    this.#streams.clear();
  }
}

interface Stream {
  response: ServerResponse;
  blocked: boolean;
}

/** How often bytes are let through, ms. */
const TICK_MS = 5;
/** How long a stream may take for its last bytes, ms. */
export const LINGER_MS = 1000;
/** Made once: random, so that nothing on the way makes it smaller; the most that is handed to one stream at a time. */
const BLOCK = randomBytes(512 * 1024);
