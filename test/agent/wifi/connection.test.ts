import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConnections, readIwLink, readNetsh } from '../../../agent/probes/wifi/connection.ts';

const recorded = (name: string) => readFileSync(new URL(`./recorded/${name}`, import.meta.url), 'utf8');

describe('netsh is read in any language', () => {
  test('Windows 11, 6 GHz, with other radios of the access point listed', () => {
    expect(readNetsh(recorded('windows-11-en.txt').replaceAll('\n', '\r\n'))).toEqual([
      {
        interface: 'Wi-Fi',
        ssid: 'Truong: Hoc A',
        bssid: '02:aa:bb:cc:dd:61',
        channel: 101,
        frequencyMhz: 6455,
        signalDbm: -51,
        quality: 87,
        rateMbps: 1921.5,
      },
    ]);
  });

  test('under Vietnamese labels, the second of two adapters', () => {
    expect(readNetsh(recorded('windows-vi.txt'))).toEqual([
      {
        interface: 'Wi-Fi',
        ssid: 'THCS-GiaoVien',
        bssid: '02:aa:bb:cc:dd:81',
        channel: 149,
        frequencyMhz: 5745,
        signalDbm: null,
        quality: 78,
        rateMbps: 325,
      },
    ]);
  });

  test('an older one without band, with decimal commas', () => {
    expect(readNetsh(recorded('windows-10-de.txt'))).toMatchObject([
      { interface: 'WLAN', channel: 6, frequencyMhz: 2437, signalDbm: null, quality: 62, rateMbps: 130.5 },
    ]);
  });

  test('without an adapter, or with the service off: none', () => {
    expect(readNetsh(recorded('windows-none.txt'))).toEqual([]);
    expect(readNetsh('The Wireless AutoConfig Service (wlansvc) is not running.')).toEqual([]);
  });
});

test('iw says signal, rate and access point', () => {
  expect(readIwLink('wlp2s0', recorded('linux-iw-link.txt'))).toEqual({
    interface: 'wlp2s0',
    ssid: 'Phong Tin hoc 1',
    bssid: '02:aa:bb:cc:dd:91',
    channel: 36,
    frequencyMhz: 5180,
    signalDbm: -57,
    quality: 86,
    rateMbps: 780,
  });
  expect(readIwLink('wlp2s0', 'Not connected.\n')).toBeNull();
});

describe('systeminformation', () => {
  const one = { iface: 'en0', ssid: 'Truong', bssid: '', channel: 0, frequency: null, txRate: null };
  test('its unknowns stay unknown', () => {
    const connections = [{ ...one, signalLevel: Number.NaN, quality: null }];
    expect(readConnections({ platform: 'darwin', connections })).toEqual([
      {
        interface: 'en0',
        ssid: 'Truong',
        bssid: null,
        channel: null,
        frequencyMhz: null,
        signalDbm: null,
        quality: null,
        rateMbps: null,
      },
    ]);
  });

  test('under Linux what it guesses is left out', () => {
    const guess = { bssid: '02:aa:bb:cc:dd:91', channel: 6, signalLevel: -64, quality: 72 };
    expect(readConnections({ platform: 'linux', connections: [{ ...one, ...guess }] })).toMatchObject([
      { bssid: null, channel: null, signalDbm: null, quality: 72 },
    ]);
  });
});

test('no text and no answer breaks the reading', () => {
  const texts = ['windows-11-en.txt', 'windows-vi.txt', 'linux-iw-link.txt'].map(recorded);
  const cut = fc
    .tuple(fc.constantFrom(...texts), fc.nat(1500), fc.nat(1500), fc.string())
    .map(([text, from, to, noise]) => text.slice(0, from) + noise + text.slice(to));
  fc.assert(
    fc.property(cut, fc.jsonValue(), fc.constantFrom('linux', 'win32', 'darwin'), (text, json, platform) => {
      for (const netsh of [text, json])
        for (const { quality, signalDbm } of readConnections({
          platform,
          netsh,
          links: { w: netsh },
          connections: [json, netsh],
        })) {
          expect(quality === null || (quality >= 0 && quality <= 100)).toBe(true);
          expect(signalDbm === null || signalDbm < 0).toBe(true);
        }
    }),
    { numRuns: 1000 },
  );
});
