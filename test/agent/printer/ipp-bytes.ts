/** An attribute as RFC 8010, 3.1.4 writes it. */
export function attribute(tag: number, name: string, value: Buffer | string | number): Buffer {
  const bytes = typeof value === 'number' ? Buffer.alloc(4) : Buffer.from(value);
  if (typeof value === 'number') bytes.writeInt32BE(value);
  const lengths = Buffer.alloc(4);
  lengths.writeUInt16BE(Buffer.byteLength(name), 0);
  lengths.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([Buffer.from([tag]), lengths.subarray(0, 2), Buffer.from(name), lengths.subarray(2), bytes]);
}
