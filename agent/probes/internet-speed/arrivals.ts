/**
 * What arrived when: the cumulative curve of a transfer. Pieces of one millisecond are kept as one, so that ten seconds
 * are ten thousand numbers at any rate.
 */
export class Arrivals {
  /** Moments, ms since the first piece, and bytes until then; the first piece itself is the origin, (0, 0). */
  readonly #at: number[] = [];
  readonly #sum: number[] = [];
  #origin = 0;

  /** Everything that came, the first piece included, bytes. */
  totalBytes = 0;

  /** `nowMs` never goes back. */
  add(bytes: number, nowMs: number): void {
    if (!(bytes > 0)) return;
    this.totalBytes += bytes;
    if (this.#at.length === 0) {
      this.#origin = nowMs;
      this.#at.push(0);
      this.#sum.push(0);
      return;
    }
    const at = nowMs - this.#origin;
    const last = this.#at.length - 1;
    const sum = this.#sum[last]! + bytes;
    // The bytes of a piece were on the line before it arrived, never after: of a joined pair the later moment stands.
    if (last > 0 && at - this.#at[last]! < 1 && this.#at[last]! - this.#at[last - 1]! < 1) {
      this.#at[last] = at;
      this.#sum[last] = sum;
      return;
    }
    this.#at.push(at);
    this.#sum.push(sum);
  }

  get begun(): boolean {
    return this.#at.length > 0;
  }

  /** ms from the first piece to the last. */
  get lastMs(): number {
    return this.#at.at(-1) ?? 0;
  }

  /** Usual time between two pieces, ms. */
  get meanGapMs(): number {
    return this.lastMs / Math.max(1, this.#at.length - 1);
  }

  /** Silence since the last piece, ms. */
  silentMs(nowMs: number): number {
    return this.begun ? nowMs - this.#origin - this.lastMs : 0;
  }

  /**
   * Bytes in each of the steps of `stepMs` that lie wholly between the first piece and `untilMs`. The bytes of a piece are
   * spread over the time since the piece before it: a line that is paced was busy with them all that while, and a line
   * that stalled has them, once, where it stood still. So no edge of a step cuts a piece in two or counts it whole.
   */
  steps(stepMs: number, untilMs = this.lastMs): number[] {
    const count = Math.floor(untilMs / stepMs + 1e-9);
    const steps: number[] = [];
    let index = 0;
    let before = 0;
    for (let step = 1; step <= count; step++) {
      const at = step * stepMs;
      while (index < this.#at.length - 1 && this.#at[index + 1]! <= at) index++;
      const sum = this.#between(index, at);
      steps.push(sum - before);
      before = sum;
    }
    return steps;
  }

  /** Longest silences of at least `leastMs` between two pieces, and the one that lasts at `untilMs`; how many, how long. */
  stalls(leastMs: number, untilMs = this.lastMs): { count: number; ms: number } {
    let count = 0;
    let ms = 0;
    const take = (gap: number) => {
      if (gap < leastMs) return;
      count++;
      ms += gap;
    };
    for (let index = 1; index < this.#at.length; index++) take(this.#at[index]! - this.#at[index - 1]!);
    take(untilMs - this.lastMs);
    return { count, ms };
  }

  /** Bytes until `at`, which lies behind piece `index` and not behind the next. */
  #between(index: number, at: number): number {
    const next = index + 1;
    if (next >= this.#at.length) return this.#sum[index]!;
    const share = (at - this.#at[index]!) / (this.#at[next]! - this.#at[index]!);
    return this.#sum[index]! + share * (this.#sum[next]! - this.#sum[index]!);
  }
}
