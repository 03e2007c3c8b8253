import type { Mark } from '../../../shared/speed-test.ts';
import type { Outage } from '../../incidents/detect.ts';
import type { Identities, Trait } from './line-identity.ts';
import type { Reader, Writer } from './numbers.ts';
import type { Disagreement, ShownTest, Speed } from './speed.ts';
import type { Tally, Words } from './tally.ts';
import type { Uplink } from './uplink.ts';

/** How what is known of an internet line is written and read; a part of `codec.ts`. */

export function writeSpeed(out: Writer, own: Speed): void {
  out.number(own.tests);
  out.number(own.periods);
  out.list(own.rates, (_, { mbps, lowMbps, highMbps }) => {
    out.number(mbps);
    out.optional(lowMbps, () => {
      out.number(lowMbps!);
      out.number(highMbps!);
    });
  });
  out.list(own.bounds, (_, { mbps, mark, linkMbps }) => {
    out.number(mbps);
    out.text(mark);
    out.optional(linkMbps, () => out.number(linkMbps!));
  });
  out.list(own.slowest, writeTest);
  out.list(own.lowest, writeTest);
  for (const tally of [own.offHours, own.upload, own.idleMs, own.downMs, own.upMs]) writeTally(out, tally);
  out.number(own.crossChecks);
  out.number(own.differing);
  out.optional(own.worst, (_, { sample, provider, mbps, otherProvider, otherMbps }) => {
    out.ref(sample);
    out.optional(provider, () => out.text(provider!));
    out.number(mbps);
    out.optional(otherProvider, () => out.text(otherProvider!));
    out.number(otherMbps);
  });
  writeWords(out, own.marked);
  writeWords(out, own.spoilt);
}
export const readSpeed = (from: Reader): Speed => ({
  tests: from.number(),
  periods: from.number(),
  rates: from.list(() => {
    const mbps = from.number();
    const own = from.optional(() => ({ lowMbps: from.number(), highMbps: from.number() }));
    return { mbps, lowMbps: own?.lowMbps ?? null, highMbps: own?.highMbps ?? null };
  }),
  bounds: from.list(() => ({
    mbps: from.number(),
    mark: from.text() as Mark,
    linkMbps: from.optional(() => from.number()),
  })),
  slowest: from.list(readTest),
  lowest: from.list(readTest),
  offHours: readTally(from),
  upload: readTally(from),
  idleMs: readTally(from),
  downMs: readTally(from),
  upMs: readTally(from),
  crossChecks: from.number(),
  differing: from.number(),
  worst: from.optional(
    (): Disagreement => ({
      sample: from.ref(),
      provider: from.optional(() => from.text()),
      mbps: from.number(),
      otherProvider: from.optional(() => from.text()),
      otherMbps: from.number(),
    }),
  ),
  marked: readWords(from),
  spoilt: readWords(from),
});

function writeTest(out: Writer, { sample, mbps, mark }: ShownTest): void {
  out.ref(sample);
  out.number(mbps);
  out.optional(mark, () => out.text(mark!));
}
const readTest = (from: Reader): ShownTest => ({
  sample: from.ref(),
  mbps: from.number(),
  mark: from.optional(() => from.text() as Mark),
});

export const writeTally = (out: Writer, tally: Tally): void =>
  out.list(tally, (_, [value, count]) => {
    out.number(value);
    out.number(count);
  });
export const readTally = (from: Reader): Tally => from.list((): [number, number] => [from.number(), from.number()]);

export const writeWords = (out: Writer, words: Words): void =>
  out.list(words, (_, [word, count]) => {
    out.text(word);
    out.number(count);
  });
export const readWords = (from: Reader): Words => from.list((): [string, number] => [from.text(), from.number()]);

export function writeUplink(out: Writer, own: Uplink): void {
  out.number(own.known);
  out.number(own.down);
  out.number(own.blind);
  out.optional(own.firstKnown, (_, { at, isDown }) => {
    out.moment(at);
    out.flag(isDown);
  });
  out.number(own.leastMs);
  out.list(own.outages, writeOutage);
  out.number(own.rest.outages);
  out.number(own.rest.ms);
  writeIdentities(out, own.identities);
}
export const readUplink = (from: Reader): Uplink => ({
  known: from.number(),
  down: from.number(),
  blind: from.number(),
  firstKnown: from.optional(() => ({ at: from.moment(), isDown: from.flag() })),
  leastMs: from.number(),
  outages: from.list(readOutage),
  rest: { outages: from.number(), ms: from.number() },
  identities: readIdentities(from),
});

function writeIdentities(out: Writer, own: Identities): void {
  out.list(own.agents, (_, { agentId, trait, first, last }) => {
    out.text(agentId);
    out.text(trait);
    out.ref(first.sample);
    out.text(first.text);
    out.text(last);
  });
  out.list(own.switches, (_, { sample, agentId, trait, before, after }) => {
    out.ref(sample);
    for (const text of [agentId, trait, before, after]) out.text(text);
  });
  writeWords(out, own.counts);
}
const readIdentities = (from: Reader): Identities => ({
  agents: from.list(() => ({
    agentId: from.text(),
    trait: from.text() as Trait,
    first: { sample: from.ref(), text: from.text() },
    last: from.text(),
  })),
  switches: from.list(() => ({
    sample: from.ref(),
    agentId: from.text(),
    trait: from.text() as Trait,
    before: from.text(),
    after: from.text(),
  })),
  counts: readWords(from),
});

export function writeOutage(out: Writer, own: Outage): void {
  out.ref(own.first);
  out.ref(own.last);
  out.number(own.rounds);
  out.list(own.known, (_, [begun, ended]) => {
    out.moment(begun);
    out.moment(ended);
  });
  out.moment(own.reach);
  out.optional(own.until, (_, until) => out.moment(until));
}
export const readOutage = (from: Reader): Outage => ({
  first: from.ref(),
  last: from.ref(),
  rounds: from.number(),
  known: from.list((): [number, number] => [from.moment(), from.moment()]),
  reach: from.moment(),
  until: from.optional(() => from.moment()),
});
