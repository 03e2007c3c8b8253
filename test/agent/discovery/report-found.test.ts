import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adopt } from '../../../agent/discovery/adopt.ts';
import { keepFound, reportFound } from '../../../agent/discovery/report-found.ts';
import { keptFiles } from '../../../agent/kept.ts';
import type { Found } from '../../../shared/wire/discovery.ts';
import type { Sample } from '../../../shared/wire/report.ts';
import { scratch, silent, until, writeConfig } from '../runtime/helpers.ts';

const found = (change: Partial<Found> = {}): Found => ({
  address: '10.0.0.5',
  mac: '54:bf:64:3f:2a:1b',
  vendor: 'Dell Inc.',
  names: {},
  snmp: null,
  printer: null,
  onvif: null,
  ports: [445],
  kind: 'pc',
  kindBy: 'ports',
  via: 'sweep',
  proposedId: 'pc-3f2a1b',
  ...change,
});

describe('what was found', () => {
  function reporting(dataDir: string) {
    const samples: Sample[] = [];
    let flushed = 0;
    const reporter = {
      add: (sample: Sample) => void samples.push(sample),
      flush: async () => {
        flushed = samples.length;
      },
    };
    const kept = keptFiles(dataDir, silent).of('discovery');
    const job = reportFound({ dataDir, kept, reporter, log: silent, everyMs: 10 });
    onTestFinished(() => job.stop());
    return { samples, job, flushed: () => flushed, keptAt: () => kept.get('reported-at') };
  }

  test('reaches the district once, one sample a device, and again after the next discovery', async () => {
    const dataDir = scratch();
    const first = reporting(dataDir);
    await keepFound(dataDir, new Date('2026-11-24T04:00:00.000Z'), [
      found(),
      found({ mac: null, address: '10.0.0.9' }),
    ]);
    await until('the report', () => first.keptAt());
    expect(first.flushed()).toBe(2);
    expect(first.samples).toMatchObject([
      { probe: 'discovery', target: 'mac-54bf643f2a1b', at: '2026-11-24T04:00:00.000Z', ok: true, reason: null },
      { target: 'ip-10.0.0.9', values: { address: '10.0.0.9' } },
    ]);
    await first.job.stop();

    const restarted = reporting(dataDir);
    await keepFound(dataDir, new Date('2026-11-25T04:00:00.000Z'), [found()]);
    await until('the next', async () => (await restarted.keptAt()) === '2026-11-25T04:00:00.000Z');
    expect(restarted.samples.map(({ at }) => at)).toEqual(['2026-11-25T04:00:00.000Z']);
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"at":1,"found":[]}',
    '{"at":"x","found":[]}',
    '{"at":"2026-11-24T04:00:00.000Z"}',
  ])('is nothing when the file holds %j', async (text) => {
    const dataDir = scratch();
    writeFileSync(path.join(dataDir, 'discovered.json'), text);
    const { samples, job, keptAt } = reporting(dataDir);
    await job.stop();
    expect([samples, await keptAt()]).toEqual([[], undefined]);
  });

  test('leaves out what does not fit the wire', async () => {
    const dataDir = scratch();
    await keepFound(dataDir, new Date(), [found(), { ...found(), ports: ['x'] } as unknown as Found]);
    const { samples, keptAt } = reporting(dataDir);
    await until('the report', keptAt);
    expect(samples).toHaveLength(1);
  });
});

describe('--add', () => {
  test('keeps the rest of the file, its rights and its last version', async () => {
    const config = { dataDir: 'x', probes: { camera: { targets: [{ id: 'c', password: 'bí mật' }] } } };
    const file = writeConfig(scratch(), `\uFEFF${JSON.stringify(config)}`);
    const { mode } = statSync(file);
    expect(await adopt(file, [found(), found({ mac: null, kind: null, proposedId: 'x' })])).toBe(2);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toEqual({
      ...config,
      probes: {
        ...config.probes,
        'lan-reach': {
          targets: [
            { id: 'pc-3f2a1b', address: '10.0.0.5', mac: '54:bf:64:3f:2a:1b', kind: 'pc' },
            { id: 'x', address: '10.0.0.5' },
          ],
        },
      },
    });
    expect(text).toContain('\n  "dataDir": "x",\n');
    expect(statSync(file).mode).toBe(mode);
    expect(readFileSync(`${file}.bak`, 'utf8')).toBe(`\uFEFF${JSON.stringify(config)}`);
  });

  test('adds nothing twice that a person wrote into the file meanwhile, and takes no id of theirs', async () => {
    const targets = [
      { id: 'may-thu-thu', address: '10.0.0.9', mac: '54:bf:64:3f:2a:1b' },
      { id: 'b', address: '10.0.0.6' },
      { id: 'x', address: '10.0.0.7', mac: '02:00:00:00:00:07' },
    ];
    const file = writeConfig(scratch(), { probes: { 'lan-reach': { targets } } });
    const others = [
      found({ mac: null, address: '10.0.0.6', proposedId: 'pc-6' }),
      found({ mac: '02:00:00:00:00:08', address: '10.0.0.8', kind: null, proposedId: 'x' }),
    ];
    expect(await adopt(file, [found(), ...others])).toBe(1);
    expect(JSON.parse(readFileSync(file, 'utf8')).probes['lan-reach'].targets).toEqual([
      ...targets,
      { id: 'x-2', address: '10.0.0.8', mac: '02:00:00:00:00:08' },
    ]);
  });

  test('goes no further than the configuration has room, and writes nothing for nothing', async () => {
    const targets = Array.from({ length: 4095 }, (_, index) => ({ id: `t-${index}`, address: '10.0.0.1' }));
    const file = writeConfig(scratch(), { probes: { 'lan-reach': { targets } } });
    expect(await adopt(file, [])).toBe(0);
    expect(existsSync(`${file}.bak`)).toBe(false);
    expect(await adopt(file, [found(), found({ proposedId: 'b' })])).toBe(1);
  });
});
