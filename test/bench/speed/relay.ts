/**
 * A relay that keeps every packet for some milliseconds: datagrams to 10.77.0.2:7001 go on to 127.0.0.1:7002 and back.
 * Argument: milliseconds in each direction; prints `ready`. For TUN devices that socat joins by UDP.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';

const delayMs = Number(process.argv[2] ?? 10);
const BUFFER_BYTES = 8 * 1024 * 1024;
const options = { type: 'udp4' as const, recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES };
const outer = createSocket(options);
const inner = createSocket(options);
let peer: RemoteInfo | undefined;
const waiting: { at: number; send: () => void }[] = [];
const keep = (send: () => void) => waiting.push({ at: performance.now() + delayMs, send });
outer.on('message', (packet, from) => {
  peer = from;
  keep(() => inner.send(packet, 7002, '127.0.0.1'));
});
inner.on('message', (packet) => keep(() => peer && outer.send(packet, peer.port, peer.address)));
for (const socket of [outer, inner]) socket.on('error', () => {});
let next = 0;
setInterval(() => {
  const now = performance.now();
  while (next < waiting.length && waiting[next]!.at <= now) waiting[next++]!.send();
  if (next > 10_000) {
    waiting.splice(0, next);
    next = 0;
  }
}, 1);
outer.bind(7001, '10.77.0.2', () => inner.bind(7003, '127.0.0.1', () => process.stdout.write('ready')));
