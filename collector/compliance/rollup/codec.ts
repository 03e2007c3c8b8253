import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { seriesKey } from '../series.ts';
import type { Antivirus, ProductState } from './antivirus.ts';
import { type Bits, bitsOf, has } from './bits.ts';
import type { Camera } from './camera.ts';
import { readOutage, readSpeed, readUplink, writeOutage, writeSpeed, writeUplink } from './codec-line.ts';
import { readWifi, writeWifi } from './codec-wifi.ts';
import { Reader, Writer } from './numbers.ts';
import type { Presence } from './presence.ts';
import type { Rollup, SeriesRollup } from './rollup.ts';
import type { DropStart } from './together.ts';

/**
 * A rollup as the store keeps it: a list of texts and one of numbers as JSON, deflated (RFC 1951). The numbers stand in
 * the order in which the pairs of functions below write and read them; see `numbers.ts` for what a number may be.
 */

/** To be raised with every change of what a rollup holds or how it is written: older ones are then made anew. */
export const FORMAT = 10;
/** Half the time of the default level for 4 % more bytes. */
const LEVEL = 4;
/** One piece of output for most rollups: growing it piece by piece costs more than inflating. */
const CHUNK_BYTES = 1 << 16;

export function encode({ series, atWork, together, strangers }: Rollup): Uint8Array {
  const all = [...series.values()];
  const out = new Writer(
    all.reduce((first, { firstAt }) => Math.min(first, firstAt), Number.MAX_SAFE_INTEGER),
    all.reduce((first, { last }) => Math.min(first, last.id), Number.MAX_SAFE_INTEGER),
  );
  out.list(all, writeSeries);
  out.list([...atWork], (_, [agent, periods]) => {
    out.text(agent);
    out.bits(periods);
  });
  const places = new Map([...series.keys()].map((key, index) => [key, index]));
  // Parts that were merged number the series each in its own way.
  const moves = new Map([...new Set(together.map((drop) => drop.places))].map((own) => [own, movesTo(own, places)]));
  out.list(together, (_, drop) => {
    out.number(places.get(drop.key)!);
    out.ref(drop.miss);
    out.bits(bitsOf(moves.get(drop.places)!.flatMap(([before, now]) => (has(drop.on, before) ? now : []))));
  });
  out.list([...strangers], (_, [key, at]) => {
    out.text(key);
    out.moment(at);
  });
  return deflateRawSync(JSON.stringify([out.texts, out.numbers]), { level: LEVEL });
}

const movesTo = (before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>) =>
  [...before].map(([key, place]) => [place, now.get(key)!] as const);

/** What `encode` wrote in the same FORMAT. */
export function decode(bytes: Uint8Array): Rollup {
  const json = inflateRawSync(bytes, { chunkSize: CHUNK_BYTES }).toString('utf8');
  const [texts, numbers] = JSON.parse(json) as [string[], number[]];
  const from = new Reader(texts, numbers);
  const all = from.list(readSeries);
  const keys = all.map(({ probe, target }) => seriesKey(probe, target));
  const places = new Map(keys.map((key, index) => [key, index]));
  const atWork = from.list((): [string, Bits] => [from.text(), from.bits()]);
  const together = from.list((): DropStart => {
    const place = from.number();
    from.target = all[place]!.target;
    const miss = from.ref();
    return { key: keys[place]!, miss, on: from.bits(), places };
  });
  const strangers = new Map(from.list((): [string, number] => [from.text(), from.moment()]));
  return {
    series: new Map(all.map((own, index) => [keys[index]!, own])),
    atWork: new Map(atWork),
    together,
    strangers,
  };
}

function writeSeries(out: Writer, own: SeriesRollup): void {
  out.text(own.probe);
  out.text(own.target);
  out.number(own.samples);
  out.moment(own.firstAt);
  out.ref(own.last);
  out.list(own.agents, (_, agent) => out.text(agent));
  out.bits(own.askedIn);
  out.number(own.askedRounds);
  out.optional(own.presence, writePresence);
  out.optional(own.camera, writeCamera);
  out.optional(own.speed, writeSpeed);
  out.optional(own.uplink, writeUplink);
  out.optional(own.antivirus, writeAntivirus);
  out.optional(own.wifi, writeWifi);
}
function readSeries(from: Reader): SeriesRollup {
  const probe = from.text();
  from.target = from.text();
  return {
    probe,
    target: from.target,
    samples: from.number(),
    firstAt: from.moment(),
    last: from.ref(),
    agents: from.list(() => from.text()),
    askedIn: from.bits(),
    askedRounds: from.number(),
    presence: from.optional(readPresence),
    camera: from.optional(readCamera),
    speed: from.optional(readSpeed),
    uplink: from.optional(readUplink),
    antivirus: from.optional(readAntivirus),
    wifi: from.optional(readWifi),
  };
}

function writePresence(out: Writer, own: Presence): void {
  out.bits(own.answered);
  out.number(own.samples);
  out.number(own.misses);
  out.ref(own.last);
  out.refs(own.lastMisses);
  out.number(own.onMs);
  out.number(own.droppedMs);
  out.number(own.drops);
  out.refs(own.firstDrops);
}
const readPresence = (from: Reader): Presence => ({
  answered: from.bits(),
  samples: from.number(),
  misses: from.number(),
  last: from.ref(),
  lastMisses: from.refs(),
  onMs: from.number(),
  droppedMs: from.number(),
  drops: from.number(),
  firstDrops: from.refs(),
});

function writeCamera(out: Writer, own: Camera): void {
  out.bits(own.lookedIn);
  out.number(own.lookedRounds);
  out.optional(own.blindState, (_, state) => out.text(state));
  out.number(own.known);
  out.number(own.down);
  out.optional(own.firstKnown, (_, { at, isDown }) => {
    out.moment(at);
    out.flag(isDown);
  });
  out.optional(own.lastKnown, (_, { sample, isDown }) => {
    out.ref(sample);
    out.flag(isDown);
  });
  out.refs(own.lastDown);
  out.list(own.outages, writeOutage);
}
const readCamera = (from: Reader): Camera => ({
  lookedIn: from.bits(),
  lookedRounds: from.number(),
  blindState: from.optional(() => from.text()),
  known: from.number(),
  down: from.number(),
  firstKnown: from.optional(() => ({ at: from.moment(), isDown: from.flag() })),
  lastKnown: from.optional(() => ({ sample: from.ref(), isDown: from.flag() })),
  lastDown: from.refs(),
  outages: from.list(readOutage),
});

function writeAntivirus(out: Writer, { read, turns }: Antivirus): void {
  out.optional(read, (_, { sample, products }) => {
    out.ref(sample);
    out.list(products, (__, { name, on, upToDate, definitionsAt, state }) => {
      out.text(name);
      out.optional(on, () => out.flag(on!));
      out.optional(upToDate, () => out.flag(upToDate!));
      out.optional(definitionsAt, () => out.moment(definitionsAt!));
      out.optional(state, () => out.text(state!));
    });
  });
  out.list(turns, (_, { agentId, lastAt }) => {
    out.text(agentId);
    out.moment(lastAt);
  });
}
const readAntivirus = (from: Reader): Antivirus => ({
  read: from.optional(() => ({
    sample: from.ref(),
    products: from.list(() => ({
      name: from.text(),
      on: from.optional(() => from.flag()),
      upToDate: from.optional(() => from.flag()),
      definitionsAt: from.optional(() => from.moment()),
      state: from.optional(() => from.text() as ProductState),
    })),
  })),
  turns: from.list(() => ({ agentId: from.text(), lastAt: from.moment() })),
});
