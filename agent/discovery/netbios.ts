import { randomInt } from 'node:crypto';
import { askUdp } from './ask-udp.ts';

/** NetBIOS node status (RFC 1002, 4.2.17 and 4.2.18): the computer name that Windows shows. */

const PORT = 137;
const NBSTAT = 0x0021;
const RESPONSE = 0x8000;
const GROUP = 0x8000;
const WORKSTATION = 0x00;

/** The computer's name; undefined when it does not say. Never rejects. */
export function askNetbios(address: string, withinMs: number, signal: AbortSignal): Promise<string | undefined> {
  const id = randomInt(0x1_0000);
  return askUdp({ address, port: PORT, packet: statusRequest(id), withinMs, maxBytes: 2048, signal }, (answer) =>
    computerName(answer, id),
  );
}

/** The wildcard name `*` and fifteen zeros in half-octets from `A` (RFC 1001, 14.1). */
export function statusRequest(id: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, Buffer.from(` CK${'A'.repeat(30)}\0`, 'latin1'), Buffer.from([0, NBSTAT, 0, 1])]);
}

/** The unique name of the workstation service; undefined for anything that is not an answer to request `id`. */
export function computerName(answer: Buffer, id: number): string | undefined {
  if (answer.length < 57 || answer.readUInt16BE(0) !== id || !(answer.readUInt16BE(2) & RESPONSE)) return undefined;
  // RR_NAME is a plain name of 34 octets, or a pointer to the question.
  const at = (answer[12]! & 0xc0) === 0xc0 ? 14 : 46;
  if (answer.readUInt16BE(at) !== NBSTAT) return undefined;
  const names = answer[at + 10] ?? 0;
  for (let index = 0; index < names; index++) {
    const entry = answer.subarray(at + 11 + index * 18, at + 29 + index * 18);
    if (entry.length < 18) return undefined;
    if (entry[15] !== WORKSTATION || entry.readUInt16BE(16) & GROUP) continue;
    // In the code page of the computer, which it does not name: what is not ASCII cannot be read.
    const name = entry.toString('latin1', 0, 15).trimEnd();
    if (/^[\x21-\x7e][\x20-\x7e]*$/.test(name)) return name;
  }
  return undefined;
}
