import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Outage } from '../../incidents/detect.ts';
import { seriesKey } from '../series.ts';
import type { Antivirus } from './antivirus.ts';
import type { Bits } from './bits.ts';
import type { Camera } from './camera.ts';
import type { Presence } from './presence.ts';
import type { Rollup, SeriesRollup } from './rollup.ts';
import type { SampleRef } from './sample-ref.ts';
import type { Speed } from './speed.ts';

/**
 * A rollup as the store keeps it: JSON of short arrays, deflated (RFC 1951). What repeats (texts, outcomes, sets of
 * periods) stands once in a table and is named by its place there; times and sample ids count from the first.
 */

/** To be raised with every change of what a rollup holds or how it is written: older ones are then made anew. */
export const FORMAT = 1;

type Row = readonly unknown[];

export function encode({ series, atWork, together }: Rollup): Uint8Array {
  const all = [...series.values()];
  const baseAt = Math.min(...all.map(({ firstAt }) => firstAt));
  const baseId = Math.min(...all.map(({ last }) => last.id));
  const texts = new Table<string>((text) => text);
  const sets = new Table<Bits>((bits) => bits.join());
  const outcomes = new Table<Row>((outcome) => JSON.stringify(outcome));
  const keys = new Map([...series.keys()].map((key, index) => [key, index]));
  const ref = ({ id, reportId, at, ok, reason, state }: SampleRef): Row => [
    id - baseId,
    texts.place(reportId),
    at - baseAt,
    outcomes.place([ok ? 1 : 0, reason, state]),
  ];
  const presence = (own: Presence): Row => [
    sets.place(own.answered),
    own.samples,
    own.misses,
    ref(own.last),
    own.lastMisses.map(ref),
    own.onMs,
    own.droppedMs,
    own.drops,
    own.firstDrops.map(ref),
  ];
  const outage = ({ first, last, rounds, known, reach, until }: Outage): Row => [
    ref(first),
    ref(last),
    rounds,
    known.flatMap(([from, to]) => [from - baseAt, to - from]),
    reach - last.at,
    until === null ? 0 : until - baseAt,
  ];
  const camera = (own: Camera): Row => [
    sets.place(own.lookedIn),
    own.lookedRounds,
    own.blindState,
    own.known,
    own.down,
    own.firstKnown && [own.firstKnown.at - baseAt, own.firstKnown.isDown ? 1 : 0],
    own.lastKnown && [ref(own.lastKnown.sample), own.lastKnown.isDown ? 1 : 0],
    own.lastDown.map(ref),
    own.outages.map(outage),
  ];
  const speed = (own: Speed): Row => [
    own.tests,
    own.valid,
    own.periods,
    own.rates,
    own.slowest.map(({ sample, lineMbps }) => [ref(sample), lineMbps]),
  ];
  const antivirus = ({ read, turns }: Antivirus): Row => [
    read && [
      ref(read.sample),
      read.products.map(({ name, on, upToDate, definitionsAt }) => [texts.place(name), on, upToDate, definitionsAt]),
    ],
    turns.map(({ agentId, lastAt }) => [texts.place(agentId), lastAt - baseAt]),
  ];
  const rows = all.map((own) => [
    texts.place(own.probe),
    texts.place(own.target),
    own.samples,
    own.firstAt - baseAt,
    ref(own.last),
    own.agents.map((agent) => texts.place(agent)),
    sets.place(own.askedIn),
    own.askedRounds,
    own.presence && presence(own.presence),
    own.camera && camera(own.camera),
    own.speed && speed(own.speed),
    own.antivirus && antivirus(own.antivirus),
  ]);
  const work = [...atWork].map(([agent, periods]) => [texts.place(agent), sets.place(periods)]);
  const drops = together.map(({ key, miss, on }) => [keys.get(key), ref(miss), on.map((other) => keys.get(other))]);
  const tables = [texts.entries, sets.entries, outcomes.entries];
  return deflateRawSync(JSON.stringify([baseAt, baseId, ...tables, rows, work, drops]));
}

/** What `encode` wrote; `[]`-like bytes of another format are never given to it. */
export function decode(bytes: Uint8Array): Rollup {
  // biome-ignore lint/suspicious/noExplicitAny: rows are as `encode` wrote them
  type Any = any;
  const [baseAt, baseId, texts, sets, outcomes, rows, work, drops]: Any = JSON.parse(
    inflateRawSync(bytes).toString('utf8'),
  );
  const refs =
    (target: string) =>
    ([id, report, at, outcome]: Any): SampleRef => {
      const [ok, reason, state] = outcomes[outcome];
      return { id: baseId + id, reportId: texts[report], target, at: baseAt + at, ok: ok === 1, reason, state };
    };
  const presence = (
    [answered, samples, misses, last, lastMisses, onMs, droppedMs, count, first]: Any,
    target: string,
  ) => {
    const ref = refs(target);
    return {
      answered: sets[answered],
      samples,
      misses,
      last: ref(last),
      lastMisses: lastMisses.map(ref),
      onMs,
      droppedMs,
      drops: count,
      firstDrops: first.map(ref),
    };
  };
  const outage = ([first, last, rounds, known, reach, until]: Any, ref: (row: Any) => SampleRef): Outage => {
    const pairs: [number, number][] = [];
    for (let index = 0; index < known.length; index += 2)
      pairs.push([baseAt + known[index], baseAt + known[index] + known[index + 1]]);
    const end = ref(last);
    return {
      first: ref(first),
      last: end,
      rounds,
      known: pairs,
      reach: end.at + reach,
      until: until === 0 ? null : baseAt + until,
    };
  };
  const camera = (
    [looked, lookedRounds, blindState, known, down, first, last, lastDown, outages]: Any,
    target: string,
  ) => {
    const ref = refs(target);
    return {
      lookedIn: sets[looked],
      lookedRounds,
      blindState,
      known,
      down,
      firstKnown: first && { at: baseAt + first[0], isDown: first[1] === 1 },
      lastKnown: last && { sample: ref(last[0]), isDown: last[1] === 1 },
      lastDown: lastDown.map(ref),
      outages: outages.map((row: Any) => outage(row, ref)),
    };
  };
  const speed = ([tests, valid, periods, rates, slowest]: Any, target: string): Speed => {
    const ref = refs(target);
    return {
      tests,
      valid,
      periods,
      rates,
      slowest: slowest.map(([sample, lineMbps]: Any) => ({ sample: ref(sample), lineMbps })),
    };
  };
  const antivirus = ([read, turns]: Any, target: string): Antivirus => ({
    read: read && {
      sample: refs(target)(read[0]),
      products: read[1].map(([name, on, upToDate, definitionsAt]: Any) => ({
        name: texts[name],
        on,
        upToDate,
        definitionsAt,
      })),
    },
    turns: turns.map(([agent, lastAt]: Any) => ({ agentId: texts[agent], lastAt: baseAt + lastAt })),
  });
  const all: SeriesRollup[] = rows.map((row: Any): SeriesRollup => {
    const target = texts[row[1]];
    return {
      probe: texts[row[0]],
      target,
      samples: row[2],
      firstAt: baseAt + row[3],
      last: refs(target)(row[4]),
      agents: row[5].map((agent: number) => texts[agent]),
      askedIn: sets[row[6]],
      askedRounds: row[7],
      presence: row[8] && presence(row[8], target),
      camera: row[9] && camera(row[9], target),
      speed: row[10] && speed(row[10], target),
      antivirus: row[11] && antivirus(row[11], target),
    };
  });
  const keys = all.map(({ probe, target }) => seriesKey(probe, target));
  return {
    series: new Map(all.map((own, index) => [keys[index]!, own])),
    atWork: new Map(work.map(([agent, periods]: Any) => [texts[agent], sets[periods]])),
    together: drops.map(([key, miss, on]: Any) => ({
      key: keys[key]!,
      miss: refs(all[key]!.target)(miss),
      on: on.map((other: number) => keys[other]!),
    })),
  };
}

/** Entries that each stand once, by what tells them apart. */
class Table<T> {
  readonly entries: T[] = [];
  readonly #places = new Map<string, number>();
  readonly #tellApart: (entry: T) => string;

  constructor(tellApart: (entry: T) => string) {
    this.#tellApart = tellApart;
  }

  place(entry: T): number {
    const key = this.#tellApart(entry);
    const before = this.#places.get(key);
    if (before !== undefined) return before;
    this.#places.set(key, this.entries.length);
    return this.entries.push(entry) - 1;
  }
}
