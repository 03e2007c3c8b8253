import type { Bits } from './bits.ts';
import type { SampleRef } from './sample-ref.ts';

/**
 * Values as a list of numbers and a list of texts. A text is its place among the texts; a list begins with its length,
 * an optional value with 1, or is 0; times and sample ids count from the first; a set of numbers and the outcome of a
 * sample that stood before are their places among those.
 */
export class Writer {
  readonly texts: string[] = [];
  readonly numbers: number[];
  readonly #firstAt: number;
  readonly #firstId: number;
  readonly #places = new Map<string, number>();
  readonly #seen = new Map<string, number>();

  constructor(firstAt: number, firstId: number) {
    this.#firstAt = firstAt;
    this.#firstId = firstId;
    this.numbers = [firstAt, firstId];
  }

  number(value: number): void {
    this.numbers.push(value);
  }

  flag(value: boolean): void {
    this.numbers.push(value ? 1 : 0);
  }

  moment(at: number): void {
    this.numbers.push(at - this.#firstAt);
  }

  text(text: string): void {
    const place = this.#places.get(text) ?? this.texts.push(text) - 1;
    this.#places.set(text, place);
    this.numbers.push(place);
  }

  list<T>(values: readonly T[], write: (out: Writer, value: T) => void): void {
    this.numbers.push(values.length);
    for (const value of values) write(this, value);
  }

  optional<T>(value: T | null, write: (out: Writer, value: T) => void): void {
    this.flag(value !== null);
    if (value !== null) write(this, value);
  }

  bits(bits: Bits): void {
    this.#once(bits.join(), () => this.list(bits, (_, word) => this.number(word)));
  }

  ref({ id, reportId, at, ok, reason, state }: SampleRef): void {
    this.numbers.push(id - this.#firstId);
    this.text(reportId);
    this.moment(at);
    this.#once(JSON.stringify([ok, reason, state]), () => {
      this.flag(ok);
      this.optional(reason, () => this.text(reason!));
      this.optional(state, () => this.text(state!));
    });
  }

  refs(refs: readonly SampleRef[]): void {
    this.list(refs, (_, ref) => this.ref(ref));
  }

  /** The place of what stood before, or the next place and then the value itself. */
  #once(name: string, write: () => void): void {
    const before = this.#seen.get(name);
    this.numbers.push(before ?? this.#seen.size);
    if (before !== undefined) return;
    this.#seen.set(name, this.#seen.size);
    write();
  }
}

/** Reads what a Writer wrote, in the same order. */
export class Reader {
  /** Target of the samples that are read next. */
  target = '';
  readonly #texts: readonly string[];
  readonly #numbers: readonly number[];
  readonly #firstAt: number;
  readonly #firstId: number;
  readonly #seen: unknown[] = [];
  #next = 2;

  constructor(texts: readonly string[], numbers: readonly number[]) {
    this.#texts = texts;
    this.#numbers = numbers;
    this.#firstAt = numbers[0]!;
    this.#firstId = numbers[1]!;
  }

  number(): number {
    return this.#numbers[this.#next++]!;
  }

  flag(): boolean {
    return this.number() === 1;
  }

  moment(): number {
    return this.#firstAt + this.number();
  }

  text(): string {
    return this.#texts[this.number()]!;
  }

  list<T>(read: (from: Reader) => T): T[] {
    const count = this.number();
    const values: T[] = [];
    for (let index = 0; index < count; index++) values.push(read(this));
    return values;
  }

  optional<T>(read: (from: Reader) => T): T | null {
    return this.flag() ? read(this) : null;
  }

  bits(): Bits {
    return this.#once(() => this.list(() => this.number()));
  }

  ref(): SampleRef {
    const id = this.#firstId + this.number();
    const reportId = this.text();
    const at = this.moment();
    const { ok, reason, state } = this.#once(() => ({
      ok: this.flag(),
      reason: this.optional(() => this.text()),
      state: this.optional(() => this.text()),
    }));
    return { id, reportId, target: this.target, at, ok, reason, state };
  }

  refs(): SampleRef[] {
    return this.list(() => this.ref());
  }

  #once<T>(read: () => T): T {
    const place = this.number();
    if (place === this.#seen.length) this.#seen.push(read());
    return this.#seen[place] as T;
  }
}
