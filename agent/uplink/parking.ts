/** Reports that may be at fault themselves: they wait behind the others, and are never dropped. */

/** After so many answers that may be the report's own fault, it waits behind the others. */
export const ODD_ATTEMPTS = 10;

export class Parking {
  readonly #parkMs: number;
  /** Attempts so far that may have failed by the report's own fault, by report. */
  readonly #suspect = new Map<string, number>();
  /** Reports behind the others until then, `performance.now()` ms. */
  readonly #parked = new Map<string, number>();

  constructor(parkMs: number) {
    this.#parkMs = parkMs;
  }

  /** The first `most` of `ids` that do not wait. */
  due(ids: Iterable<string>, most: number): string[] {
    const now = performance.now();
    const due: string[] = [];
    for (const id of ids) {
      if ((this.#parked.get(id) ?? 0) > now) continue;
      due.push(id);
      if (due.length === most) break;
    }
    return due;
  }

  /** How long until the next one's turn, ms; infinite when none waits. */
  nextMs(): number {
    return Math.min(...this.#parked.values()) - performance.now();
  }

  /**
   * After an attempt that failed: a report that fails while its neighbour is stored, or ODD_ATTEMPTS times, is parked.
   * Where nothing is stored, parking is no reason to hurry, but the first time, when the others get their turn.
   */
  suspected(id: string, otherStored: boolean): 'go-on' | 'back-off' {
    const attempts = (this.#suspect.get(id) ?? 0) + 1;
    this.#suspect.set(id, attempts);
    if (!otherStored && attempts < ODD_ATTEMPTS) return 'back-off';
    this.#parked.set(id, performance.now() + this.#parkMs);
    return otherStored || attempts === ODD_ATTEMPTS ? 'go-on' : 'back-off';
  }

  /** It has left the spool. */
  forget(id: string): void {
    this.#suspect.delete(id);
    this.#parked.delete(id);
  }
}
