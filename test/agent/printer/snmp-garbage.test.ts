import { createSocket, type RemoteInfo } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { askSnmp } from '../../../agent/probes/printer/ask-snmp.ts';

/** What answers at a printer's port need be no printer. Anything that net-snmp throws here would end the process. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function answering(answer: (asked: Buffer, from: RemoteInfo, count: number) => Buffer[]): Promise<number> {
  const socket = createSocket('udp4');
  let count = 0;
  socket.on('message', (asked, from) => {
    for (const bytes of answer(asked, from, count++)) socket.send(bytes, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => socket.close(() => resolve(undefined))));
  return socket.address().port;
}

const ask = (port: number) => askSnmp({ address: '127.0.0.1', port, community: 'public' }, AbortSignal.timeout(10_000));

/** BER (ITU-T X.690) with definite lengths. */
function ber(tag: number, ...parts: (Buffer | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const SUPPLY_LEVEL = [0x2b, 6, 1, 2, 1, 43, 11, 1, 1, 9];

/** The asked message as its answer: GetResponse (0xa2) with other variable bindings. */
function answerTo(asked: Buffer, bindings: Buffer[], idOffset = 0): Buffer {
  // 30 len 02 01 version 04 len community a? len 02 len id …
  const community = asked.indexOf('public') - 2;
  const pdu = community + 8;
  const pduHead = asked[pdu + 1]! < 128 ? 2 : 2 + (asked[pdu + 1]! & 0x7f);
  const idLength = asked[pdu + pduHead + 1]!;
  const id = Buffer.from(asked.subarray(pdu + pduHead, pdu + pduHead + 2 + idLength));
  id[id.length - 1] = (id.at(-1)! + idOffset) & 0xff;
  return ber(
    0x30,
    asked.subarray(asked.indexOf(2), pdu),
    ber(0xa2, id, ber(2, [0]), ber(2, [0]), ber(0x30, ...bindings)),
  );
}
const binding = (oid: number[], value: Buffer) => ber(0x30, ber(6, oid), value);

describe('bytes that are no answer', () => {
  const cases: [string, (asked: Buffer) => Buffer[], string][] = [
    ['nothing', () => [], 'timeout'],
    ['an empty datagram', () => [Buffer.alloc(0)], 'malformed'],
    ['one byte', () => [Buffer.from([0x30])], 'malformed'],
    ['a giant length', () => [Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2, 1, 1])], 'malformed'],
    ['60 kB', () => [Buffer.alloc(60_000, 0x30)], 'malformed'],
    ['the question itself', (asked) => [asked], 'malformed'],
    ['an answer cut short', (asked) => [answerTo(asked, []).subarray(0, 14)], 'malformed'],
    ['the id of another question', (asked) => [answerTo(asked, [], 1)], 'timeout'],
    ['no bindings', (asked) => [answerTo(asked, [])], 'malformed'],
    ['a flood', (asked) => Array.from({ length: 500 }, () => answerTo(asked, [], 1)), 'timeout'],
  ];
  test.for(cases)('%s', async ([, answer, reason]) => {
    const start = performance.now();
    expect(await ask(await answering(answer))).toMatchObject({ reason });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('of any kind, thousands of them', async () => {
    const mutated = fc.tuple(
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
      fc.constantFrom('answer', 'question', 'noise'),
      fc.uint8Array({ maxLength: 200 }),
    );
    let sent = 0;
    const port = await answering((asked) =>
      fc.sample(mutated, 400).map(([changes, cut, kind, noise]) => {
        sent++;
        if (kind === 'noise') return Buffer.from(noise);
        const bytes = Buffer.from(kind === 'question' ? asked : answerTo(asked, [binding(SUPPLY_LEVEL, ber(2, [5]))]));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
      }),
    );
    for (let round = 0; round < 4; round++) {
      const answer = await ask(port);
      expect('reason' in answer || Array.isArray(answer.supplies)).toBe(true);
    }
    expect(sent).toBeGreaterThanOrEqual(1600);
  });
});

describe('tables that never end', () => {
  /** Answers every question with as many bindings as it asks, each `oidAt` of the count. */
  const table = (oidAt: (count: number) => number[]) =>
    answering((asked, _from, count) => {
      const asks = asked.toString('latin1').split('\x2b\x06\x01\x02\x01').length - 1;
      return [
        answerTo(
          asked,
          Array.from({ length: asks }, () => binding(oidAt(count), ber(2, [50]))),
        ),
      ];
    });

  test('an agent that gives the same row again and again: one supply', async () => {
    const answer = await ask(await table(() => [...SUPPLY_LEVEL, 1, 1]));
    expect(answer).toMatchObject({ supplies: { length: 1 } });
  });

  test('an agent that goes back: what came before', async () => {
    const answer = await ask(await table((count) => [...SUPPLY_LEVEL, 1, 100 - count]));
    expect(answer).toMatchObject({ supplies: { length: 1 } });
  });

  test('an agent that always has one more: 32 supplies', async () => {
    const answer = await ask(await table((count) => [...SUPPLY_LEVEL, 1, count]));
    expect(answer).toMatchObject({ supplies: { length: 32 } });
  });
});
