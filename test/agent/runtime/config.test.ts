import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../agent/config.ts';
import { scratch, writeConfig } from './helpers.ts';
import { probeOf } from './probe-of.ts';

const probes = [probeOf('lan-reach', { everySeconds: 300 }), probeOf('camera')];

function refusalOf(config: unknown): string {
  const file = writeConfig(scratch(), config);
  try {
    loadConfig(file, probes);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message).toContain(file);
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('was taken');
}

describe('the configuration', () => {
  it('takes what is given, and resolves the data directory from where the file lies', () => {
    const dir = scratch();
    const file = writeConfig(dir, {
      collector: 'https://thu.example/thdt/',
      dataDir: 'store',
      reportEverySeconds: 2,
      schedule: { 'lan-reach': { everySeconds: 20 } },
      probes: { 'lan-reach': { targets: [{ id: 'pc-1' }] }, camera: { targets: [] } },
      log: 'debug',
    });
    const config = loadConfig(file, probes);
    expect(config).toMatchObject({
      collector: 'https://thu.example/thdt',
      dataDir: path.join(dir, 'store'),
      reportEverySeconds: 2,
      log: 'debug',
    });
    expect(config.probes.map(({ probe, everySeconds }) => [probe.name, everySeconds])).toEqual([
      ['lan-reach', 20],
      ['camera', 60],
    ]);
  });

  it('needs nothing but probes, and reads a file that Notepad saved with a byte order mark', () => {
    const dir = scratch();
    const config = loadConfig(writeConfig(dir, '\uFEFF{"probes": {}}'), probes);
    expect(config).toMatchObject({ dataDir: path.join(dir, 'data'), reportEverySeconds: 60, log: 'info', probes: [] });
    expect(config.collector).toBeUndefined();
  });

  it.each([
    ['an unknown key', { probes: {}, colector: 'x' }, '/colector'],
    ['an unknown probe', { probes: { camra: {} } }, '/probes/camra'],
    [
      'an unknown key in a target',
      { probes: { camera: { targets: [{ id: 'a', rom: '1' }] } } },
      '/probes/camera/targets/0/rom',
    ],
    ['a schedule of an unknown probe', { probes: {}, schedule: { camra: { everySeconds: 1 } } }, '/schedule/camra'],
    [
      'an interval of nothing',
      { probes: {}, schedule: { camera: { everySeconds: 0 } } },
      '/schedule/camera/everySeconds',
    ],
    ['a missing part', { probes: { camera: {} } }, '/probes/camera/targets'],
    ['no probes', {}, '/probes'],
    ['a collector that is no address', { probes: {}, collector: 'file:///etc' }, '/collector'],
    ['a log level', { probes: {}, log: 'loud' }, '/log'],
    ['a list', [], ''],
    [
      'the same target twice',
      { probes: { camera: { targets: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] } } },
      '/probes/camera/targets/2/id',
    ],
    ['a target without a name', { probes: { camera: { targets: [{ id: '' }] } } }, '/probes/camera/targets/0/id'],
  ])('refuses %s and points to it', (_, config, pointer) => {
    expect(refusalOf(config)).toContain(`agent.json: ${pointer && `${pointer}: `}`);
  });

  it('names the line of a slip in the JSON and shows nothing of the file, which may hold passwords', () => {
    const message = refusalOf('{\n"probes": {\n"camera": {"password": "bi-mat" oops}}}');
    expect(message).toContain('dòng 3');
    expect(message).not.toContain('bi-mat');
  });

  it('says that a file is not there', () => {
    expect(() => loadConfig(path.join(scratch(), 'none.json'), probes)).toThrow(/none\.json: không có/);
  });
});
