import { describe, expect, it } from 'vitest';
import { configSchema, loadConfig } from '../../../agent/config.ts';
import { machineOf, partOf } from '../../../agent/machine.ts';
import { antivirus } from '../../../agent/probes/antivirus/antivirus.ts';
import { camera } from '../../../agent/probes/camera/camera.ts';
import { saveIdentity } from '../../../agent/uplink/identity.ts';
import { ownIdentity } from '../../../agent/uplink/self-enrol.ts';
import type { Machine } from '../../../shared/wire/machine.ts';
import { FakeCollector } from '../runtime/fake-collector.ts';
import { identityOf, scratch, silent, writeConfig } from '../runtime/helpers.ts';

describe('what a PC tells of its hardware', () => {
  it.each([
    '',
    '-',
    'None',
    'N/A',
    'To be filled by O.E.M.',
    'Default string',
    'System Serial Number',
    'Not Specified',
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '03000200-0400-0500-0006-000700080009',
    '123456789',
    undefined,
  ])('nothing for what makers leave there: %s', (text) => {
    expect(partOf('smbios', text)).toBeNull();
  });

  it('digests that do not show the number, equal for every spelling and different by part', () => {
    const uuid = '4C4C4544-0051-3510-8052-B4C04F4A4D32';
    const digest = partOf('smbios', uuid);
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(partOf('smbios', ` ${uuid.toLowerCase().replaceAll('-', '')} `)).toBe(digest);
    expect(partOf('board', uuid)).not.toBe(digest);
  });

  it('physical interfaces with an address of their maker, and a disk that is not carried about', () => {
    const disk = { device: '/dev/sdb', serialNum: 'WD-WX11A', interfaceType: 'SATA' };
    const of = (mac: string, rest = {}) => ({ mac, internal: false, virtual: false, ...rest });
    const machine = machineOf({
      uuid: 'x',
      disks: [{ device: '/dev/sda', serialNum: 'USBSTICK1', interfaceType: 'USB' }, disk],
      interfaces: [
        of('F8-B1-56-00-00-02'),
        of('f8:b1:56:00:00:01'),
        of('f8:b1:56:00:00:01'),
        of('02:42:ac:11:00:02'),
        of('00:50:56:c0:00:08'),
        of('01:00:5e:00:00:01'),
        of('00:00:00:00:00:00'),
        of('00:15:5d:00:00:01', { virtual: true }),
        {},
      ],
    });
    expect(machine.macs).toEqual(['f8:b1:56:00:00:01', 'f8:b1:56:00:00:02']);
    expect([machine.smbios, machine.board, machine.disk]).toEqual([null, null, partOf('disk', disk.serialNum)]);
  });
});

describe('the configuration of a PC', () => {
  const load = (config: object) => loadConfig(writeConfig(scratch(), config), [antivirus, camera]);
  it('needs nothing but where and by which code', () => {
    const { role, probes } = load({ role: 'endpoint', collector: 'http://may-chu:8265', code: 'ABCD-EFGH' });
    expect([role, probes.map(({ probe }) => probe.name)]).toEqual(['endpoint', ['antivirus']]);
    expect(configSchema([antivirus]).properties).toHaveProperty('relay');
  });
  it.each<[string, object, RegExp]>([
    ['a camera', { role: 'endpoint', probes: { camera: { targets: [] } } }, /\/probes\/camera: .*chỉ đo chính máy này/],
    [
      'a target of its own',
      { role: 'endpoint', probes: { antivirus: { target: 'x' } } },
      /\/probes\/antivirus\/target/,
    ],
    ['a relay', { role: 'endpoint', relay: { port: 8265 } }, /\/relay/],
    ['a code that is too short', { probes: {}, code: 'ABCD' }, /\/code/],
    ['no probes at the school’s agent', {}, /\/probes/],
    ['an unknown role', { role: 'may-chu', probes: {} }, /\/role/],
  ])('refuses %s', (_, config, line) => {
    expect(() => load(config)).toThrow(line);
  });
});

describe('a PC enrols by itself', () => {
  const PC: Machine = {
    smbios: 'a'.repeat(32),
    board: 'b'.repeat(32),
    disk: 'd'.repeat(32),
    macs: ['00:1a:2b:00:00:01'],
  };
  const COPY: Machine = {
    smbios: '1'.repeat(32),
    board: '2'.repeat(32),
    disk: '3'.repeat(32),
    macs: ['00:1a:2b:00:00:02'],
  };
  const options = (dataDir: string, collector: string, machine: Machine, signal = new AbortController().signal) => ({
    dataDir,
    collector,
    code: 'ABCD-EFGH-JKMN',
    machine,
    log: silent,
    say: () => undefined,
    signal,
    waits: { spreadMs: 0, minMs: 1, maxMs: 5 },
  });
  const asked = (collector: FakeCollector) => collector.received.map(({ body }) => JSON.parse(body));
  const answer = (n: number) => ({
    status: 201,
    body: {
      agentId: `agent-${n}`,
      school: { id: 's', name: 'S' },
      serverTime: '2026-11-24T04:00:00.000Z',
      target: `may-${n}`,
    },
  });

  it('until it succeeds, with one key, and says so once', async () => {
    const collector = await FakeCollector.start();
    collector.instead = () =>
      collector.received.length < 4
        ? { status: 503, body: { error: { code: 'not-ready', message: 'bận' } } }
        : answer(1);
    const said: string[] = [];
    const dir = scratch();
    const identity = await ownIdentity({ ...options(dir, collector.url, PC), say: (line) => said.push(line) });
    expect(identity).toMatchObject({ agentId: 'agent-1', target: 'may-1', machine: PC });
    expect([said.length, new Set(asked(collector).map(({ publicKey }) => publicKey.x)).size]).toEqual([1, 1]);
    expect(await ownIdentity(options(dir, collector.url, PC))).toEqual(identity);
    expect(collector.received).toHaveLength(4);
  });

  it('anew where its identity came with a copied disk, saying whose it was; a key that came with it is not used', async () => {
    const collector = await FakeCollector.start();
    let answers = 0;
    collector.instead = () => answer(++answers);
    const dir = scratch();
    await ownIdentity(options(dir, collector.url, PC));
    expect(await ownIdentity(options(dir, collector.url, COPY))).toMatchObject({ agentId: 'agent-2', machine: COPY });
    const [first, second] = asked(collector);
    expect([first.formerAgent, second.formerAgent, first.publicKey.x === second.publicKey.x]).toEqual([
      undefined,
      'agent-1',
      false,
    ]);
    const lost = scratch();
    const ended = new AbortController();
    collector.instead = () => {
      ended.abort();
      return 'hang-up';
    };
    expect(await ownIdentity(options(lost, collector.url, PC, ended.signal))).toBeNull();
    collector.instead = () => answer(++answers);
    await ownIdentity(options(lost, collector.url, COPY));
    const keys = asked(collector)
      .slice(2)
      .map(({ publicKey }) => publicKey.x);
    expect(keys.at(-1)).not.toBe(keys[0]);
  });

  it('keeps its identity when parts are changed one after the other, or could not be read', async () => {
    const collector = await FakeCollector.start();
    const dir = scratch();
    await saveIdentity(dir, { ...(await identityOf('agent-9', collector.url)), target: 'may-9', machine: PC });
    const steps: Machine[] = [
      { ...PC, disk: COPY.disk },
      { smbios: null, board: null, disk: null, macs: [] },
      { ...PC, disk: COPY.disk, macs: COPY.macs },
      { ...COPY, board: PC.board },
    ];
    for (const machine of steps)
      expect((await ownIdentity(options(dir, collector.url, machine)))?.agentId).toBe('agent-9');
    expect(collector.received).toEqual([]);
  });
});
