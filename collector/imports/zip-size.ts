import { inflateRawSync } from 'node:zlib';

/** What an XLSX of this size may unpack to. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_ENTRIES = 500;

/**
 * Throws unless the bytes are a ZIP (APPNOTE 6.3) that unpacks to what its directory declares, within the limits. The
 * reader takes each declared size for its own limit, so that an honest directory is a bound on its memory.
 */
export function checkUnpackedSize(bytes: Buffer): void {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 > bytes.length) throw new Error('not a ZIP');
  const entries = bytes.readUInt16LE(end + 10);
  if (entries > MAX_ENTRIES) throw new Error('too many parts');
  let at = bytes.readUInt32LE(end + 16);
  let left = MAX_UNPACKED_BYTES;
  for (let entry = 0; entry < entries; entry += 1) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error('broken directory');
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const declared = bytes.readUInt32LE(at + 24);
    const local = bytes.readUInt32LE(at + 42);
    left -= declared;
    if (left < 0 || packed > bytes.length) throw new Error('too large when unpacked');
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + packed);
    if (method !== 0 && method !== 8) throw new Error('unknown compression');
    // One byte more than declared is a lie, and ends the work there.
    const size = method === 0 ? data.length : inflateRawSync(data, { maxOutputLength: declared + 1 }).length;
    if (size !== declared) throw new Error('not the declared size');
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}
