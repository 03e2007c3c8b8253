import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';

/** Frames of WebSocket (RFC 6455, 5) as ndt7 uses them: counted as they pass, never kept. */

export class Ndt7Error extends Error {
  override name = 'Ndt7Error';
  readonly code = 'HPE_NDT7'; // counts as malformed
}

/** Pongs that a server does not read are dropped from here on, bytes: it may ask faster than it listens. */
const MAX_UNSENT_BYTES = 64 * 1024;

const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa };
const MAX_CONTROL_BYTES = 125; // RFC 6455, 5.5
const MAX_HEADER_BYTES = 10; // RFC 6455, 5.2, without a mask
/** Frames that carry no measurement; ndt-server sends some four pings a second (spec, "Measurement message"). */
const MAX_EMPTY_PER_SECOND = 100;

/**
 * Reads frames (RFC 6455, 5.2) from pieces cut anywhere; gives the bytes of binary messages to `onBytes` and answers
 * pings. Throws Ndt7Error on what a server must not send: masked frames, reserved bits or opcodes, long control frames,
 * a flood of control or empty frames. `nowMs` only goes forward.
 */
export function frameCounter(
  onBytes: (bytes: number) => void,
  onPing: (payload: Buffer) => void,
  nowMs: () => number = () => performance.now(),
) {
  let header: Buffer = Buffer.alloc(0);
  let left = 0; // of the current frame's payload
  let opcode = 0;
  let message = 0; // opcode of the message that continuation frames continue
  let control = Buffer.alloc(0);
  let empty = 0; // in the second that began at `second`
  let second = Number.NEGATIVE_INFINITY;

  const boundEmpty = () => {
    const now = nowMs();
    if (now - second >= 1000) {
      second = now;
      empty = 0;
    }
    if (++empty > MAX_EMPTY_PER_SECOND) throw new Ndt7Error('a flood of frames that carry no measurement');
  };

  return (piece: Buffer): 'open' | 'closed' => {
    let rest = piece;
    while (rest.length > 0) {
      if (left > 0) {
        const part = rest.subarray(0, left);
        left -= part.length;
        rest = rest.subarray(part.length);
        if (opcode === OPCODE.ping) control = Buffer.concat([control, part]);
        else if (opcode < OPCODE.close && message === OPCODE.binary) onBytes(part.length);
      } else {
        // No more than a header: joining all that is left to each one would copy the piece once a frame.
        const needed = rest.subarray(0, MAX_HEADER_BYTES - header.length);
        const joined = header.length === 0 ? needed : Buffer.concat([header, needed]);
        const start = readHeader(joined);
        if (!start) {
          header = Buffer.from(joined);
          return 'open';
        }
        rest = rest.subarray(start.headerBytes - header.length);
        header = Buffer.alloc(0);
        opcode = start.opcode;
        left = start.payloadBytes;
        if (opcode >= OPCODE.close || left === 0) boundEmpty();
        if (opcode === OPCODE.text || opcode === OPCODE.binary) message = opcode;
        if (opcode === OPCODE.close) return 'closed';
        control = Buffer.alloc(0);
      }
      if (left === 0 && opcode === OPCODE.ping) {
        onPing(control);
        opcode = OPCODE.pong; // answered
      }
    }
    return 'open';
  };
}

/** The frame header at the start of `bytes`; nothing while it is incomplete. */
function readHeader(bytes: Buffer): { headerBytes: number; opcode: number; payloadBytes: number } | undefined {
  if (bytes.length < 2) return undefined;
  const opcode = bytes[0]! & 0x0f;
  const short = bytes[1]! & 0x7f;
  if (!Object.values(OPCODE).includes(opcode)) throw new Ndt7Error(`reserved opcode ${opcode}`);
  if (bytes[0]! & 0x70) throw new Ndt7Error('reserved bits are set');
  if (bytes[1]! & 0x80) throw new Ndt7Error('the server masks its frames');
  if (opcode >= OPCODE.close && short > MAX_CONTROL_BYTES) throw new Ndt7Error('a control frame is too long');
  const headerBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < headerBytes) return undefined;
  const payloadBytes = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { headerBytes, opcode, payloadBytes };
}

/** Sends the pong for a ping, unless MAX_UNSENT_BYTES of earlier ones still wait to be read. */
export function answerPing(socket: Writable, payload: Buffer): void {
  if (socket.writableLength <= MAX_UNSENT_BYTES) socket.write(pong(payload));
}

/** A pong as a client sends it, masked (RFC 6455, 5.3 and 5.5.3). */
function pong(payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([0x80 | OPCODE.pong, 0x80 | payload.length]), mask, masked]);
}

/** A binary message of `bytes` of noise as a client sends it: its mask is part of the noise. */
export function noiseMessage(bytes: number): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt16BE(((0x80 | OPCODE.binary) << 8) | 0x80 | 127);
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return Buffer.concat([header, randomBytes(4 + bytes)]);
}
