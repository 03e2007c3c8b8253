import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../agent/config.ts';
import type { AnyProbe } from '../../../agent/probes/probe.ts';
import { probes as own } from '../../../agent/probes/registry.ts';
import { scratch, writeConfig } from './helpers.ts';
import { probeOf } from './probe-of.ts';

const probes = [probeOf('lan-reach', { everySeconds: 300 }), probeOf('camera')];

const of = (change: object) => ({ probes: { camera: { targets: [{ id: 'cam', address: '10.0.0.7', ...change }] } } });

function refusalOf(config: unknown, by: readonly AnyProbe[] = probes): string {
  const file = writeConfig(scratch(), config);
  try {
    loadConfig(file, by);
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

  it.each([
    ['a', 'nhóm {…}', []],
    ['a port', '/probes/camera/targets/0/port: không được quá 65535', of({ port: 99_999 })],
    ['a port', '/probes/camera/targets/0/port: phải từ 1 trở lên', of({ port: 0 })],
    ['a port', '/probes/camera/targets/0/port: phải là số nguyên', of({ port: '80' })],
    ['an address', '/probes/camera/targets/0/address: viết không đúng dạng: địa chỉ IP', of({ address: 'http://x' })],
    ['an id', '/probes/camera/targets/0/id: không được để trống', of({ id: ' ' })],
    ['a long id', '/probes/camera/targets/0/id: không được dài quá 128 ký tự', of({ id: 'x'.repeat(129) })],
    ['targets', '/probes/camera/targets: phải là một danh sách […]', { probes: { camera: { targets: {} } } }],
    ['an address', '/probes/camera/targets/0/address: phải là chữ', of({ address: 5 })],
    [
      'a provider',
      '/providers/0/provider: phải là một trong: fast, ndt7, http, collector',
      { probes: { 'internet-speed': { providers: [{ provider: 'x' }] } } },
    ],
    [
      'urls',
      'urls: phải có ít nhất 1 mục',
      { probes: { 'internet-speed': { providers: [{ provider: 'http', urls: [] }] } } },
    ],
    [
      'a url',
      'urls/0: viết không đúng dạng: địa chỉ bắt đầu',
      { probes: { 'internet-speed': { providers: [{ provider: 'http', urls: ['ftp://x'] }] } } },
    ],
    [
      'school hours',
      '/calendar/week/mon: viết không đúng dạng: giờ mở và đóng, như "07:00-17:00"',
      { probes: {}, calendar: { week: { mon: '7h-17h' } } },
    ],
    [
      'school hours in seconds',
      '/schedule/internet-speed/everySeconds: theo giờ học thì phải từ 60 giây trở lên',
      {
        probes: { 'internet-speed': { providers: [{ provider: 'fast' }] } },
        schedule: { 'internet-speed': { everySeconds: 10 } },
      },
    ],
    [
      'hours that end before they begin',
      '/calendar/week/mon: giờ đóng phải sau giờ mở',
      { probes: {}, calendar: { week: { mon: '17:00-07:00' } } },
    ],
    [
      'a holiday that is no date',
      '/calendar/closed/0: không có ngày 2027-02-31',
      { probes: {}, calendar: { closed: [{ from: '2027-02-01', to: '2027-02-31' }] } },
    ],
    ['a level', '/log: phải là một trong: debug, info, warn, error, silent', { probes: {}, log: 'loud' }],
    ['an interval', '/reportEverySeconds: phải lớn hơn 0', { probes: {}, reportEverySeconds: 0 }],
    ['an interval', '/reportEverySeconds: phải là số', { probes: {}, reportEverySeconds: '60' }],
    [
      'a kind',
      '/kind: phải là một trong: pc, printer, camera, access-point, gateway, switch, server, other',
      { probes: { 'lan-reach': { targets: [{ id: 'a', address: 'x', kind: 'toaster' }] } } },
    ],
  ])('says in Vietnamese what is wrong with %s: %s', (_, words, config) => {
    const message = refusalOf(config, own);
    expect(message).toContain(words);
    expect(message).not.toMatch(/must|schema|\^/);
  });

  it('takes ids as the inventory does: composed letters, no spaces around', () => {
    const file = writeConfig(scratch(), {
      probes: { camera: { targets: [{ id: ' cam-cổng '.normalize('NFD') }] }, 'lan-reach': { targets: [] } },
    });
    const [, { probe, config }] = loadConfig(file, probes).probes as [unknown, { probe: AnyProbe; config: unknown }];
    expect(probe.targets(config)).toEqual([{ id: 'cam-cổng'.normalize('NFC') }]);
    const same = ['cam-cổng'.normalize('NFC'), 'cam-cổng '.normalize('NFD')];
    expect(refusalOf({ probes: { camera: { targets: same.map((id) => ({ id })) } } })).toContain('bị trùng');
    const host = { probes: { antivirus: { target: ' máy-văn-phòng'.normalize('NFD') } } };
    const [antivirus] = loadConfig(writeConfig(scratch(), host), own).probes;
    expect(antivirus?.probe.targets(antivirus.config)).toEqual([{ id: 'máy-văn-phòng'.normalize('NFC') }]);
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
