import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Listener } from './listen.ts';

/** A simulated printer that answers IPP Get-Printer-Attributes (RFC 8011, 4.2.5) at /ipp/print. */
export const PRINTER_MODES = ['idle', 'printing', 'stopped', 'low-toner', 'dead', 'refusing'] as const;
export type PrinterMode = (typeof PRINTER_MODES)[number];

const MAX_REQUEST_BYTES = 64 * 1024;

export class SimulatedPrinter {
  mode: PrinterMode = 'idle';
  readonly #listener = new Listener(createServer((request, response) => this.#answer(request, response)));

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  async start(host?: string, port?: number): Promise<this> {
    await this.#listener.open(host, port);
    return this;
  }

  async set(mode: PrinterMode): Promise<void> {
    this.mode = mode;
    if (mode === 'refusing') return this.#listener.close();
    this.#listener.cut();
    await this.#listener.open();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.mode === 'dead') return;
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MAX_REQUEST_BYTES) request.destroy();
      else parts.push(part);
    });
    request.on('end', () => {
      const asked = Buffer.concat(parts);
      if (request.method !== 'POST' || request.url !== '/ipp/print' || asked.length < 8) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'application/ipp' }).end(this.#ipp(asked));
    });
  }

  #ipp(asked: Buffer): Buffer {
    const GET_PRINTER_ATTRIBUTES = 0x000b;
    const known = asked.readUInt16BE(2) === GET_PRINTER_ATTRIBUTES;
    const head = Buffer.alloc(8);
    asked.copy(head, 0, 0, 2); // version as asked
    head.writeUInt16BE(known ? 0x0000 : 0x0501, 2); // successful-ok, server-error-operation-not-supported
    asked.copy(head, 4, 4, 8); // request-id
    const operation = [
      Buffer.from([0x01]),
      attribute(TAG.charset, 'attributes-charset', ['utf-8']),
      attribute(TAG.language, 'attributes-natural-language', ['en']),
    ];
    const printer = known ? [Buffer.from([0x04]), ...this.#attributes()] : [];
    return Buffer.concat([head, ...operation, ...printer, Buffer.from([0x03])]);
  }

  #attributes(): Buffer[] {
    const state = { idle: 3, 'low-toner': 3, printing: 4, stopped: 5, dead: 5, refusing: 5 }[this.mode];
    const reason = { 'low-toner': 'toner-low-warning', stopped: 'media-jam-error' }[this.mode as string] ?? 'none';
    return [
      attribute(TAG.name, 'printer-name', ['may-in-van-phong']),
      attribute(TAG.enum, 'printer-state', [state]),
      attribute(TAG.keyword, 'printer-state-reasons', [reason]),
      attribute(TAG.boolean, 'printer-is-accepting-jobs', [state !== 5]),
      attribute(TAG.text, 'printer-make-and-model', ['Mo Phong LaserJet M404']),
      attribute(TAG.integer, 'queued-job-count', [state === 4 ? 1 : 0]),
      attribute(TAG.name, 'marker-names', ['Black Cartridge', 'Drum']),
      attribute(TAG.keyword, 'marker-types', ['toner', 'opc']),
      attribute(TAG.integer, 'marker-levels', [this.mode === 'low-toner' ? 6 : 64, 80]),
    ];
  }
}

/** Value tags of RFC 8010, 3.5.2. */
const TAG = {
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  text: 0x41,
  name: 0x42,
  keyword: 0x44,
  charset: 0x47,
  language: 0x48,
} as const;

/** One attribute (RFC 8010, 3.1.4); further values of a set carry an empty name (3.1.5). */
function attribute(tag: number, name: string, values: (string | number | boolean)[]): Buffer {
  return Buffer.concat(
    values.map((value, i) => {
      const named = Buffer.from(i === 0 ? name : '');
      const body = encoded(value);
      const head = Buffer.alloc(3);
      head.writeUInt8(tag, 0);
      head.writeUInt16BE(named.length, 1);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(body.length);
      return Buffer.concat([head, named, length, body]);
    }),
  );
}

function encoded(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0]);
  const four = Buffer.alloc(4);
  four.writeInt32BE(value);
  return four;
}

export const startPrinter = (host?: string, port?: number): Promise<SimulatedPrinter> =>
  new SimulatedPrinter().start(host, port);
