import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepFound } from '../../../agent/discovery/report-found.ts';
import { rowOf } from '../../../agent/local-page/rows.ts';
import { ownRange } from '../../../agent/local-page/search.ts';
import { main } from '../../../agent/main.ts';
import { camera } from '../../../agent/probes/camera/camera.ts';
import { lanReach } from '../../../agent/probes/lan-reach/lan-reach.ts';
import { ok } from '../../../agent/probes/probe.ts';
import type { Sample } from '../../../shared/wire/report.ts';
import { startCamera } from '../../school/camera.ts';
import { FakeCollector } from '../runtime/fake-collector.ts';
import { scratch, until, writeConfig } from '../runtime/helpers.ts';
import { probeOf } from '../runtime/probe-of.ts';
import { found } from './found.ts';
import { startSite, tabOf, written } from './running-site.ts';

/** The samples of a signed report. */
const samplesOf = (jws: string): Sample[] =>
  JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()).samples;
const told = (answer: { body: string }) => JSON.parse(answer.body);

describe('a running agent, worked from its page', () => {
  it('is enrolled there, and measures from then on', async () => {
    const collector = await FakeCollector.start();
    collector.instead = (url, body) => {
      if (!url.endsWith('/enrol')) return undefined;
      if (JSON.parse(body).code === 'HET-HAN-0000')
        return { status: 410, body: { error: { code: 'code-expired', message: 'Mã đã hết hạn: xin mã mới' } } };
      collector.keys.set('agent-9', JSON.parse(body).publicKey);
      const school = { id: 'th-9', name: 'Tiểu học 9' };
      return { status: 201, body: { agentId: 'agent-9', school, serverTime: new Date().toISOString() } };
    };
    const config = { collector: 'http://127.0.0.1:9', probes: { 'lan-reach': { targets: [{ id: 'pc' }] } } };
    const site = await startSite({ probes: [probeOf('lan-reach', { everySeconds: 0.2 })], config });
    const tab = await tabOf(site);
    expect(await tab.view()).toMatchObject({ phase: 'enrol', identity: null, collector: 'http://127.0.0.1:9' });
    expect((await tab.post('run', { probe: 'lan-reach' })).status).toBe(422);
    expect(told(await tab.post('enrol', { code: 'HET-HAN-0000', collector: collector.url })).error).toEqual({
      code: 'code-expired',
      message: 'Mã đã hết hạn: xin mã mới (code-expired)',
    });
    expect((await tab.post('enrol', { code: 'ABCD-EFGH', collector: 'ftp://x' })).status).toBe(422);
    expect(written(site).collector).toBe('http://127.0.0.1:9');
    const done = await tab.post('enrol', { code: 'ABCD-EFGH-JKMN', collector: `${collector.url}/` });
    expect([done.status, told(done)]).toEqual([200, { school: 'Tiểu học 9' }]);
    expect(written(site).collector).toBe(collector.url);
    const view = await until('an acknowledgement', async () => {
      const now = await tab.view();
      return now.lastAcknowledgement && now.probes[0]?.inOrder === 1 ? now : undefined;
    });
    expect(view).toMatchObject({
      phase: 'running',
      identity: { school: { name: 'Tiểu học 9' } },
      collector: collector.url,
    });
    expect([...collector.stored.values()].every(({ agent }) => agent === 'agent-9')).toBe(true);
  });

  it('measures now what a person asks for, not over itself, and sends it', async () => {
    const collector = await FakeCollector.start();
    let runs = 0;
    let free = Promise.withResolvers<void>();
    const heavy = probeOf('internet-speed', {
      heavy: true,
      everySeconds: 30,
      run: async () => {
        runs++;
        await free.promise;
        return ok({ lineMbps: 87.2, runs });
      },
    });
    const line = { targets: [{ id: 'internet' }] };
    const site = await startSite({ probes: [heavy], config: { probes: { 'internet-speed': line } }, collector });
    const tab = await tabOf(site);
    await until('the first run', () => runs === 1);
    expect(told(await tab.post('run', { probe: 'internet-speed' }))).toEqual({ started: 'running' });
    expect((await tab.view()).probes[0]?.activity).toMatchObject({ state: 'running', done: 0 });
    free.resolve();
    await until('its end', async () => (await tab.view()).probes[0]?.activity === null);
    free = Promise.withResolvers();
    expect(told(await tab.post('run', { probe: 'internet-speed' }))).toEqual({ started: 'started' });
    await until('the second run', () => runs === 2);
    free.resolve();
    const sent = () => [...collector.stored.values()].flatMap(({ samples }) => samples);
    await until('both samples at the collector', () => sent().length === 2);
    expect(told(await tab.post('run', { probe: 'none' }))).toEqual({ started: 'running' });
    const figures = (await tab.view()).probes[0]?.rows[0]?.figures;
    expect(figures).toEqual([{ name: 'downMbps', value: 87.2 }]);

    expect((await tab.post('pause', { minutes: 30 })).status).toBe(200);
    expect(told(await tab.post('run', { probe: 'internet-speed' }))).toEqual({ started: 'started' });
    await until('why not', async () => (await tab.view()).probes[0]?.lastEnd?.how === 'paused');
    expect(Date.parse((await tab.view()).heavyPausedUntil!)).toBeGreaterThan(Date.now() + 29 * 60_000);
    expect(told(await tab.post('resume'))).toEqual({ wasPaused: true });
    expect([(await tab.view()).heavyPausedUntil, runs]).toEqual([null, 2]);
  });

  it('takes a camera’s password, keeps it from everybody, and says at once what it opens', async () => {
    const collector = await FakeCollector.start();
    const simulated = await startCamera();
    onTestFinished(() => simulated.close());
    const target = { id: 'cam-cổng', address: '127.0.0.1', port: simulated.port };
    const site = await startSite({
      probes: [camera],
      config: { schedule: { camera: { everySeconds: 0.5 } }, probes: { camera: { targets: [target], gapMs: 100 } } },
      collector,
    });
    const tab = await tabOf(site);
    await until('running', async () => (await tab.view()).phase === 'running');
    const save = (password: string) =>
      tab.post('camera-password', { id: 'cam-cổng', username: simulated.username, password });
    expect((await save('sai-mat-khau')).status).toBe(200);
    expect(told(await tab.post('camera-try', { id: 'cam-cổng' }))).toMatchObject({ ok: false, state: 'auth' });
    expect((await save(simulated.password)).status).toBe(200);
    expect(told(await tab.post('camera-try', { id: 'cam-cổng' }))).toMatchObject({ ok: true, state: 'live' });
    expect(written(site).probes.camera.targets[0]).toEqual({
      ...target,
      username: simulated.username,
      password: simulated.password,
    });
    for (const file of [site.file, `${site.file}.bak`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    // The schedule has taken it over as well.
    await until('live by schedule', async () => (await tab.view()).cameras[0]?.row?.state === 'live');
    expect((await tab.view()).cameras[0]).toMatchObject({ hasPassword: true, username: simulated.username });
    for (const hidden of [JSON.stringify(await tab.view()), site.said(), ...collector.received.map(({ body }) => body)])
      expect(hidden).not.toContain(simulated.password);
    expect((await tab.post('camera-password', { id: 'none', username: 'a', password: 'b' })).status).toBe(404);
    expect((await tab.post('camera-password', { id: 'cam-cổng', username: 'a', password: '' })).status).toBe(400);
  });

  it('measures by a changed file without losing a sample, and by the old one when the new is no good', async () => {
    const collector = await FakeCollector.start();
    const seen: string[] = [];
    const counting = probeOf('lan-reach', {
      everySeconds: 0.02,
      run: async ({ id }) => {
        seen.push(id);
        return ok({ count: seen.length });
      },
    });
    const config = { probes: { 'lan-reach': { targets: [{ id: 'a' }] } } };
    const site = await startSite({ probes: [counting], config, collector });
    const tab = await tabOf(site);
    await until('some samples', () => seen.length > 3);
    const file = written(site);
    writeFileSync(site.file, '{"probes": {"camra": {}}}');
    expect(told(await tab.post('reload')).error.message).toContain('/probes/camra');
    writeFileSync(site.file, JSON.stringify({ ...file, dataDir: 'other' }));
    expect(told(await tab.post('reload')).error.message).toContain('khởi động lại');
    writeFileSync(site.file, JSON.stringify({ ...file, probes: { 'lan-reach': { targets: [{ id: 'b' }] } } }));
    expect((await tab.post('reload')).status).toBe(200);
    await until('the new target', () => seen.includes('b'));
    expect((await tab.view()).probes[0]?.rows.map(({ target }) => target)).toEqual(['b']);
    expect(await site.stop()).toBe(0);
    // Sent, or still in the spool: together all that was measured.
    const stored = [...collector.stored.values()].flatMap(({ samples }) => samples);
    const spool = path.join(site.dir, 'data/spool/pending');
    const waiting = readdirSync(spool).flatMap((name) => samplesOf(readFileSync(path.join(spool, name), 'utf8')));
    const counts = [...stored, ...waiting].map(({ values }) => Number(values.count));
    expect(new Set(counts)).toEqual(new Set(seen.map((_, index) => index + 1)));
  });

  it('adopts what was found, by a person’s tick alone', async () => {
    const collector = await FakeCollector.start();
    const targets = [{ id: 'pc-known', address: '127.0.0.1' }];
    const site = await startSite({ probes: [lanReach], config: { probes: { 'lan-reach': { targets } } }, collector });
    const tab = await tabOf(site);
    await keepFound(path.join(site.dir, 'data'), new Date(), [
      found({ proposedId: 'pc-known' }),
      found({ proposedId: 'pc-new', address: '127.0.0.2' }),
      found({ proposedId: 'phone', address: '127.0.0.3' }),
    ]);
    const devices = (await tab.view()).found?.devices;
    expect(devices?.map(({ proposedId, known }) => [proposedId, known])).toEqual([
      ['pc-known', true],
      ['pc-new', false],
      ['phone', false],
    ]);
    expect(told(await tab.post('adopt', { ids: ['pc-new', 'pc-known', 'elsewhere'] }))).toEqual({ added: 1, left: 0 });
    expect(written(site).probes['lan-reach'].targets.map(({ id }: { id: string }) => id)).toEqual([
      'pc-known',
      'pc-new',
    ]);
    expect((await tab.post('adopt', { ids: ['pc-new'] })).status).toBe(422);
    expect((await tab.view()).found?.devices.filter(({ known }) => known)).toHaveLength(2);
  });

  it.each(['8.8.8.0/24', '10.0.0.0/8', '--json; reboot', '', '192.168.1.9-192.168.1.1'])(
    'sweeps no %s',
    async (range) => {
      const site = await startSite({ probes: [], config: { probes: {} } });
      const tab = await tabOf(site);
      const answer = await tab.post('discover', { range });
      expect([answer.status, told(answer).error.code]).toEqual([422, 'range']);
      expect((await tab.view()).search).toBeNull();
    },
  );

  it('sweeps loopback in a process of its own, shows how far it is, and stops when told to', async () => {
    const site = await startSite({ probes: [], config: { probes: {} } });
    const tab = await tabOf(site);
    expect(told(await tab.post('discover', { range: '127.0.0.2-127.0.0.3' }))).toEqual({ started: true });
    expect(told(await tab.post('discover', { range: '127.0.0.2-127.0.0.3' }))).toEqual({ started: false });
    await until('progress', async () => ((await tab.view()).search?.done ?? 0) > 0);
    expect((await tab.post('discover-stop')).status).toBe(200);
    expect((await tab.view()).search?.state).toMatch(/^(stopped|done)$/);
  });

  it('is examined, and says what to do in one line each', async () => {
    const site = await startSite({
      probes: [camera],
      config: { probes: { camera: { targets: [{ id: 'c', address: '127.0.0.1', password: 'doi-mat-khau' }] } } },
    });
    const tab = await tabOf(site);
    await tab.post('doctor');
    const { checks } = await until('the end', async () => {
      const { doctor } = await tab.view();
      return doctor.at === null ? undefined : doctor;
    });
    const problems = Object.fromEntries<string[] | undefined>(checks.map((check) => [check.name, check.problems]));
    expect(problems.identity).toEqual([expect.stringContaining('chưa ghi danh: xin mã')]);
    expect(problems.config).toContainEqual(
      '/probes/camera/targets/0/password còn mật khẩu của tệp mẫu: nhập mật khẩu thật trên trang của tác tử (lệnh open)',
    );
  });
});

describe('a page that cannot be', () => {
  it('costs no measurement when its port is taken, and doctor names the port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    const file = writeConfig(scratch(), { log: 'silent', localPage: { port }, probes: {} });
    const ending = new AbortController();
    let said = '';
    const around = quiet((text) => {
      said += text;
    });
    const running = main(['run', '--config', file], { ...around, signal: ending.signal });
    await until('both lines', () => said.includes('chưa ghi danh'));
    expect(said).toContain(`Không mở được trang của tác tử ở cổng ${port} (chương trình khác đang dùng cổng này)`);
    said = '';
    await main(['doctor', '--config', file, '--json'], around);
    const checks = JSON.parse(said) as { name: string; problems: string[] }[];
    expect(checks.find(({ name }) => name === 'local-page')?.problems).toEqual([
      expect.stringContaining(`cổng ${port} của trang trên máy không dùng được (EADDRINUSE)`),
    ]);
    ending.abort();
    expect(await running).toBe(0);
  });
});

it('a row keeps what a person asks of a sample, and no more', () => {
  const sample = { probe: 'antivirus', target: 'pc', at: '2026-11-24T04:00:00.000Z', ok: true, reason: null };
  const products = [{ name: 'A', on: true }, { name: 'B', on: false }, 7];
  expect(rowOf({ ...sample, values: { products, secret: 'x' } }).figures).toEqual([
    { name: 'products', value: 'A, B (tắt)' },
  ]);
  expect(rowOf({ ...sample, values: { products: 'x'.repeat(9999) } }).figures[0]?.value).toHaveLength(200);
});

it('the range of a form is this machine’s own network, a part of a large one, and never a public one', () => {
  const own = (cidr: string, internal = false) => ({
    e: [{ address: cidr.split('/')[0]!, cidr, internal, family: 'IPv4' as const, netmask: '', mac: '' }],
  });
  expect(ownRange(own('192.168.1.37/24'))).toBe('192.168.1.0/24');
  expect(ownRange(own('10.20.30.40/8'))).toBe('10.20.30.0/24');
  expect(ownRange(own('203.0.113.7/24'))).toBe('');
  expect(ownRange(own('127.0.0.1/8', true))).toBe('');
});

function quiet(tell: (text: string) => unknown) {
  return {
    probes: [],
    stdout: (text: string) => void tell(text),
    stderr: (text: string) => void tell(text),
    signal: new AbortController().signal,
  };
}
