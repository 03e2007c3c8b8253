/**
 * The little of IPP that Get-Printer-Attributes needs: encoding of RFC 8010, operation and attributes of RFC 8011.
 */

/** An attribute's values; a text or name is a string, an integer or enum a number, any other syntax its raw octets. */
export type IppValue = string | number | boolean | Uint8Array;
export interface IppMessage {
  version: string;
  /** status-code of a response (RFC 8011, 4.1.8 and appendix B), operation-id of a request. */
  code: number;
  requestId: number;
  /** Attributes of all groups by name; of several groups with one name, the first. */
  attributes: Map<string, IppValue[]>;
}

export class IppError extends Error {
  override name = 'IppError';
}

const GET_PRINTER_ATTRIBUTES = 0x000b; // RFC 8011, 5.4.15
const TAG = {
  operationGroup: 0x01,
  endOfAttributes: 0x03,
  lastDelimiter: 0x0f,
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  collection: 0x34,
  textWithLanguage: 0x35,
  nameWithLanguage: 0x36,
  endCollection: 0x37,
  text: 0x41,
  lastString: 0x49,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  naturalLanguage: 0x48,
} as const;
const MAX_ATTRIBUTES = 2000;

/** A Get-Printer-Attributes request of version 1.1, which every IPP printer must take (RFC 8011, 4.1.8). */
export function getPrinterAttributes(printerUri: string, attributes: readonly string[], requestId = 1): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt16BE(0x0101, 0);
  head.writeUInt16BE(GET_PRINTER_ATTRIBUTES, 2);
  head.writeUInt32BE(requestId, 4);
  head.writeUInt8(TAG.operationGroup, 8);
  return Buffer.concat([
    head,
    attribute(TAG.charset, 'attributes-charset', 'utf-8'), // these two come first (RFC 8011, 4.1.4)
    attribute(TAG.naturalLanguage, 'attributes-natural-language', 'en'),
    attribute(TAG.uri, 'printer-uri', printerUri),
    ...attributes.map((name, index) => attribute(TAG.keyword, index === 0 ? 'requested-attributes' : '', name)),
    Buffer.from([TAG.endOfAttributes]),
  ]);
}

/** RFC 8010, 3.1.4; an empty name adds a value to the attribute before (3.1.5). */
function attribute(tag: number, name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const lengths = [Buffer.alloc(2), Buffer.alloc(2)] as const;
  lengths[0].writeUInt16BE(nameBytes.length);
  lengths[1].writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.from([tag]), lengths[0], nameBytes, lengths[1], valueBytes]);
}

/** Reads a message; data after the attributes is left alone. Throws IppError on anything that is not RFC 8010. */
export function decodeIpp(bytes: Buffer): IppMessage {
  let at = 8;
  const take = (length: number) => {
    if (at + length > bytes.length) throw new IppError('cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  if (bytes.length < 9) throw new IppError('shorter than an IPP header');
  const message: IppMessage = {
    version: `${bytes[0]}.${bytes[1]}`,
    code: bytes.readUInt16BE(2),
    requestId: bytes.readUInt32BE(4),
    attributes: new Map(),
  };
  if (bytes[0]! < 1 || bytes[0]! > 2) throw new IppError(`version ${message.version}`);

  let values: IppValue[] | undefined;
  let depth = 0; // of collections (RFC 8010, 3.1.6), whose members are passed over
  let seen = 0;
  for (;;) {
    const tag = take(1)[0]!;
    if (tag === TAG.endOfAttributes) return message;
    if (tag <= TAG.lastDelimiter) {
      values = undefined;
      depth = 0;
      continue;
    }
    if (++seen > MAX_ATTRIBUTES) throw new IppError('too many attributes');
    const name = take(take(2).readUInt16BE()).toString('utf8');
    const value = take(take(2).readUInt16BE());
    if (tag === TAG.endCollection) depth = Math.max(0, depth - 1);
    if (depth === 0 && tag !== TAG.endCollection) {
      if (name !== '') {
        values = [];
        if (!message.attributes.has(name)) message.attributes.set(name, values);
      }
      if (!values) throw new IppError('a value without an attribute');
      if (tag >= 0x20) values.push(readValue(tag, value)); // 0x10 to 0x1f: no value, unknown, unsupported
    }
    if (tag === TAG.collection) depth++;
  }
}

function readValue(tag: number, value: Buffer): IppValue {
  if (tag === TAG.integer || tag === TAG.enum) {
    if (value.length !== 4) throw new IppError('an integer of other than four octets');
    return value.readInt32BE();
  }
  if (tag === TAG.boolean) return value[0] === 1;
  if (tag === TAG.textWithLanguage || tag === TAG.nameWithLanguage) {
    const language = value.length >= 2 ? value.readUInt16BE() : 0;
    if (value.length < 4 + language) throw new IppError('a text with language is cut short');
    return value.subarray(4 + language).toString('utf8');
  }
  return tag >= TAG.text && tag <= TAG.lastString ? value.toString('utf8') : new Uint8Array(value);
}
