import { describe, expect, test } from 'vitest';
import type { WifiConnection } from '../../../agent/probes/wifi/connection.ts';
import { lossTo, summary } from '../../../agent/probes/wifi/loss.ts';
import { connectionOf, outcome, wifi } from '../../../agent/probes/wifi/wifi.ts';
import { probeContext } from '../context.ts';
import { joinNamespaces, makeNamespace, whyNoNamespaces } from '../lan-reach/namespace.ts';

const connection: WifiConnection = {
  interface: 'wlan0',
  ssid: 'Truong',
  bssid: '02:aa:bb:cc:dd:01',
  channel: 36,
  frequencyMhz: 5180,
  signalDbm: -60,
  quality: 80,
  rateMbps: 400,
};
const link = `Connected to ${connection.bssid} (on wlan0)\n\tSSID: Truong\n\tfreq: 5180\n\tsignal: -60 dBm\n`;

describe('which connection is measured', () => {
  test('none: nothing is judged', () => {
    expect(connectionOf({ platform: 'linux', links: { wlan0: 'Not connected.' } })).toMatch(/không nối Wi-Fi/);
    expect(connectionOf({ platform: 'win32', netsh: '' })).toMatch(/không nối Wi-Fi/);
  });
  test('a cable is the way out: nothing is judged', () => {
    expect(connectionOf({ platform: 'linux', defaultInterface: 'eth0', links: { wlan0: link } })).toMatch(/dây/);
  });
  test('a network that is not the school’s, at home say: nothing is judged, and its name is not told', () => {
    const facts = { platform: 'linux', links: { wlan0: link } } as const;
    const { ssid } = connectionOf(facts) as WifiConnection;
    expect(connectionOf(facts, ['Khác', ssid!])).toMatchObject({ ssid });
    const elsewhere = connectionOf(facts, ['Khác']);
    expect(elsewhere).toMatch(/không ở mạng Wi-Fi của trường/);
    expect(elsewhere).not.toContain(ssid);
    const hidden = { platform: 'linux', links: { wlan0: link.replace(/SSID: .*/, '') } } as const;
    expect(connectionOf(hidden, ['Khác'])).toMatch(/Wi-Fi/);
  });
  test('the one of the default route', () => {
    const links = { wlan1: link, wlan0: link };
    expect(connectionOf({ platform: 'linux', defaultInterface: 'wlan0', links })).toMatchObject({ interface: 'wlan0' });
  });
});

test('a change of access point within one network is told, a change of network is not', () => {
  const memory = new Map<string, unknown>();
  const sample = (change: Partial<WifiConnection>) =>
    outcome({ ...connection, ...change }, '10.0.0.1', summary(null, []), memory).values.roamed;
  expect(sample({})).toBeNull();
  expect(sample({})).toBe(false);
  expect(sample({ bssid: '02:aa:bb:cc:dd:02' })).toBe(true);
  expect(sample({ ssid: 'Khac', bssid: '02:aa:bb:cc:dd:03' })).toBeNull();
  expect(sample({ ssid: 'Khac', bssid: null })).toBeNull();
});

describe('loss', () => {
  test('counts what did not come back', () => {
    expect(summary('icmp', [1, null, 3, 2])).toEqual({
      method: 'icmp',
      sent: 4,
      answered: 3,
      lossShare: 0.25,
      rttMinMs: 1,
      rttMeanMs: 2,
      rttMaxMs: 3,
    });
  });

  test('of twenty echoes', async () => {
    const loss = await lossTo('127.0.0.1', AbortSignal.timeout(20_000));
    expect(loss).toMatchObject({ sent: 20, answered: 20, lossShare: 0 });
    expect(loss!.rttMinMs!).toBeLessThanOrEqual(loss!.rttMaxMs!);
  });

  test('to a gateway that answers no echo, by handshakes that it refuses', async (ctx) => {
    const why = whyNoNamespaces();
    if (why) return ctx.skip(why);
    const [host, gateway] = [makeNamespace(), makeNamespace()];
    try {
      joinNamespaces(host, gateway);
      gateway.exec('sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
      const loss = await host.script(new URL('./run-loss.ts', import.meta.url), { gateway: '10.77.0.2' });
      expect(loss).toMatchObject({ method: 'tcp', sent: 20, answered: 20, lossShare: 0 });
    } finally {
      host.remove();
      gateway.remove();
    }
  });

  test('to a gateway that is away: it did not answer', async (ctx) => {
    const why = whyNoNamespaces();
    if (why) return ctx.skip(why);
    const [host, gateway] = [makeNamespace(), makeNamespace()];
    try {
      joinNamespaces(host, gateway);
      const loss = await host.script(new URL('./run-loss.ts', import.meta.url), { gateway: '10.77.0.9' });
      expect(loss).toBeNull();
      const silent = outcome(connection, '10.77.0.9', null, new Map());
      expect(silent).toMatchObject({ ok: false, reason: 'timeout', values: { sent: 20, answered: 0, lossShare: 1 } });
    } finally {
      host.remove();
      gateway.remove();
    }
  });
});

test('this host: a connection by its figures, or nothing judged', async () => {
  const result = await wifi.run({ id: 'wifi' }, { gateway: '127.0.0.1' }, probeContext(AbortSignal.timeout(40_000)));
  if (result.ok) expect(result.values).toMatchObject({ sent: 20, ssid: expect.any(String) });
  else expect(result).toMatchObject({ reason: 'skipped', values: { message: expect.stringMatching(/Wi-Fi/) } });
});

test('each host has a target of its own unless told', () => {
  expect(wifi.targets({})[0]!.id).toMatch(/^wifi-./);
  expect(wifi.targets({ target: 'wifi-8a1' })).toEqual([{ id: 'wifi-8a1' }]);
});
