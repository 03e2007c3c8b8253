import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeIpp, getPrinterAttributes, IppError } from '../../../agent/probes/printer/ipp.ts';
import { printer } from '../../../agent/probes/printer/printer.ts';
import { printerState } from '../../../agent/probes/printer/printer-state.ts';
import { probeContext } from '../context.ts';
import { attribute } from './ipp-bytes.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const response = (status: number, ...attributes: Buffer[]) =>
  Buffer.concat([Buffer.from([1, 1, status >> 8, status & 0xff, 0, 0, 0, 1, 1]), ...attributes, Buffer.from([3])]);

const withLanguage = Buffer.concat([
  Buffer.from([0, 2]),
  Buffer.from('vi'),
  Buffer.from([0, 7]),
  Buffer.from('Mực đen'.slice(0, 3)),
]);
const LASER = response(
  0,
  attribute(0x47, 'attributes-charset', 'utf-8'),
  attribute(0x48, 'attributes-natural-language', 'en'),
  Buffer.from([4]),
  attribute(0x41, 'printer-make-and-model', 'Brother HL-L2366DW series'),
  attribute(0x23, 'printer-state', 5),
  attribute(0x44, 'printer-state-reasons', 'media-empty-error'),
  attribute(0x44, '', 'toner-low-warning'),
  attribute(0x34, 'media-col-ready', ''),
  attribute(0x4a, '', 'media-size'),
  attribute(0x34, '', ''),
  attribute(0x4a, '', 'x-dimension'),
  attribute(0x21, '', 21000),
  attribute(0x37, '', ''),
  attribute(0x37, '', ''),
  attribute(0x36, 'marker-names', withLanguage),
  attribute(0x42, '', 'Drum'),
  attribute(0x21, 'marker-levels', 12),
  attribute(0x21, '', -2),
);

const run = (target: object, timeoutMs = 12_000) =>
  printer.run(
    { id: 'may-in-1', address: '127.0.0.1', snmp: false as const, ...target },
    { targets: [] },
    probeContext(AbortSignal.timeout(timeoutMs)),
  );

describe('a printer that speaks IPP', () => {
  test('says its model, its state and its toner', async () => {
    let asked: Buffer = Buffer.alloc(0);
    let type = '';
    const port = await serve(async (request, answer) => {
      type = `${request.method} ${request.url} ${request.headers['content-type']}`;
      asked = Buffer.concat(await request.toArray());
      answer.setHeader('content-type', 'application/ipp').end(LASER);
    });
    expect(await run({ port })).toEqual({
      ok: true,
      values: {
        via: 'ipp',
        model: 'Brother HL-L2366DW series',
        state: 'stopped',
        reasons: ['media-empty', 'toner-low'],
        stateReasons: ['media-empty-error', 'toner-low-warning'],
        supplies: [
          { name: expect.any(String), levelPercent: 12 },
          { name: 'Drum', levelPercent: null },
        ],
        ippVersion: '1.1',
      },
    });
    expect(type).toBe('POST /ipp/print application/ipp');
    const request = decodeIpp(asked);
    expect(request.code).toBe(0x000b);
    expect(request.attributes.get('printer-uri')).toEqual([`ipp://127.0.0.1:${port}/ipp/print`]);
    expect(request.attributes.get('requested-attributes')).toContain('marker-levels');
  });
});

describe('a printer that does not still counts when its host answers', () => {
  const cases: [string, RequestListener, string][] = [
    ['a web page', (_, answer) => answer.end('<html>'.repeat(20)), 'malformed'],
    ['an answer cut short', (_, answer) => answer.end(LASER.subarray(0, 60)), 'malformed'],
    ['nothing', (_, answer) => answer.end(), 'malformed'],
    ['a refusal', (_, answer) => answer.end(response(0x0403)), 'auth'],
    ['another status', (_, answer) => answer.end(response(0x0500)), 'failed'],
    ['401', (_, answer) => answer.writeHead(401).end(), 'auth'],
    ['a megabyte', (_, answer) => answer.end(Buffer.alloc(1024 * 1024, 1)), 'too-large'],
  ];
  test.for(cases)('with %s', async ([, listener, ipp]) => {
    const port = await serve(listener);
    expect(await run({ port })).toMatchObject({ ok: true, values: { via: 'tcp', ipp } });
  });

  test('with silence, inside the deadline', async () => {
    const server = createTcpServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const start = performance.now();
    const result = await run({ port });
    server.close();
    expect(result).toMatchObject({ ok: true, values: { via: 'tcp', ipp: 'timeout' } });
    expect(performance.now() - start).toBeLessThan(printer.deadlineMs);
  });
});

test('an aborted question ends at once with a reason', async () => {
  const port = await serve(() => {});
  const start = performance.now();
  expect(await run({ port }, 100)).toMatchObject({ ok: false, reason: 'timeout' });
  expect(performance.now() - start).toBeLessThan(2000);
});

describe('IPP bytes', () => {
  test('of any kind give a message or IppError', () => {
    const mutated = fc.tuple(fc.nat(LASER.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(LASER);
      copy[at] = byte;
      return copy;
    });
    const garbage = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([LASER.subarray(0, 9), bytes]));
    fc.assert(
      fc.property(fc.oneof(mutated, garbage), (bytes) => {
        try {
          const { supplies, stateReasons } = printerState(decodeIpp(bytes));
          expect(supplies.length + stateReasons.length).toBeLessThanOrEqual(64);
        } catch (error) {
          expect(error).toBeInstanceOf(IppError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('that we write are those that we read', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z-]{1,30}$/), { minLength: 1, maxLength: 20 }), (names) => {
        const { attributes } = decodeIpp(getPrinterAttributes('ipp://h/ipp/print', names));
        expect(attributes.get('requested-attributes')).toEqual(names);
      }),
    );
  });
});

test('the schema keeps paths and addresses plain', () => {
  const schema = Compile(printer.schema);
  expect(schema.Check({ targets: [{ id: 'a', address: '10.0.0.5', path: '/ipp/print' }] })).toBe(true);
  expect(schema.Check({ targets: [{ id: 'a', address: '10.0.0.5', path: '@evil/' }] })).toBe(false);
  expect(schema.Check({ targets: [{ id: 'a', address: '10.0.0.5/x' }] })).toBe(false);
});
