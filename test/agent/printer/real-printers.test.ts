import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { printer } from '../../../agent/probes/printer/printer.ts';
import { probeContext } from '../context.ts';
import { attribute } from './ipp-bytes.ts';
import { startIppPrinter, whyNoIppPrinter } from './ipp-printer.ts';
import { type PrinterMib, startSnmpd, whyNoSnmpd } from './snmp-agent.ts';

/** Printers that other people wrote: that of CUPS, and Net-SNMP's agent with the tables of RFC 2790 and RFC 3805. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const SUPPLIES = [
  ['Black Toner Cartridge', 100, 64],
  ['Drum', 12_000, 3_000],
  ['Waste Toner Box', -2, -3],
] as const;

/** Nothing listens at port 1 of loopback: IPP is refused, as by an old printer that has none. */
async function measure(mib: PrinterMib, community?: string) {
  const agent = await startSnmpd(mib);
  closing.push(agent.stop);
  const target = {
    id: 'may-in',
    address: '127.0.0.1',
    port: 1,
    snmp: { port: agent.port, ...(community ? { community } : {}) },
  };
  return printer.run(target, { targets: [target] }, probeContext(AbortSignal.timeout(12_000)));
}

describe('a printer without IPP is read by SNMP', () => {
  const cases: [string, PrinterMib, string, string[]][] = [
    ['idle', { device: 2, printer: 3, errors: '00' }, 'idle', []],
    ['asleep', { device: 2, printer: 1, errors: '00' }, 'idle', []],
    ['printing', { device: 2, printer: 4, errors: '0000' }, 'processing', []],
    ['out of paper', { device: 5, printer: 1, errors: '40' }, 'stopped', ['media-empty']],
    ['jammed, its door open', { device: 5, printer: 1, errors: '0C' }, 'stopped', ['media-jam', 'door-open']],
    ['low on toner', { device: 3, printer: 3, errors: '20' }, 'idle', ['toner-low']],
    ['offline, full tray', { device: 5, printer: 1, errors: '0208' }, 'stopped', ['output-full', 'offline']],
  ];
  test.for(cases)('%s', async ([, mib, state, reasons], ctx) => {
    const why = whyNoSnmpd();
    if (why) return ctx.skip(why);
    expect(await measure({ ...mib, supplies: SUPPLIES })).toEqual({
      ok: true,
      values: {
        via: 'snmp',
        model: 'HP LaserJet MFP M428fdw',
        name: 'may-in-van-phong',
        state,
        reasons,
        supplies: [
          { name: 'Black Toner Cartridge', levelPercent: 64 },
          { name: 'Drum', levelPercent: 25 },
          { name: 'Waste Toner Box', levelPercent: null },
        ],
        snmpVersion: '2c',
        ipp: 'refused',
        message: expect.any(String),
      },
    });
  });

  test('by v1 where it knows no other, under a community of the school', async (ctx) => {
    const why = whyNoSnmpd();
    if (why) return ctx.skip(why);
    const mib = { device: 3, printer: 3, errors: '80', supplies: SUPPLIES, community: 'truong-a', onlyV1: true };
    expect(await measure(mib, 'truong-a')).toMatchObject({
      ok: true,
      values: { via: 'snmp', snmpVersion: '1', state: 'idle', reasons: ['media-low'], supplies: { length: 3 } },
    });
  });

  test('with 200 supplies: the first 32', async (ctx) => {
    const why = whyNoSnmpd();
    if (why) return ctx.skip(why);
    const supplies = Array.from({ length: 200 }, (_, index) => [`Ink ${index + 1}`, 100, index % 101] as const);
    const { values } = await measure({ device: 2, printer: 3, errors: '00', supplies });
    expect(values.supplies).toHaveLength(32);
  });

  test('under another community it answers nothing, and the community stays out of the sample', async (ctx) => {
    const why = whyNoSnmpd();
    if (why) return ctx.skip(why);
    const mib = { device: 2, printer: 3, errors: '00', community: 'bi-mat-1' };
    const agent = await startSnmpd(mib);
    closing.push(agent.stop);
    const target = { id: 'a', address: '127.0.0.1', port: 1, snmp: { port: agent.port, community: 'bi-mat-2' } };
    const outcome = await printer.run(target, { targets: [] }, probeContext(AbortSignal.timeout(12_000)));
    expect(outcome.values).toMatchObject({ ipp: 'refused', snmp: 'timeout' });
    expect(JSON.stringify(outcome)).not.toContain('bi-mat');
  });
});

describe('the printer of CUPS is read by IPP', () => {
  const ask = (port: number) =>
    printer.run(
      { id: 'may-in', address: '127.0.0.1', port, snmp: false },
      { targets: [] },
      probeContext(AbortSignal.timeout(12_000)),
    );

  test('idle, with its supplies; then gone', async (ctx) => {
    const why = whyNoIppPrinter();
    if (why) return ctx.skip(why);
    const real = await startIppPrinter();
    closing.push(real.stop);
    expect(await ask(real.port)).toMatchObject({
      ok: true,
      values: {
        via: 'ipp',
        model: 'HP LaserJet',
        state: 'idle',
        reasons: [],
        supplies: [
          { name: 'Toner Waste Tank', levelPercent: 25 },
          { name: 'Black Toner', levelPercent: 75 },
        ],
      },
    });
    await real.stop();
    expect((await ask(real.port)).values).toMatchObject({ message: expect.any(String) });
  });

  test.for([
    ['out of paper', ['media-empty-error'], ['media-empty']],
    ['jammed and low on toner', ['media-jam-error', 'toner-low-report'], ['media-jam', 'toner-low']],
  ] as const)('%s during a job', async ([, keywords, reasons], ctx) => {
    const why = whyNoIppPrinter();
    if (why) return ctx.skip(why);
    const real = await startIppPrinter(keywords);
    closing.push(real.stop);
    await real.print();
    const until = performance.now() + 10_000;
    let said = await ask(real.port);
    // The job's command says its reasons one by one, each question waits for an answer.
    while (performance.now() < until && (said.values.reasons as string[]).length < reasons.length)
      said = await ask(real.port);
    expect(said.values).toMatchObject({ via: 'ipp', state: expect.stringMatching(/processing|stopped/), reasons });
  });
});

test('supplies that IPP does not tell come by SNMP, asked once an hour', async (ctx) => {
  const why = whyNoSnmpd();
  if (why) return ctx.skip(why);
  const head = Buffer.from([1, 1, 0, 0, 0, 0, 0, 1, 4]);
  const server = createServer((_, answer) =>
    answer.end(Buffer.concat([head, attribute(0x23, 'printer-state', 3), Buffer.from([3])])),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const agent = await startSnmpd({ device: 5, printer: 1, errors: '40', supplies: SUPPLIES });
  closing.push(agent.stop);
  const { port } = server.address() as AddressInfo;
  const target = { id: 'may-in', address: '127.0.0.1', port, snmp: { port: agent.port } };
  const context = probeContext(AbortSignal.timeout(12_000));
  const first = await printer.run(target, { targets: [] }, context);
  expect(first.values).toMatchObject({
    via: 'ipp',
    state: 'idle',
    reasons: [],
    supplies: { length: 3 },
    suppliesVia: 'snmp',
    suppliesAt: expect.any(String),
  });
  await agent.stop();
  const start = performance.now();
  expect(await printer.run(target, { targets: [] }, context)).toEqual(first);
  expect(performance.now() - start).toBeLessThan(1_000); // an agent that is away costs 2.8 s
});
