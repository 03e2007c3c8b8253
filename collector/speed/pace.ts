/**
 * What a rate allows, by the time that truly went by. Never more than BURST_MS of it waits to be spent, so that a pause
 * is not made up for by a burst that fills the line. Spending more than there is leaves a debt. Pure.
 */
export class Pace {
  readonly #bytesPerMs: number;
  #credit = 0;
  #last: number;

  /** `nowMs` by any clock that never goes back. */
  constructor(mbps: number, nowMs: number) {
    this.#bytesPerMs = mbps * 125;
    this.#last = nowMs;
  }

  /** Bytes that may be spent now; negative while there is a debt. */
  allowed(nowMs: number): number {
    const grown = this.#credit + (nowMs - this.#last) * this.#bytesPerMs;
    this.#credit = Math.min(grown, Math.max(BURST_MS * this.#bytesPerMs, 1));
    this.#last = nowMs;
    return this.#credit;
  }

  /** Forgets what was allowed while nobody asked: a test does not begin with a burst. */
  restart(nowMs: number): void {
    this.#credit = Math.min(this.#credit, 0);
    this.#last = nowMs;
  }

  spend(bytes: number): void {
    this.#credit -= bytes;
  }

  /** How long until something may be spent again, ms. */
  waitMs(nowMs: number): number {
    return Math.max(0, -this.allowed(nowMs) / this.#bytesPerMs);
  }
}

/** A busy event loop comes back some tens of milliseconds late: what it missed may still be sent, or a line looks slow. */
const BURST_MS = 100;
