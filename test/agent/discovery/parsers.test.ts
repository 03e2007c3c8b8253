import { createSocket, type RemoteInfo } from 'node:dgram';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askUdp, wordOf } from '../../../agent/discovery/ask-udp.ts';
import { readMdns } from '../../../agent/discovery/mdns.ts';
import { computerName, statusRequest } from '../../../agent/discovery/netbios.ts';
import { vendorOf } from '../../../agent/discovery/vendor.ts';
import { readScopes } from '../../../agent/discovery/ws-discovery.ts';

const REVERSE = '5.0.77.10.in-addr.arpa';
const mdns = encode({
  type: 'response',
  id: 7,
  answers: [
    { type: 'PTR', name: REVERSE, data: 'ban-lam-viec.local' },
    { type: 'PTR', name: '_services._dns-sd._udp.local', data: '_ipp._tcp.local' },
  ],
});
const netbios = Buffer.concat([
  Buffer.from([0, 7, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
  statusRequest(7).subarray(12, 46),
  Buffer.from([0, 0x21, 0, 1, 0, 0, 0, 0, 0, 65, 1]),
  Buffer.from('PC-01          \0'),
  Buffer.from([0x04, 0]),
  Buffer.alloc(46),
]);
const scopes = Buffer.from(
  '<s:Envelope><d:ProbeMatch><d:Scopes>onvif://www.onvif.org/name/Cam%201 onvif://www.onvif.org/hardware/%ZZ</d:Scopes></d:ProbeMatch></s:Envelope>',
);

/** Any octets, and good answers that were damaged: cut, or with some octets changed. */
const hostile = (good: Buffer) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
    fc.nat(good.length).map((length) => good.subarray(0, length)),
    fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 12 }).map((changes) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    }),
  );

describe('an answer', () => {
  test('of each protocol is read', () => {
    expect(readMdns(mdns, 7, REVERSE)).toEqual({ name: 'ban-lam-viec.local', services: ['_ipp._tcp'] });
    expect(computerName(netbios, 7)).toBe('PC-01');
    expect(readScopes(scopes)).toEqual({ name: 'Cam 1', hardware: '%ZZ' });
  });

  test('to another question is none', () => {
    expect(readMdns(mdns, 8, REVERSE)).toBeUndefined();
    expect(computerName(netbios, 8)).toBeUndefined();
    expect(readScopes(Buffer.from(`<!DOCTYPE x>${scopes}`))).toBeUndefined();
  });

  test('that is garbage never throws, and what is read of it fits a report', () => {
    const fits = (word: unknown) => word == null || (typeof word === 'string' && word.length > 0 && word.length <= 255);
    fc.assert(
      fc.property(hostile(mdns), hostile(netbios), hostile(scopes), (a, b, c) => {
        expect(fits(readMdns(a, 7, REVERSE)?.name)).toBe(true);
        expect(fits(computerName(b, 7))).toBe(true);
        const { name, hardware } = readScopes(c) ?? {};
        expect(fits(name) && fits(hardware)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('with names that point at each other in a circle is none', () => {
    const head = Buffer.from([0, 7, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    const itself = Buffer.concat([head, Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 0, 0, 2, 0xc0, 12])]);
    const eachOther = Buffer.concat([head, Buffer.from([0xc0, 14, 0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 0, 0, 0])]);
    for (const packet of [itself, eachOther]) expect(readMdns(packet, 7, REVERSE)).toBeUndefined();
  });

  test('in a device’s words becomes one line', () => {
    expect(wordOf('HP\r\n\u001b[31mLaserJet\u202e ')).toBe('HP [31mLaserJet');
    expect(wordOf(' \u0000 ')).toBeNull();
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => !/\p{C}/u.test(wordOf(text) ?? '')));
  });
});

describe('a device that is asked by UDP', () => {
  async function device(answer: (from: RemoteInfo, send: (packet: Buffer) => void) => void) {
    const socket = createSocket('udp4');
    socket.on('message', (_, from) => answer(from, (packet) => socket.send(packet, from.port, from.address, () => {})));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => void socket.close());
    return socket.address().port;
  }
  const ask = (port: number, withinMs: number, signal = new AbortController().signal) =>
    askUdp(
      { address: '127.0.0.1', port, packet: Buffer.from('?'), withinMs, maxBytes: 100, signal },
      (answer) => JSON.parse(answer.toString()).word as string | undefined,
    );

  test('is heard behind its own garbage, and answers that are too long are not read', async () => {
    const port = await device((_, send) => {
      for (const said of ['{', `{"word":"${'x'.repeat(200)}"}`, 'null', '{}', '{"word":"good"}'])
        send(Buffer.from(said));
    });
    expect(await ask(port, 30_000)).toBe('good');
  });

  test('is left when it floods, when it is silent, and when a person stops', async () => {
    const flood = await device((_, send) => {
      for (let count = 0; count < 100; count++) send(Buffer.from('{'));
    });
    expect(await ask(flood, 30_000)).toBeUndefined();
    const silent = await device(() => {});
    expect(await ask(silent, 50)).toBeUndefined();
    const stop = new AbortController();
    const asked = ask(silent, 30_000, stop.signal);
    stop.abort();
    expect(await asked).toBeUndefined();
    expect(await ask(silent, 30_000, AbortSignal.abort())).toBeUndefined();
  });
});

test('the vendor is who the address is assigned to, and nobody where the device made it up', () => {
  expect(vendorOf('54:bf:64:00:00:01')).toBe('Dell Inc.');
  expect(vendorOf('56:bf:64:00:00:01')).toBeNull();
  expect(vendorOf(null)).toBeNull();
});
