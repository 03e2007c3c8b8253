import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerIn } from '../../../agent/powershell.ts';
import { headerDate, readLinux } from '../../../agent/probes/antivirus/linux.ts';
import { extensions, readMac } from '../../../agent/probes/antivirus/macos.ts';
import { decodeProductState, readWindows } from '../../../agent/probes/antivirus/windows.ts';
import { NOW, recorded } from './recorded.ts';

describe('Windows', () => {
  const read = (name: string) => readWindows(answerIn(recorded(name)), NOW)?.products;

  test.for(['windows-defender-array.json', 'windows-defender-object.json', 'windows-defender-wrapped.json'])(
    'with Defender alone, as %s',
    (name) => {
      const definitionsAt = '2026-11-23T03:12:44.000Z';
      expect(read(name)).toEqual([{ name: 'Windows Defender', on: true, state: 'on', upToDate: true, definitionsAt }]);
    },
  );

  test('with another product on and Defender passive', () => {
    expect(read('windows-third-party.json')).toMatchObject([
      { name: 'Windows Defender', on: false, state: 'passive', upToDate: false },
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
    expect(readWindows(answerIn('powershell: not found'), NOW)).toBeUndefined();
  });

  test('Server, which has no Security Center, and a Vietnamese Windows', () => {
    expect(read('windows-server.json')).toMatchObject([{ name: 'Microsoft Defender Antivirus', on: true }]);
    expect(read('windows-localized.json')).toMatchObject([{ name: 'Phần mềm diệt vi-rút Kaspersky', on: true }]);
  });

  test('productState: 16 states, 16 signatures and 16 owners; what nobody explains is unknown', () => {
    for (let state = 0; state < 16; state++)
      for (let signatures = 0; signatures < 16; signatures++)
        for (let owner = 0; owner < 16; owner++) {
          // The provider's kind above and the low four bits decide nothing.
          const number = 0x60000 | (state << 12) | (owner << 8) | (signatures << 4) | (state & 1);
          expect(decodeProductState(number)).toEqual({
            state: ['off', 'on', 'snoozed', 'expired'][state] ?? null,
            upToDate: state === 3 ? false : signatures === 0 ? true : signatures === 1 ? false : null,
            owner: owner === 0 ? 'other' : owner === 1 ? 'windows' : null,
          });
        }
  });

  // As met on 10,000 hosts with 34 products: Stack Overflow 4700897, "WMI Security Center ProductState clarification".
  test.for([
    [262144, 'off', true, 'other'],
    [262160, 'off', false, 'other'],
    [266240, 'on', true, 'other'],
    [270336, 'snoozed', true, 'other'],
    [327696, 'off', false, 'other'],
    [331776, 'on', true, 'other'],
    [344064, null, true, 'other'],
    [393472, 'off', true, 'windows'],
    [397312, 'on', true, 'other'],
    [397328, 'on', false, 'other'],
    [397568, 'on', true, 'windows'],
    [397584, 'on', false, 'windows'],
  ] as const)('productState %s of the field', ([number, state, upToDate, owner]) => {
    expect(decodeProductState(number)).toEqual({ state, upToDate, owner });
  });

  const registered = (productState: unknown, defender: unknown = null) =>
    readWindows({ products: [{ displayName: 'X', productState }], defender, productType: 1 }, NOW)?.products;

  test('an expired, paused and unexplained product are not on; the last is not off either', () => {
    expect(registered(0x43000)).toMatchObject([{ on: false, state: 'expired', upToDate: false }]);
    expect(registered(0x42000)).toMatchObject([{ on: false, state: 'snoozed' }]);
    expect(registered(344064)).toMatchObject([{ on: null, state: null }]);
    for (const broken of [null, true, '', '397568', -1, 1.5, 2 ** 33, [397568], {}])
      expect(registered(broken)).toBeUndefined();
  });

  test.for([
    ['Normal', true, true, 'on'],
    ['Passive Mode', true, false, 'passive'],
    ['SxS Passive Mode', true, true, 'passive'],
    ['EDR Block Mode', true, false, 'passive'],
    ['Not running', true, true, 'off'],
    ['Normal', true, false, 'off'],
    ['Normal', false, true, 'off'],
    [undefined, true, true, 'on'],
    ['Some Other Mode', true, true, null],
    ['Normal', true, 'yes', null],
  ] as const)('Defender by its own word: %s', ([AMRunningMode, AntivirusEnabled, RealTimeProtectionEnabled, state]) => {
    const defender = { AMRunningMode, AntivirusEnabled, RealTimeProtectionEnabled };
    const on = state === null ? null : state === 'on';
    expect(readWindows({ products: [], defender }, NOW)?.products).toMatchObject([{ state, on }]);
  });

  test('Security Center and Defender must both say that Defender is on', () => {
    const own = (on: boolean) => ({ AntivirusEnabled: true, RealTimeProtectionEnabled: on, AMRunningMode: 'Normal' });
    const both = (productState: number, on: boolean) => registered(productState, own(on))?.[0]?.state;
    expect([both(0x61100, true), both(0x61100, false), both(0x60100, true), both(0x64100, true)]).toEqual([
      'on',
      'off',
      'off',
      null,
    ]);
  });

  test('Server: Defender and known services by name; without both, nobody knows', () => {
    const facts = (services: unknown, productType: unknown = 3) =>
      readWindows({ products: null, defender: null, services, productType }, NOW);
    const service = (Name: string, State = 'Running') => ({ Name, State });
    expect(facts([service('Dnscache'), service('ekrn'), service('AVP.KES.21.9', 'Stopped')])).toEqual({
      productType: 'server',
      products: [
        { name: 'Kaspersky', on: false, state: 'off', upToDate: null, definitionsAt: null },
        { name: 'ESET', on: true, state: 'on', upToDate: null, definitionsAt: null },
      ],
    });
    expect(facts([service('Dnscache')])).toBeUndefined();
    expect(facts(null)).toBeUndefined();
    expect(facts([service('ekrn')], 9)?.productType).toBeNull();
    const client = { products: [], defender: null, services: [service('ekrn')] };
    expect(readWindows(client, NOW)?.products).toEqual([]);
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
      readWindows(answerIn(output), NOW);
      readLinux(
        { units: output, unitFiles: output, processes: [output], clamav: [{ header: output, changedAt: output }] },
        NOW,
      );
      readMac({ xprotectAt: output, extensions: output }, NOW);
    }),
    { numRuns: 500 },
  );
});
