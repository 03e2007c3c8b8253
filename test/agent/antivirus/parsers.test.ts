import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerDate, readLinux } from '../../../agent/probes/antivirus/linux.ts';
import { extensions, readMac } from '../../../agent/probes/antivirus/macos.ts';
import { decodeProductState, parseWindows } from '../../../agent/probes/antivirus/windows.ts';
import { NOW, recorded } from './recorded.ts';

describe('Windows', () => {
  const read = (name: string) => parseWindows(recorded(name), NOW);

  test.for(['windows-defender-array.json', 'windows-defender-object.json', 'windows-defender-wrapped.json'])(
    'with Defender alone, as %s',
    (name) => {
      const definitionsAt = '2026-11-23T03:12:44.000Z';
      expect(read(name)).toEqual([{ name: 'Windows Defender', on: true, upToDate: true, definitionsAt }]);
    },
  );

  test('with another product on and Defender off', () => {
    expect(read('windows-third-party.json')).toMatchObject([
      { name: 'Windows Defender', on: false, upToDate: false },
      { name: 'ESET Security', on: true, upToDate: true, definitionsAt: null },
    ]);
  });

  test('with outdated definitions, by either source', () => {
    expect(read('windows-outdated.json')).toMatchObject([{ on: true, upToDate: false }]);
    expect(read('windows-defender-old.json')).toMatchObject([
      { on: true, upToDate: false, definitionsAt: '2025-10-05T02:00:00.000Z' },
    ]);
  });

  test('known to have none is told from not known', () => {
    expect(read('windows-none.json')).toEqual([]);
    expect(read('windows-both-failed.json')).toBeUndefined();
    expect(read('windows-empty.txt')).toBeUndefined();
    expect(parseWindows('powershell: not found', NOW)).toBeUndefined();
  });

  test('Server, which has no Security Center, and a Vietnamese Windows', () => {
    expect(read('windows-server.json')).toMatchObject([{ name: 'Microsoft Defender Antivirus', on: true }]);
    expect(read('windows-localized.json')).toMatchObject([{ name: 'Phần mềm diệt vi-rút Kaspersky', on: true }]);
  });

  test('productState by its bits', () => {
    expect(decodeProductState(397568)).toEqual({ on: true, upToDate: true, owner: 'windows' });
    expect(decodeProductState(393472)).toEqual({ on: false, upToDate: true, owner: 'windows' });
    expect(decodeProductState(266256)).toEqual({ on: true, upToDate: false, owner: 'other' });
    expect(decodeProductState(262144)).toEqual({ on: false, upToDate: true, owner: 'other' });
    expect(decodeProductState(0x43000)).toEqual({ on: false, upToDate: false, owner: 'other' });
  });
});

describe('Linux', () => {
  const header = recorded('linux-clamav-daily.cvd');
  const facts = {
    units: recorded('linux-clamav-units.txt'),
    unitFiles: recorded('linux-clamav-unit-files.txt'),
    processes: ['systemd', 'clamd'],
    clamav: [{ header, changedAt: '2026-11-23T00:00:00.000Z' }],
  };

  test('with ClamAV running and another product installed and stopped', () => {
    expect(readLinux(facts, NOW)).toEqual([
      { name: 'ClamAV', on: true, upToDate: true, definitionsAt: '2026-11-22T08:31:00.000Z' },
      { name: 'Microsoft Defender for Endpoint', on: false, upToDate: null, definitionsAt: null },
    ]);
    expect(readLinux(facts, NOW + 30 * 86_400_000)?.[0]).toMatchObject({ on: true, upToDate: false });
  });

  test('with the database alone: installed, not on', () => {
    const scanner = {
      units: '',
      unitFiles: '',
      processes: ['bash'],
      clamav: [{ header: '', changedAt: '2026-11-23' }],
    };
    expect(readLinux(scanner, NOW)).toMatchObject([{ name: 'ClamAV', on: false, upToDate: true }]);
  });

  test('without any, in a container without systemd, and where nothing can be asked', () => {
    const unitFiles = recorded('linux-bare-unit-files.txt');
    expect(readLinux({ units: null, unitFiles, processes: ['node'], clamav: [] }, NOW)).toEqual([]);
    expect(readLinux({ units: null, unitFiles: null, processes: null, clamav: [] }, NOW)).toBeUndefined();
  });

  test('the date in a database header has a zone', () => {
    expect(headerDate('ClamAV-VDB:16 Sep 2023 08-03 -0400:27034:')).toBe('2023-09-16T12:03:00.000Z');
    expect(headerDate('ClamAV-VDB:99 Foo 2023 08-03 -0400:27034:')).toBeNull();
  });
});

describe('macOS', () => {
  test('with XProtect and others by their extensions', () => {
    const facts = { xprotectAt: '2026-11-01T00:00:00.000Z', extensions: recorded('macos-extensions.txt') };
    expect(readMac(facts, NOW)).toMatchObject([
      { name: 'XProtect', on: true, upToDate: true },
      { name: 'ESET', on: true },
      { name: 'CrowdStrike Falcon', on: false },
    ]);
    expect(readMac({ ...facts, xprotectAt: '2026-05-01T00:00:00.000Z' }, NOW)?.[0]).toMatchObject({ upToDate: false });
    expect(extensions(recorded('macos-none.txt'))).toEqual([]);
    expect(readMac({ xprotectAt: null, extensions: null }, NOW)).toBeUndefined();
  });
});

test('no parser throws, whatever a system prints', () => {
  const shapes = fc.record(
    { products: fc.anything(), defender: fc.dictionary(fc.string(), fc.anything()), errors: fc.anything() },
    { requiredKeys: [] },
  );
  const safely = (value: unknown) => {
    try {
      return JSON.stringify(value) ?? '';
    } catch {
      return '';
    }
  };
  const text = fc.oneof(fc.string(), fc.json(), shapes.map(safely));
  fc.assert(
    fc.property(text, (output) => {
      parseWindows(output, NOW);
      readLinux(
        { units: output, unitFiles: output, processes: [output], clamav: [{ header: output, changedAt: output }] },
        NOW,
      );
      readMac({ xprotectAt: output, extensions: output }, NOW);
    }),
    { numRuns: 500 },
  );
});
