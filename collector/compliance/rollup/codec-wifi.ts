import { readTally, readWords, writeTally, writeWords } from './codec-line.ts';
import type { Reader, Writer } from './numbers.ts';
import type { Wifi } from './wifi.ts';

/** How what is known of a host's Wi-Fi is written and read; a part of `codec.ts`. */

export function writeWifi(out: Writer, own: Wifi): void {
  out.list(own.days, (_, { period, sent, lost, steadySent, steadyLost, worst }) => {
    for (const value of [period, sent, lost, steadySent, steadyLost]) out.number(value);
    out.optional(worst, () => {
      out.ref(worst!.sample);
      out.number(worst!.sent);
      out.number(worst!.lost);
    });
  });
  writeTally(out, own.signal);
  writeWords(out, own.channels);
  out.number(own.roams);
  out.number(own.gatewayOut);
  out.optional(own.last, (_, last) => out.ref(last));
}
export const readWifi = (from: Reader): Wifi => ({
  days: from.list(() => ({
    period: from.number(),
    sent: from.number(),
    lost: from.number(),
    steadySent: from.number(),
    steadyLost: from.number(),
    worst: from.optional(() => ({ sample: from.ref(), sent: from.number(), lost: from.number() })),
  })),
  signal: readTally(from),
  channels: readWords(from),
  roams: from.number(),
  gatewayOut: from.number(),
  last: from.optional(() => from.ref()),
});
