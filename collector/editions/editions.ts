import { v7 as uuidv7 } from 'uuid';
import { type Edition, EditionError, parseEdition } from '../../shared/rubric/edition.ts';
import { parseEditionText } from '../../shared/rubric/edition-text.ts';
import { loadEditions } from '../../shared/rubric/load.ts';
import { Problem } from '../api/errors.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import { keyOf } from './key.ts';
import { sayEditionError } from './say.ts';

/** An edition that the collector knows, with the readings that are chosen now. */
export interface KnownEdition {
  key: string;
  edition: Edition;
  /** Who uploaded it and when, epoch ms; null: shipped. */
  uploaded: { by: string; at: number } | null;
}

/** Who changes something, why, and when (epoch ms). */
export interface Act {
  by: string;
  reason: string;
  at: number;
}

const MAX_UPLOADED = 200;

/**
 * The editions of one collector: shipped and uploaded ones, how their unclear places are read, and which one scores the
 * live sheets. What is chosen holds at once, without a restart; periods keep the copy that they were prepared with.
 */
export class Editions {
  readonly #store: Store;
  readonly #preferred: string | undefined;
  #known: KnownEdition[] = [];
  #inForce: string | undefined;

  private constructor(store: Store, preferred: string | undefined) {
    this.#store = store;
    this.#preferred = preferred;
  }

  /**
   * `preferred`: id of the edition that is in force while nobody chose one, the shipped before an uploaded one; without
   * it the newest shipped. Throws EditionError.
   */
  static async open(store: Store, preferred?: string): Promise<Editions> {
    const editions = new Editions(store, preferred);
    await editions.#read();
    if (preferred !== undefined && !editions.byId(preferred)) {
      const known = editions.list().map(({ edition }) => edition.id);
      throw new EditionError(`rubric ${preferred} is not known; known: ${known.join(', ')}`);
    }
    editions.inForce();
    return editions;
  }

  /** Newest first. */
  list(): readonly KnownEdition[] {
    return this.#known;
  }

  byKey(key: string): KnownEdition | undefined {
    return this.#known.find((known) => known.key === key);
  }

  /** Of several with one id the newest. */
  byId(id: string): KnownEdition | undefined {
    return this.#known.find(({ edition }) => edition.id === id);
  }

  /** The edition that scores live sheets. */
  inForce(): Edition {
    return this.known().edition;
  }

  /** The same with its key. */
  known(): KnownEdition {
    const known =
      (this.#inForce === undefined ? undefined : this.byKey(this.#inForce)) ??
      this.#known.find(({ edition, uploaded }) => edition.id === this.#preferred && uploaded === null) ??
      (this.#preferred === undefined ? undefined : this.byId(this.#preferred)) ??
      this.#known.find(({ uploaded }) => uploaded === null);
    if (!known) throw new EditionError('no edition of the rubric is installed');
    return known;
  }

  /** Assessing units of every known edition, by id. */
  units(): Map<string, string> {
    return new Map(this.#known.flatMap(({ edition }) => edition.units.map(({ id, label }) => [id, label] as const)));
  }

  /** Keeps an uploaded text. Throws Problem: `input-invalid` with the place in the text, `already-exists`. */
  async add(text: string, { by, at }: Omit<Act, 'reason'>): Promise<KnownEdition> {
    const { id, date, title } = readUploaded(text);
    const key = keyOf({ id, date });
    const uploaded = this.#known.filter((known) => known.uploaded !== null).length;
    if (uploaded >= MAX_UPLOADED) throw new Problem('not-now', `đã có ${MAX_UPLOADED} bộ tiêu chí được tải lên`);
    await this.#store.transaction().execute(async (write) => {
      const made = await write
        .insertInto('edition')
        .values({ key, id, date, text, by, at })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst();
      if (!made.numInsertedOrUpdatedRows || this.byKey(key))
        throw new Problem('already-exists', `đã có bộ tiêu chí ${id} ngày ${date}: đổi mã hoặc ngày rồi tải lại`);
      const after = { id, date, title };
      await record(write, { by, action: 'edition.added', subject: `edition/${key}`, before: null, after }, at);
    });
    await this.#read();
    return this.byKey(key)!;
  }

  /** Reads an unclear place otherwise, for live sheets and for periods prepared from now on. Throws Problem. */
  async choose(key: string, reading: string, choice: string, { by, reason, at }: Act): Promise<KnownEdition> {
    const known = this.require(key);
    const chosen = requireChoice(known.edition, reading, choice);
    if (chosen === choice) return known;
    const row = { id: uuidv7(), edition_key: key, reading, choice, reason: reason.trim(), by, at };
    await this.#store.transaction().execute(async (write) => {
      await write.insertInto('reading_choice').values(row).execute();
      const before = await write
        .selectFrom('reading_choice')
        .select('choice')
        .where('edition_key', '=', key)
        .where('reading', '=', reading)
        .where('id', '!=', row.id)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      const change = {
        by,
        action: 'reading.chosen',
        subject: `edition/${key}/${reading}`,
        before: before?.choice ?? chosen,
        after: { choice, reason: row.reason },
      };
      await record(write, change, at);
    });
    await this.#read();
    return this.require(key);
  }

  /** Scores live sheets by this edition from now on. Throws Problem. */
  async putInForce(key: string, { by, reason, at }: Act): Promise<void> {
    const { edition } = this.require(key);
    const before = this.known().key;
    if (before === key) return;
    await this.#store.transaction().execute(async (write) => {
      const row = { id: uuidv7(), edition_key: key, reason: reason.trim(), by, at };
      await write.insertInto('edition_in_force').values(row).execute();
      await requireLevels(write, edition);
      const change = { by, action: 'edition.in-force', subject: `edition/${key}`, before };
      await record(write, { ...change, after: { key, reason: row.reason } }, at);
    });
    await this.#read();
  }

  /** Throws Problem `not-found`. */
  require(key: string): KnownEdition {
    const known = this.byKey(key);
    if (!known) throw new Problem('not-found', 'không có bộ tiêu chí này');
    return known;
  }

  /** Takes over what the store holds. */
  async #read(): Promise<void> {
    const [uploaded, choices, inForce] = await Promise.all([
      this.#store.selectFrom('edition').selectAll().execute(),
      this.#store
        .selectFrom('reading_choice')
        .select(['edition_key', 'reading', 'choice'])
        .orderBy('at')
        .orderBy('id')
        .execute(),
      this.#store
        .selectFrom('edition_in_force')
        .select('edition_key')
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst(),
    ]);
    const all = [
      ...loadEditions().map((edition) => ({ edition, uploaded: null })),
      ...uploaded.map(({ text, by, at }) => ({ edition: parseEditionText(text), uploaded: { by, at } })),
    ];
    this.#known = all
      .map((known): KnownEdition => {
        const key = keyOf(known.edition);
        const own = choices.filter((row) => row.edition_key === key).map(({ reading, choice }) => [reading, choice]);
        return { ...known, key, edition: withChoices(known.edition, Object.fromEntries(own)) };
      })
      .sort((a, b) =>
        a.edition.date === b.edition.date ? (a.key < b.key ? -1 : 1) : a.edition.date > b.edition.date ? -1 : 1,
      );
    this.#inForce = inForce?.edition_key;
  }
}

/** The choice in force for a reading. Throws Problem unless the reading exists and has that choice. */
export function requireChoice(edition: Edition, id: string, choice: string): string {
  const reading = edition.readings.find((candidate) => candidate.id === id);
  if (!reading) throw new Problem('not-found', `bộ tiêu chí không có cách đọc ${id}`);
  if (!reading.choices.some((candidate) => candidate.id === choice)) {
    const known = reading.choices.map((candidate) => candidate.id).join(', ');
    throw new Problem('input-invalid', `cách đọc ${id} không có lựa chọn ${choice}; có: ${known}`);
  }
  return reading.chosen;
}

/** Every school of the store, or of `schoolIds`, must have a level that the edition knows. Throws Problem. */
export async function requireLevels(store: Store, edition: Edition, schoolIds?: readonly string[]): Promise<void> {
  const levels = new Set(edition.levels.map(({ id }) => id));
  const wanted = schoolIds && new Set(schoolIds);
  const rows = await store.selectFrom('school').select(['id', 'name', 'levels']).execute();
  const without = rows.filter(
    (row) =>
      (!wanted || wanted.has(row.id)) && !(JSON.parse(row.levels) as string[]).some((level) => levels.has(level)),
  );
  if (without.length === 0) return;
  const known = edition.levels.map(({ label }) => label).join(', ');
  const others = without.length === 1 ? '' : ` và ${without.length - 1} trường khác`;
  throw new Problem(
    'input-invalid',
    `bộ tiêu chí chỉ có cấp học ${known}, không chấm được ${without[0]!.name}${others}`,
  );
}

/** Choices that a newer file no longer offers are left out. */
function withChoices(edition: Edition, choices: Readonly<Record<string, string>>): Edition {
  const offered = Object.entries(choices).filter(([id, choice]) =>
    edition.readings.some((reading) => reading.id === id && reading.choices.some((known) => known.id === choice)),
  );
  return parseEdition(edition, Object.fromEntries(offered));
}

function readUploaded(text: string): Edition {
  try {
    const edition = parseEditionText(text);
    if (!isDay(edition.date)) throw new Problem('input-invalid', '/date: phải là ngày dạng 2026-11-23');
    return edition;
  } catch (error) {
    if (error instanceof EditionError) throw new Problem('input-invalid', sayEditionError(error));
    throw error;
  }
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
