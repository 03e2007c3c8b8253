import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** What a name server of one name says: an address, "there is no such name", "I cannot find out", or nothing at all. */
export type Says = string | 'no-name' | 'failure' | 'silence';

const CODES: Readonly<Record<string, number>> = { failure: 2, 'no-name': 3 };

/** A DNS server on loopback (RFC 1035, 4.1), which answers every question for an IPv4 address in the same way. */
export async function nameServer(says: Says): Promise<{ address: string; asked: () => number; close(): void }> {
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (question, from) => {
    asked++;
    if (says === 'silence') return;
    const isAddress = !(says in CODES);
    const nameEnd = question.indexOf(0, 12);
    const isForIpv4 = question.readUInt16BE(nameEnd + 1) === 1;
    const head = Buffer.from(question.subarray(0, nameEnd + 5));
    head.writeUInt16BE(0x8180 | (CODES[says] ?? 0), 2);
    const isGiven = isAddress && isForIpv4;
    for (const [offset, count] of [
      [4, 1],
      [6, isGiven ? 1 : 0],
      [8, 0],
      [10, 0],
    ] as const)
      head.writeUInt16BE(count, offset);
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...says.split('.').map(Number)]);
    socket.send(isGiven ? Buffer.concat([head, record]) : head, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, asked: () => asked, close: () => socket.close() };
}
