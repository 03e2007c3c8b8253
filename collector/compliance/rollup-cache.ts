import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { localDaysBetween } from '../../shared/calendar.ts';
import type { Sample } from '../../shared/wire/report.ts';
import type { Store } from '../store/sqlite.ts';
import { loadSamples } from './load.ts';
import { decode, encode, FORMAT } from './rollup/codec.ts';
import { type Basis, merge, periodsIn, ROLLUP_POLICY, type Rollup, rollDay } from './rollup/rollup.ts';

/**
 * Rollups as the store keeps them: of days, of months, and of windows that keep their beginning. Each is right or absent:
 * a report removes in its own transaction those of the time of its samples; other school days or policy values give
 * another digest; what is made while a report comes in is not kept. What is absent is made of the samples.
 */

export interface Wanted {
  schoolId: string;
  /** `samples_version` of the school as read before anything else of it. */
  version: number;
  basis: Basis;
  /** [from, to): `to` may lie ahead of `now`. */
  from: number;
  to: number;
  now: number;
  /** Whether the window keeps its beginning: then months and the window so far are kept, otherwise days. */
  isFixed: boolean;
}

/** Rollups that were made and are worth keeping: hand them to `keepRollups`. */
export interface Made {
  schoolId: string;
  version: number;
  rows: {
    from_at: number;
    to_at: number;
    last_at: number;
    digest: string;
    body: Uint8Array;
    monthEnd: number;
    replaces: boolean;
  }[];
}

interface Span {
  from: number;
  to: number;
}
interface Kept extends Span {
  id: number;
  lastAt: number;
  digest: string;
}
interface Piece extends Span {
  /** Row that holds it; undefined: it is a day to be made of samples. */
  id?: number;
}

/**
 * What was measured at each of these schools from `from` until `to` or `now`, one after the other: a rollup is large, and
 * nobody needs two at once.
 */
export async function* loadRollups(
  store: Store,
  wanted: readonly Wanted[],
): AsyncGenerator<{ schoolId: string; rollup: Rollup; made: Made }> {
  if (wanted.length === 0) return;
  const kept = await keptSpans(store, wanted);
  const plans = wanted.map((own) => ({ own, pieces: cover(own, kept.get(own.schoolId) ?? []) }));
  const bodies = await loadBodies(
    store,
    plans.flatMap(({ pieces }) => pieces.flatMap(({ id }) => id ?? [])),
  );
  for (const { own, pieces } of plans) {
    const rows: Made['rows'] = [];
    const keep = (span: Span, rollup: Rollup, replaces: boolean) => rows.push(rowOf(own.basis, span, rollup, replaces));
    const parts = [];
    for (const group of byMonth(own, pieces)) {
      const rolled = [];
      for (const piece of group)
        rolled.push(piece.id === undefined ? await makeDay(store, own, piece, keep) : decode(bodies.get(piece.id)!));
      const part = { from: group[0]!.from, to: group.at(-1)!.to, rollup: merge(rolled) };
      if (
        own.isFixed &&
        group.length > 1 &&
        isOver(own, part) &&
        [own.from, monthOf(own.basis, part.from).from].includes(part.from)
      )
        keep(part, part.rollup, true);
      parts.push(part);
    }
    const over = parts.filter((part) => isOver(own, part));
    const rest = parts.slice(over.length).map(({ rollup }) => rollup);
    const soFar = merge(over.map(({ rollup }) => rollup));
    if (own.isFixed && over.length > 1) keep({ from: own.from, to: over.at(-1)!.to }, soFar, true);
    const { schoolId, version } = own;
    yield { schoolId, rollup: merge([soFar, ...rest]), made: { schoolId, version, rows } };
  }
}

/** Keeps what was made, in the caller's transaction; of a school that reports came from meanwhile nothing. */
export async function keepRollups(write: Store, made: readonly Made[]): Promise<void> {
  const ids = made.filter(({ rows }) => rows.length > 0).map(({ schoolId }) => schoolId);
  if (ids.length === 0) return;
  const now = await write.selectFrom('school').select(['id', 'samples_version']).where('id', 'in', ids).execute();
  const versions = new Map(now.map(({ id, samples_version }) => [id, samples_version]));
  for (const { schoolId, version, rows } of made) {
    if (versions.get(schoolId) !== version) continue;
    for (const { replaces, monthEnd, ...row } of rows) {
      if (replaces) await forgetShorter(write, schoolId, row, monthEnd);
      await write
        .insertInto('rollup')
        .values({ school_id: schoolId, ...row })
        .onConflict((conflict) =>
          conflict.columns(['school_id', 'from_at', 'to_at']).doUpdateSet((eb) => ({
            last_at: eb.ref('excluded.last_at'),
            digest: eb.ref('excluded.digest'),
            body: eb.ref('excluded.body'),
          })),
        )
        .execute();
    }
  }
}

/** Removes what is no longer true once these samples are stored. Belongs into the transaction that stores them. */
export async function forgetRollups(write: Store, schoolId: string, samples: readonly Sample[]): Promise<void> {
  const days = Map.groupBy(
    samples.map(({ at }) => Date.parse(at)),
    (at) => Math.floor(at / DAY_MS),
  );
  for (const times of days.values())
    await write
      .deleteFrom('rollup')
      .where('school_id', '=', schoolId)
      .where('from_at', '<=', Math.max(...times))
      .where('to_at', '>', Math.min(...times))
      .execute();
  await write
    .updateTable('school')
    .set({ samples_version: sql`samples_version + 1` })
    .where('id', '=', schoolId)
    .execute();
}

const DAY_MS = 24 * 3600_000;

async function keptSpans(store: Store, wanted: readonly Wanted[]): Promise<Map<string, Kept[]>> {
  const rows = await store
    .selectFrom('rollup')
    .select(['id', 'school_id', 'from_at as from', 'to_at as to', 'last_at as lastAt', 'digest'])
    .where(
      'school_id',
      'in',
      wanted.map(({ schoolId }) => schoolId),
    )
    .where('from_at', '>=', Math.min(...wanted.map(({ from }) => from)))
    .where('to_at', '<=', Math.max(...wanted.map(({ to }) => to)))
    .orderBy('to_at', 'desc')
    .execute();
  return Map.groupBy(rows, (row) => row.school_id);
}

async function loadBodies(store: Store, ids: readonly number[]): Promise<Map<number, Uint8Array>> {
  if (ids.length === 0) return new Map();
  const rows = await store.selectFrom('rollup').select(['id', 'body']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, body }) => [id, body]));
}

/** The window in pieces, one after the other: the longest rollup that is kept and fits, or else a day. */
function cover(own: Wanted, kept: readonly Kept[]): Piece[] {
  const byStart = Map.groupBy(kept, ({ from }) => from);
  const pieces: Piece[] = [];
  const days = localDaysBetween(own.basis, own.from, Math.min(own.to, own.now + DAY_MS));
  for (let index = 0; index < days.length && days[index]!.from <= own.now; ) {
    const day = days[index]!;
    const found = byStart
      .get(day.from)
      ?.find((row) => row.to <= own.to && row.lastAt <= own.now && row.digest === digestOf(own.basis, row));
    pieces.push(found ?? day);
    const to = (found ?? day).to;
    while (index < days.length && days[index]!.from < to) index++;
  }
  return pieces;
}

/** Neighbouring pieces of one month together; one that reaches over months stands alone, and the running day. */
function byMonth(own: Wanted, pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  /** End of the month that the last group lies in. */
  let end = Number.NEGATIVE_INFINITY;
  for (const piece of pieces) {
    if (piece.to <= end && isOver(own, piece)) groups.at(-1)!.push(piece);
    else groups.push([piece]);
    end = monthOf(own.basis, piece.from).to;
  }
  return groups;
}

const isOver = ({ now }: Wanted, { to }: Span) => to - 1 <= now;

/** The local month that holds `at`. */
export function monthOf({ utcOffsetMinutes }: Pick<Basis, 'utcOffsetMinutes'>, at: number): Span {
  const local = new Date(at + utcOffsetMinutes * 60_000);
  const start = (months: number) =>
    Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months, 1) - utcOffsetMinutes * 60_000;
  return { from: start(0), to: start(1) };
}

/** A day out of its samples. It is kept if the window moves, or if it is running, and no sample is ahead of the clock. */
async function makeDay(
  store: Store,
  own: Wanted,
  day: Span,
  keep: (span: Span, rollup: Rollup, replaces: boolean) => void,
): Promise<Rollup> {
  const samples = await loadSamples(store, own.schoolId, day.from, day.to);
  const told = samples.filter(({ at }) => at <= own.now);
  const rollup = rollDay(told, own.basis, day);
  if ((!own.isFixed || !isOver(own, day)) && told.length === samples.length) keep(day, rollup, false);
  return rollup;
}

function rowOf(basis: Basis, span: Span, rollup: Rollup, replaces: boolean): Made['rows'][number] {
  const lastAt = [...rollup.series.values()].reduce((newest, { last }) => Math.max(newest, last.at), span.from);
  return {
    from_at: span.from,
    to_at: span.to,
    last_at: lastAt,
    digest: digestOf(basis, span),
    body: encode(rollup),
    monthEnd: monthOf(basis, span.from).to,
    replaces,
  };
}

/** Of all that a rollup of this time is made by beside samples. */
function digestOf(basis: Basis, span: Span): string {
  const policy = ROLLUP_POLICY.map((name) => basis.policy[name]);
  const periods = periodsIn(basis.periods, span).map(({ from, to }) => [from, to]);
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, basis.utcOffsetMinutes, policy, periods]))
    .digest('base64url')
    .slice(0, 22);
}

/** Earlier states of the same growing time; its first day and its first whole month stay. */
async function forgetShorter(
  write: Store,
  schoolId: string,
  { from_at, to_at }: { from_at: number; to_at: number },
  monthEnd: number,
): Promise<void> {
  await write
    .deleteFrom('rollup')
    .where('school_id', '=', schoolId)
    .where('from_at', '=', from_at)
    .where('to_at', '>', from_at + DAY_MS)
    .where('to_at', '<', to_at)
    .where('to_at', '!=', monthEnd)
    .execute();
}

/** Removes the days that the live window has left: months hold them. */
export async function forgetDays(write: Store, schoolId: string, until: number): Promise<void> {
  await write
    .deleteFrom('rollup')
    .where('school_id', '=', schoolId)
    .where('to_at', '<=', until)
    .where(sql<number>`to_at - from_at`, '<=', DAY_MS)
    .execute();
}

/** Whether this time is kept as one rollup, be it of other school days or policy values. */
export async function isKept(store: Store, schoolId: string, { from, to }: Span): Promise<boolean> {
  const row = await store
    .selectFrom('rollup')
    .select('id')
    .where('school_id', '=', schoolId)
    .where('from_at', '=', from)
    .where('to_at', '=', to)
    .executeTakeFirst();
  return row !== undefined;
}
