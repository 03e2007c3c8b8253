import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Type from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { main, type Surroundings } from '../../../agent/main.ts';
import { antivirus } from '../../../agent/probes/antivirus/antivirus.ts';
import { failed, ok } from '../../../agent/probes/probe.ts';
import { Spool } from '../../../agent/spool/spool.ts';
import { saveIdentity } from '../../../agent/uplink/identity.ts';
import { FakeCollector, refusal } from './fake-collector.ts';
import { identityOf, scratch, until, writeConfig } from './helpers.ts';
import { otherProcess } from './lock-holder.ts';
import { probeOf } from './probe-of.ts';

const probes = [
  probeOf('lan-reach', { run: async ({ id }) => (id === 'off' ? failed('timeout') : ok({ rttMs: 2 })) }),
  probeOf('camera', { doctor: async () => ['thiếu ffmpeg: cài ffmpeg'] }),
  probeOf('broken', { run: () => Promise.reject(new Error('boom')) }),
];
const lan = { targets: [{ id: 'pc' }, { id: 'off' }] };

async function agent(argv: string[], change: Partial<Surroundings> = {}) {
  let stdout = '';
  let stderr = '';
  const code = await main(argv, {
    probes,
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    signal: new AbortController().signal,
    ...change,
  });
  return { code, stdout, stderr };
}
/** Without the page, whose port tests beside this one would want as well. */
const configOf = (config: object, dir = scratch()) => writeConfig(dir, { log: 'silent', localPage: false, ...config });

describe('the command line', () => {
  it.each([[[]], [['fly']], [['constructor']]])('explains itself for %j', async (argv) => {
    const { code, stdout, stderr } = await agent(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Cách dùng');
  });

  it.each([
    [['once']],
    [['once', '--config', 'none.json']],
    [['once', '--config', 'x', '--cofnig']],
    [['run', '--config', 'x', '--json']],
    [['status', 'more', '--config', 'x']],
    [['enroll', '--config', 'CONFIG']],
    [['enroll', '--config', 'CONFIG', '--code', 'MA-GHI-DANH']],
    [['enroll', '--config', 'CONFIG', '--code', 'MA-GHI-DANH', '--collector', 'ftp://x']],
    [['run', '--config', 'CONFIG']],
    [['once', '--config', 'CONFIG', '--probe', 'fly']],
    [['discover', '--config', 'CONFIG', '--sweep', '8.8.8.0/24', '--add']],
    [['discover', '--config', 'CONFIG', '--sweep', '10.0.0.0/8']],
    [['discover', '--config', 'CONFIG', '--sweep=--json; reboot']],
    [['once', '--config', 'CONFIG', '--probe', 'camera']],
  ])('refuses %j with one line and exit 2', async (argv) => {
    const file = configOf({ probes: { 'lan-reach': lan } });
    const { code, stdout, stderr } = await agent(argv.map((word) => (word === 'CONFIG' ? file : word)));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^agent: [^\n]+\n$/);
  });

  it.each([
    [['once', '--bogus'], 'không có lựa chọn --bogus'],
    [['once', '-x'], 'không có lựa chọn -x'],
    [['once', '--config'], 'thiếu giá trị sau --config'],
    [['status', '--json=yes'], '--json không nhận giá trị'],
    [['status', '--config', '--json'], 'thiếu giá trị sau --config'],
  ])('says in Vietnamese what is wrong with the arguments %j', async (argv, words) => {
    expect((await agent(argv)).stderr).toBe(`agent: ${words}\n`);
  });

  it('once says that there is nothing to measure', async () => {
    const none = await agent(['once', '--config', configOf({ probes: {} })]);
    expect([none.code, none.stdout]).toEqual([0, '']);
    expect(none.stderr).toMatch(/^agent: chưa có gì để đo: [^\n]+\n$/);
    const empty = await agent(['once', '--config', configOf({ probes: { camera: { targets: [] } } })]);
    expect(empty.stderr).toBe('agent: camera: chưa khai thiết bị nào, không có gì để đo\n');
  });

  it('once prints one sample a line and ends well whatever was found', async () => {
    const { code, stdout } = await agent(['once', '--config', configOf({ probes: { 'lan-reach': lan, camera: lan } })]);
    const samples = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(samples.map(({ probe, target, reason }) => [probe, target, reason])).toEqual([
      ['lan-reach', 'pc', null],
      ['lan-reach', 'off', 'timeout'],
      ['camera', 'pc', null],
      ['camera', 'off', null],
    ]);
  });

  it('once runs the probe that is named, and tells by its exit that a probe broke', async () => {
    const file = configOf({ probes: { 'lan-reach': lan, broken: { targets: [{ id: 'a' }] } } });
    expect((await agent(['once', '--config', file, '--probe', 'lan-reach'])).stdout.trim().split('\n')).toHaveLength(2);
    const broken = await agent(['once', '--config', file, '--probe', 'broken']);
    expect([broken.code, JSON.parse(broken.stdout).reason]).toEqual([1, 'internal']);
  });

  it('enrols, runs until it is told to end, and tells where it stands', async () => {
    const collector = await FakeCollector.start();
    const dir = scratch();
    const file = configOf(
      { reportEverySeconds: 0.05, schedule: { 'lan-reach': { everySeconds: 0.05 } }, probes: { 'lan-reach': lan } },
      dir,
    );
    collector.instead = (url, body) => {
      if (!url.endsWith('/enrol')) return undefined;
      collector.keys.set('agent-9', JSON.parse(body).publicKey);
      const school = { id: 'th-9', name: 'Tiểu học 9' };
      return { status: 201, body: { agentId: 'agent-9', school, serverTime: new Date().toISOString() } };
    };
    const before = await agent(['status', '--config', file]);
    expect([before.code, before.stdout]).toEqual([0, expect.stringContaining('chưa ghi danh')]);
    const enrolled = await agent([
      'enroll',
      '--config',
      file,
      '--code',
      'MA-GHI-DANH',
      '--collector',
      `${collector.url}/`,
    ]);
    expect([enrolled.code, enrolled.stdout]).toEqual([0, expect.stringContaining('agent-9, Tiểu học 9')]);

    const ending = new AbortController();
    const running = agent(['run', '--config', file], { signal: ending.signal });
    await until('three reports', () => collector.stored.size >= 3);
    ending.abort();
    expect((await running).code).toBe(0);

    const status = JSON.parse((await agent(['status', '--config', file, '--json'])).stdout);
    expect(status).toMatchObject({
      identity: { agentId: 'agent-9' },
      collector: collector.url,
      pending: 0,
      rejected: [],
      paused: null,
      acknowledged: collector.stored.size,
      lastAcknowledgement: { id: collector.storedIds().at(-1) },
    });
    expect(Math.abs(status.clockOffsetMs)).toBeLessThan(2000);
    const health = [...collector.stored.values()].at(-1)?.health;
    expect(health).toMatchObject({ failedRuns: 0, everySeconds: { 'lan-reach': 0.05 } });
  });

  it('run is refused beside another on the same data directory, in one line', async () => {
    const dir = scratch();
    const data = path.join(dir, 'data');
    await saveIdentity(data, await identityOf('agent-1', 'http://127.0.0.1:9'));
    const file = configOf({ probes: {} }, dir);
    const other = await otherProcess(path.join(data, 'run.lock'));
    const refused = await agent(['run', '--config', file], { signal: AbortSignal.abort() });
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^agent: tác tử đang chạy rồi [^\n]+\n$/);
    expect(refused.stderr).toContain(`(tiến trình ${other.child.pid})`);
    await other.end();
    expect((await agent(['run', '--config', file], { signal: AbortSignal.abort() })).code).toBe(0);
    expect(existsSync(path.join(data, 'run.lock'))).toBe(false);
  });

  it('once of a heavy probe waits for a running agent that is measuring, and says so when it gets no turn', async () => {
    const dir = scratch();
    const data = path.join(dir, 'data');
    mkdirSync(data);
    let turn = 0;
    const heavy = (deadlineMs: number) => [
      probeOf('speed', {
        heavy: true,
        deadlineMs,
        run: async () => ok({ locked: existsSync(path.join(data, 'line.lock')), turn: ++turn }),
      }),
      probeOf('camera'),
    ];
    const file = configOf({ probes: { speed: { targets: [{ id: 'line' }] }, camera: lan } }, dir);
    const other = await otherProcess(path.join(data, 'line.lock'));
    const none = await agent(['once', '--config', file], { probes: heavy(300) });
    expect([none.code, turn]).toEqual([1, 0]);
    expect(none.stdout.trim().split('\n')).toHaveLength(2); // of the light probe, which waits for nobody
    expect(none.stderr).toContain('agent: speed: chưa đo');
    expect(none.stderr).toContain(String(other.child.pid));

    const done = await agent(['once', '--config', file, '--probe', 'speed'], {
      probes: heavy(60_000),
      stderr: (text) => {
        if (text.includes('chờ tiến trình')) void other.end();
      },
    });
    expect([done.code, JSON.parse(done.stdout).values]).toEqual([0, { locked: true, turn: 1 }]);
    expect(existsSync(path.join(data, 'line.lock'))).toBe(false);
  });

  it('once measures where no agent has a data directory', async () => {
    const file = configOf({ probes: { speed: { targets: [{ id: 'line' }] } } });
    const probe = probeOf('speed', { heavy: true });
    const { code, stdout, stderr } = await agent(['once', '--config', file], { probes: [probe] });
    expect([code, JSON.parse(stdout).ok, stderr]).toEqual([0, true, '']);
  });

  it('a running agent keeps the line while a heavy probe measures, and waits for a once', async () => {
    const dir = scratch();
    const data = path.join(dir, 'data');
    await saveIdentity(data, await identityOf('agent-1', 'http://127.0.0.1:9'));
    const lock = path.join(data, 'line.lock');
    const keepers: (number | null)[] = [];
    const probe = probeOf('speed', {
      heavy: true,
      deadlineMs: 60_000,
      run: async () => {
        keepers.push(existsSync(lock) ? JSON.parse(readFileSync(lock, 'utf8')).pid : null);
        return ok({});
      },
    });
    const targets = [{ id: 'line' }];
    const file = configOf({ schedule: { speed: { everySeconds: 0.05 } }, probes: { speed: { targets } } }, dir);
    const other = await otherProcess(lock);
    const ending = new AbortController();
    const running = agent(['run', '--config', file], { probes: [probe], signal: ending.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(keepers).toEqual([]);
    await other.end();
    await until('two measurements', () => keepers.length >= 2);
    ending.abort();
    await running;
    expect(new Set(keepers)).toEqual(new Set([process.pid]));
    expect(existsSync(lock)).toBe(false);
  });

  it('run tells who watches when it starts, is heard, is paused, and goes on elsewhere after a new enrolment', async () => {
    const [old, next] = [await FakeCollector.start(), await FakeCollector.start()];
    const dir = scratch();
    const data = path.join(dir, 'data');
    const identity = await identityOf('agent-old', old.url);
    old.keys.set('agent-old', identity.publicKey);
    await saveIdentity(data, identity);
    const schedule = { 'lan-reach': { everySeconds: 0.05 } };
    const file = configOf({ reportEverySeconds: 0.05, schedule, probes: { 'lan-reach': lan } }, dir);
    const lines: string[] = [];
    const ending = new AbortController();
    const running = agent(['run', '--config', file], {
      signal: ending.signal,
      stdout: (text) => lines.push(text),
      timings: { backoffMinMs: 5, backoffMaxMs: 20, pauseMs: 5, requestMs: 20_000 },
    });
    await until('first reports', () => old.stored.size >= 3);
    old.instead = () => refusal('agent-revoked', 'đã thu hồi,\nhãy ghi danh lại');
    await until('a pause', () => lines.length >= 3);
    const enrolled = await identityOf('agent-new', next.url);
    next.keys.set('agent-new', enrolled.publicKey);
    await saveIdentity(data, enrolled);
    await until('reports elsewhere', () => next.stored.size >= 2);
    ending.abort();
    await running;
    expect(lines).toEqual([
      `Tác tử agent-old (Trường 1) đang chạy, gửi về ${old.url}. Dừng: Ctrl+C\n`,
      expect.stringMatching(/^\d\d:\d\d Collector đã nhận bản tin đầu tiên\n$/),
      expect.stringMatching(/^\d\d:\d\d TẠM DỪNG GỬI.*agent-revoked: đã thu hồi, hãy ghi danh lại\n$/),
      expect.stringMatching(/^\d\d:\d\d Gửi lại được/),
    ]);
    expect([...next.stored.values()].every((report) => report.agent === 'agent-new')).toBe(true);
  });

  it('says in one line that its data directory cannot be used', async () => {
    const dir = scratch();
    writeFileSync(path.join(dir, 'data'), 'a file where a directory should be');
    const file = configOf({ probes: {} }, dir);
    const { code, stderr } = await agent([
      'enroll',
      '--config',
      file,
      '--code',
      'MA-GHI-DANH',
      '--collector',
      'http://127.0.0.1:9',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^agent: không dùng được [^\n]+data[^\n]+\n$/);
  });

  it('status lists what waits and what was refused, and changes nothing beside a running agent', async () => {
    const dir = scratch();
    const data = path.join(dir, 'data');
    await saveIdentity(data, await identityOf('agent-1', 'http://127.0.0.1:9'));
    const spool = await Spool.open(data);
    const [a, b] = [uuidv7(), uuidv7()];
    await spool.add(a, 'x');
    await spool.add(b, 'y');
    await spool.setAside(a, 'report-invalid', 'không đúng mẫu');
    writeFileSync(path.join(data, 'state.json'), '{"clockOffsetMs":1540}');
    const half = path.join(data, 'spool', 'pending', `${uuidv7()}.jws.1.tmp`);
    writeFileSync(half, 'being written');
    const { stdout } = await agent(['status', '--config', configOf({ probes: {} }, dir)]);
    expect(stdout).toContain('Đang chờ gửi: 1 bản tin, 0 kB');
    expect(stdout).toContain('Đồng hồ: chậm 1,5 giây so với collector');
    expect(stdout).toContain(`${a}  report-invalid: không đúng mẫu`);
    expect(existsSync(half)).toBe(true);
  });

  it('doctor tells what is wrong, and is content when nothing is', async () => {
    const dir = scratch();
    const bad = await agent([
      'doctor',
      '--config',
      configOf({ collector: 'http://127.0.0.1:9', probes: { camera: lan } }, dir),
    ]);
    expect(bad.code).toBe(1);
    for (const line of ['LỖI  identity: máy này chưa ghi danh', 'LỖI  collector: ', 'LỖI  camera: thiếu ffmpeg'])
      expect(bad.stdout).toContain(line);

    const collector = await FakeCollector.start();
    collector.instead = () => ({ status: 200, body: { status: 'ok' } });
    await saveIdentity(path.join(dir, 'data'), await identityOf('agent-1', collector.url));
    const file = configOf({ probes: { 'lan-reach': lan } }, dir);
    const good = await agent(['doctor', '--config', file]);
    expect(good).toMatchObject({ code: 0, stdout: expect.not.stringContaining('LỖI') });

    const host = configOf({ probes: { antivirus: {} } }, dir);
    const nameless = await agent(['doctor', '--config', host], { probes: [antivirus] });
    expect(nameless).toMatchObject({ code: 0, stdout: expect.stringMatching(/^CHÚ Ý {2}antivirus: .*"target"/m) });
    const named = configOf({ probes: { antivirus: { target: 'pc-1' } } }, dir);
    expect((await agent(['doctor', '--config', named], { probes: [antivirus] })).stdout).toContain('ĐẠT  antivirus');

    const secret = { targets: [{ id: 'a' }], password: 'bi-mat' };
    const schema = Type.Object({ targets: Type.Array(Type.Any()), password: Type.String() });
    const open = await agent(['doctor', '--config', configOf({ probes: { nvr: secret } }, dir)], {
      probes: [probeOf('nvr', { schema })],
    });
    expect(open.stdout).toMatch(/LỖI {2}config: .*chmod 600/);
    expect(open.stdout).not.toContain('bi-mat');
  });
});
