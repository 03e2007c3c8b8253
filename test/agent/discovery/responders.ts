import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { encode } from 'dns-packet';

/**
 * Devices of a school as real sockets, run inside a namespace. Argument: `{ address, play }` as JSON; prints "ready" when all
 * listen, and ends when its input ends. `garbage`: every protocol answers with what it should not.
 */
const { devices } = JSON.parse(process.argv[2] ?? '{}') as { devices: { address: string; play: string }[] };

type Answer = (question: Buffer) => Buffer[];

const header = (question: Buffer, flags: number) => {
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(flags, 2);
  return head;
};

const netbios: Answer = (question) => {
  const head = header(question, 0x8400);
  head.writeUInt16BE(0, 4);
  head.writeUInt16BE(1, 6);
  const entry = (name: string, suffix: number, flags: number) =>
    Buffer.concat([Buffer.from(name.padEnd(15)), Buffer.from([suffix, flags >> 8, flags & 255])]);
  const names = [
    entry('TRUONG', 0x00, 0x8400),
    entry('PC-HIEUTRUONG', 0x00, 0x0400),
    entry('PC-HIEUTRUONG', 0x20, 0x0400),
  ];
  const rr = Buffer.from([0, 0x21, 0, 1, 0, 0, 0, 0, 0, 1 + names.length * 18 + 46, names.length]);
  return [Buffer.concat([head, question.subarray(12, 46), rr, ...names, Buffer.alloc(46)])];
};

const mdns: Answer = (question) => [
  encode({
    type: 'response',
    id: question.readUInt16BE(0),
    answers: [
      { type: 'PTR', name: '4.0.77.10.in-addr.arpa', data: 'May-In-Phong-Hop.local' },
      { type: 'PTR', name: '_services._dns-sd._udp.local', data: '_ipp._tcp.local' },
    ],
  }),
];

const onvif: Answer = () => [
  Buffer.from(
    `<?xml version="1.0"?><e:Envelope xmlns:e="e"><e:Body><d:ProbeMatches><d:ProbeMatch><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/C%E1%BB%95ng%20tr%C6%B0%E1%BB%9Dng onvif://www.onvif.org/hardware/DS-2CD</d:Scopes></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>`,
  ),
];

const garbage: Answer = (question) => [
  Buffer.from(Array.from({ length: 200 }, () => Math.floor(Math.random() * 256))),
  Buffer.concat([header(question, 0x8400), Buffer.from([0xc0, 0x0c, 0xc0, 0x0c])]), // a pointer to itself
  Buffer.concat([question.subarray(0, 2), Buffer.from([0x84, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(40_000, 0x41)]),
  question.subarray(0, 7),
  question, // its own words
  Buffer.from(question.toString('latin1').replace('\u0002\u0001\u0001', '\u0002\u0001\u0003'), 'latin1'), // SNMP of version 3
  Buffer.alloc(0),
];

const ports: Record<string, Answer> = { 137: garbage, 161: garbage, 3702: garbage, 5353: garbage };
const plays: Record<string, { udp: Record<string, Answer>; tcp: number[] }> = {
  pc: { udp: { 137: netbios }, tcp: [445, 135] },
  camera: { udp: { 3702: onvif }, tcp: [554, 80] },
  printer: { udp: { 5353: mdns }, tcp: [] },
  garbage: { udp: ports, tcp: [631, 80] },
  ipp: { udp: {}, tcp: [] },
};

const ready: Promise<void>[] = [];
for (const { address, play } of devices) {
  const { udp, tcp } = plays[play]!;
  for (const [port, answer] of Object.entries(udp)) {
    const socket = createSocket('udp4');
    socket.on('message', (question, { port: to, address: whom }) => {
      for (const packet of answer(question)) socket.send(packet, to, whom, () => {});
    });
    ready.push(new Promise((resolve) => socket.bind(Number(port), address, resolve)));
  }
  for (const port of tcp) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (play === 'garbage') socket.end(Buffer.alloc(600_000, 0xff));
    });
    ready.push(new Promise((resolve) => server.listen(port, address, resolve)));
  }
}
/** successful-ok with one attribute of the printer group (RFC 8010, 3.1). */
function ippAnswer(): Buffer {
  const text = (tag: number, name: string, value: string) =>
    Buffer.from([tag, 0, name.length, ...Buffer.from(name), 0, value.length, ...Buffer.from(value)]);
  return Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 1, 0x01]),
    text(0x47, 'attributes-charset', 'utf-8'),
    text(0x48, 'attributes-natural-language', 'en'),
    Buffer.from([0x04]),
    text(0x41, 'printer-make-and-model', 'Brother HL-L2321D'),
    Buffer.from([0x03]),
  ]);
}
for (const { address } of devices.filter(({ play }) => play === 'ipp')) {
  const server = createHttpServer((_, response) =>
    response.setHeader('content-type', 'application/ipp').end(ippAnswer()),
  );
  ready.push(new Promise((resolve) => server.listen(631, address, resolve)));
}
await Promise.all(ready);
process.stdout.write('ready\n');
process.stdin.on('end', () => process.exit(0)).resume();
