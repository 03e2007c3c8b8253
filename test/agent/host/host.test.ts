import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hardwareId } from '../../../agent/probes/host/hardware-id.ts';
import { host, outcome } from '../../../agent/probes/host/host.ts';
import { readLinuxHost } from '../../../agent/probes/host/linux.ts';
import { readMacHost } from '../../../agent/probes/host/macos.ts';
import { isSupported, linuxSupport, windowsSupport } from '../../../agent/probes/host/os-support.ts';
import { readWindowsHost } from '../../../agent/probes/host/windows.ts';
import { probeContext } from '../context.ts';

const UUID = '4c4c4544-0051-3610-8052-b4c04f4d5131';

/** By Microsoft Learn: classes Win32_OperatingSystem and Win32_ComputerSystemProduct, Get-NetFirewallProfile. */
const windows10 = {
  os: { Caption: 'Microsoft Windows 10 Pro', Version: '10.0.19045', BuildNumber: '19045', ProductType: 1 },
  version: { EditionID: 'Professional', DisplayVersion: '22H2', ReleaseId: '2009', UBR: 6456 },
  uuid: UUID.toUpperCase(),
  profiles: ['Domain', 'Private', 'Public'].map((Name) => ({ Name, Enabled: 1 })),
  firewalls: [],
};

test('this host is asked and answers', async () => {
  const result = await host.run({ id: 'host' }, {}, probeContext(AbortSignal.timeout(host.deadlineMs)));
  expect(result).toMatchObject({ ok: true, values: { platform: process.platform } });
  expect(result.values.hostname).not.toBe('');
});

test('an answer without facts is malformed, a program that fails says why', () => {
  expect(outcome('win32', undefined, 'ok', 0)).toMatchObject({ ok: false, reason: 'malformed' });
  expect(outcome('win32', undefined, 'timeout', 0)).toMatchObject({ ok: false, reason: 'timeout' });
});

describe('support of the operating system', () => {
  test.for([
    ['7601', 'Ultimate', false, 'Windows 7', '2020-01-14'],
    ['9600', 'Core', false, 'Windows 8.1', '2023-01-10'],
    ['19045', 'CoreSingleLanguage', false, 'Windows 10 22H2', '2025-10-14'],
    ['19045', 'Education', false, 'Windows 10 22H2', '2025-10-14'],
    ['19044', 'EnterpriseS', false, 'Windows 10 21H2', '2027-01-12'],
    ['22631', 'ProfessionalEducation', false, 'Windows 11 23H2', '2025-11-11'],
    ['22631', 'Enterprise', false, 'Windows 11 23H2', '2026-11-10'],
    ['26100', 'Core', false, 'Windows 11 24H2', '2026-10-13'],
    ['26100', 'ServerStandard', true, 'Windows Server 2025', '2034-11-14'],
    ['17763', 'ServerStandard', true, 'Windows Server 2019', '2029-01-09'],
    ['19044', 'IoTEnterpriseS', false, 'Windows 10 21H2', null],
    ['26300', 'Education', false, 'Windows 11 26H2', null],
    ['27999', 'Core', false, null, null],
    ['22631', 'ServerStandard', true, null, null],
    ['26100', 'Core', null, null, null],
    ['constructor', 'Core', false, null, null],
  ] as const)('Windows build %s %s', ([build, edition, isServer, release, until]) => {
    expect(windowsSupport(build, edition, isServer)).toEqual({ release, until });
  });

  test('Windows 10 and later end on a Tuesday, whatever the edition', () => {
    for (let build = 10_000; build < 30_000; build++)
      for (const edition of ['Core', 'Education', 'EnterpriseS']) {
        const { until } = windowsSupport(String(build), edition, false);
        if (until !== null) expect([until, new Date(until).getUTCDay()]).toEqual([until, 2]);
      }
  });

  test('Linux by its release; the last day still counts', () => {
    expect(linuxSupport('ubuntu', '20.04')).toEqual({ release: 'ubuntu 20.04', until: '2025-05-29' });
    expect(linuxSupport('debian', '12').until).toBe('2028-06-30');
    expect(linuxSupport('linuxmint', '21')).toEqual({ release: null, until: null });
    const support = windowsSupport('19045', 'Core', false);
    expect(isSupported(support, Date.parse('2025-10-14T23:00:00Z'))).toBe(true);
    expect(isSupported(support, Date.parse('2025-10-15T00:00:00Z'))).toBe(false);
    expect(isSupported({ release: null, until: null }, 0)).toBeNull();
  });
});

describe('Windows', () => {
  test('is told with release, firewall and an id that is no number of the machine', () => {
    const facts = readWindowsHost(windows10);
    expect(facts).toMatchObject({
      os: { name: 'Microsoft Windows 10 Pro', edition: 'Professional', version: '22H2', build: '19045.6456' },
      support: { release: 'Windows 10 22H2', until: '2025-10-14' },
      firewall: { on: true, by: 'Windows' },
    });
    expect(facts?.hardwareId).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(facts).toLowerCase()).not.toContain(UUID);
  });

  const firewall = (enabled: unknown[], firewalls: unknown = null) =>
    readWindowsHost({
      ...windows10,
      profiles: enabled.map((Enabled, index) => ({ Name: `P${index}`, Enabled })),
      firewalls,
    })?.firewall;

  test('the firewall is on where each profile is, or another product that is on', () => {
    expect(firewall([1, 0, 1])).toMatchObject({ on: false, by: null });
    expect(firewall([1, 2, 1])).toMatchObject({ on: null });
    expect(firewall([])).toMatchObject({ on: null });
    const kaspersky = (productState: number) => [{ displayName: 'Kaspersky', productState }];
    expect(firewall([0, 0, 0], kaspersky(0x41000))).toMatchObject({ on: true, by: 'Kaspersky' });
    for (const other of [0x40000, 0x42000, 0x44000, 0x41100])
      expect(firewall([0, 0, 0], kaspersky(other))).toMatchObject({ on: false, by: null });
  });

  test('what is missing is unknown, and nothing at all is no answer', () => {
    const bare = readWindowsHost({ os: { Caption: 'Microsoft Windows 11 Pro', BuildNumber: '26100' } });
    expect(bare).toMatchObject({ support: { until: null }, firewall: { on: null }, hardwareId: null });
    for (const answer of [undefined, null, {}, { os: {} }, { os: null, uuid: UUID }])
      expect(readWindowsHost(answer)).toBeUndefined();
  });
});

test('an id of hardware is the same for one board, and none where the maker set none', () => {
  expect(hardwareId(UUID)).toBe(hardwareId(` ${UUID.toUpperCase()} `));
  for (const none of [
    null,
    '',
    'To be filled by O.E.M.',
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '03000200-0400-0500-0006-000700080009',
  ])
    expect(hardwareId(none)).toBeNull();
});

describe('Linux', () => {
  /** os-release(5), as Debian 12 writes it. */
  const osRelease = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n';
  const bare = { osRelease, kernel: '6.1.0-41-amd64', uuid: null, units: null, ufw: null, ruleset: null };
  const filtered = (more: Partial<typeof bare> | Record<string, string>) =>
    readLinuxHost({ ...bare, ...more })?.firewall;
  const unit = (name: string, state = 'active') => `${name}.service loaded ${state} exited Some words`;

  test('by os-release; without rights nobody knows the filter', () => {
    expect(readLinuxHost(bare)).toEqual({
      os: { name: 'Debian GNU/Linux 12 (bookworm)', edition: null, version: '12', build: '6.1.0-41-amd64' },
      support: { release: 'debian 12', until: '2028-06-30' },
      firewall: { on: null, by: null, profiles: [] },
      hardwareId: null,
    });
    expect(readLinuxHost({ ...bare, osRelease: null })).toBeUndefined();
  });

  test('by its managers, or the rules where they may be read', () => {
    expect(filtered({ units: unit('firewalld') })).toMatchObject({ on: true, by: 'firewalld' });
    expect(filtered({ units: unit('ufw'), ufw: '# comment\nENABLED=yes\n' })).toMatchObject({ on: true, by: 'ufw' });
    expect(filtered({ units: unit('ufw'), ufw: 'ENABLED=no\n' })).toMatchObject({ on: null });
    expect(filtered({ units: unit('ufw', 'inactive'), ufw: 'ENABLED=yes\n' })).toMatchObject({ on: null });
    const chain = (hook: string, rules: string) =>
      `table inet filter {\n\tchain c {\n\t\ttype filter hook ${hook} priority filter; ${rules}\n\t}\n}\n`;
    expect(filtered({ ruleset: '' })).toMatchObject({ on: false });
    expect(filtered({ ruleset: chain('input', 'policy accept;') })).toMatchObject({ on: false });
    expect(filtered({ ruleset: chain('forward', 'policy drop;') })).toMatchObject({ on: false });
    expect(filtered({ ruleset: chain('input', 'policy drop;') })).toMatchObject({ on: true, by: 'nftables' });
  });
});

test('macOS by sw_vers and socketfilterfw', () => {
  const version = 'ProductName:\t\tmacOS\nProductVersion:\t\t15.6\nBuildVersion:\t\t24G84\n';
  const mac = (firewall: string | null) => readMacHost({ version, firewall, platform: `"IOPlatformUUID" = "${UUID}"` });
  expect(mac('Firewall is enabled. (State = 1)')).toMatchObject({
    os: { name: 'macOS', version: '15.6', build: '24G84' },
    firewall: { on: true, by: 'macOS' },
    hardwareId: hardwareId(UUID),
  });
  expect(mac('Firewall is disabled. (State = 0)')?.firewall.on).toBe(false);
  expect(mac(null)?.firewall.on).toBeNull();
  expect(readMacHost({ version: null, firewall: null, platform: null })).toBeUndefined();
});

test('no reader throws, and what is sent stays small, whatever a system prints', () => {
  const answer = fc.record(
    {
      os: fc.dictionary(fc.constantFrom('Caption', 'Version', 'BuildNumber', 'ProductType'), fc.anything()),
      version: fc.dictionary(fc.constantFrom('EditionID', 'DisplayVersion', 'UBR'), fc.anything()),
      uuid: fc.anything(),
      profiles: fc.anything(),
      firewalls: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(answer, fc.string({ unit: 'binary', maxLength: 3000 }), (windows, text) => {
      const linux = { osRelease: text, kernel: text, uuid: text, units: text, ufw: text, ruleset: text };
      const all = [
        readWindowsHost(windows),
        readLinuxHost(linux),
        readMacHost({ version: text, firewall: text, platform: text }),
      ];
      for (const facts of all) if (facts) expect(JSON.stringify(facts.os).length).toBeLessThan(2000);
    }),
  );
});
