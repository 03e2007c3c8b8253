import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type CameraOptions, type SimulatedCamera, startCamera } from '../../school/camera.ts';
import { Listener } from '../../school/listen.ts';
import { measure } from './measure.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
async function cameraWith(options: CameraOptions = {}): Promise<SimulatedCamera> {
  const one = await startCamera(options);
  open.push(one);
  return one;
}

describe('each state of a camera is seen for what it is', () => {
  it('live: a moving scene, one run alone', async () => {
    const { outcome } = await measure(await cameraWith());
    expect(outcome).toMatchObject({
      ok: true,
      values: {
        state: 'live',
        manufacturer: 'Mo Phong',
        model: 'MP-320',
        firmware: '1.4.2',
        streamUri: 'rtsp://127.0.0.1:554/stream1',
        widthPx: 320,
        heightPx: 240,
        unchangedS: 0,
      },
    });
    expect(outcome.values.changedCells).toBeGreaterThan(0.9);
    expect(outcome.values.snapshotBytes).toBeGreaterThan(3000);
  });

  it('frozen: ONVIF in order, the same picture, one run alone; and how long, over two', async () => {
    const device = await cameraWith({ mode: 'frozen' });
    const first = await measure(device);
    expect(first.outcome).toMatchObject({
      ok: false,
      reason: 'not-live',
      values: { state: 'frozen', changedCells: 0 },
    });
    const known = first.memory.get('pictures') as { unchangedSince: number };
    known.unchangedSince -= 600_000;
    const second = await measure(device, { memory: first.memory });
    expect(second.outcome.values.unchangedS).toBeGreaterThanOrEqual(600);
  });

  it('dark: a covered lens', async () => {
    const { outcome } = await measure(await cameraWith({ mode: 'dark' }));
    expect(outcome).toMatchObject({ ok: false, reason: 'not-live', values: { state: 'dark' } });
  });

  it('auth, and why: a user name that Digest cannot say to this camera', async () => {
    const device = await cameraWith({ username: 'quản trị' });
    const { outcome } = await measure(device);
    expect(outcome).toMatchObject({ ok: false, reason: 'auth', values: { state: 'auth', model: 'MP-320' } });
    expect(outcome.values.message).toContain('không dấu');
    const basic = await measure(await cameraWith({ username: 'quản trị', snapshotAuth: 'basic' }));
    expect(basic.outcome).toMatchObject({ ok: true, values: { state: 'live' } });
  });

  it('no-stream: ONVIF answers and has no profile', async () => {
    const { outcome } = await measure(await cameraWith({ mode: 'no-stream' }));
    expect(outcome).toMatchObject({ ok: false, reason: 'not-live', values: { state: 'no-stream', model: 'MP-320' } });
  });

  it('auth: credentials refused, and none given', async () => {
    const device = await cameraWith();
    const { address, port, username } = device;
    for (const login of [{ username, password: 'wrong' }, {}]) {
      const { outcome } = await measure({ address, port, ...login });
      expect(outcome).toMatchObject({ ok: false, reason: 'auth', values: { state: 'auth' } });
    }
  });

  it('onvif-down: the port refuses, or a web page answers there', async () => {
    const refusing = await cameraWith({ mode: 'refusing' });
    expect((await measure(refusing)).outcome).toMatchObject({
      ok: false,
      reason: 'refused',
      values: { state: 'onvif-down' },
    });
    const page = await new Listener(createServer((_, response) => response.writeHead(404).end('no'))).open();
    open.push(page);
    expect((await measure(page)).outcome).toMatchObject({
      ok: false,
      reason: 'refused',
      values: { state: 'onvif-down' },
    });
  });

  it('unreachable: connected and never answered', async () => {
    const { outcome, tookMs } = await measure(await cameraWith({ mode: 'dead' }), { answerMs: 500 });
    expect(outcome).toMatchObject({ ok: false, reason: 'timeout', values: { state: 'unreachable' } });
    expect(tookMs).toBeLessThan(5000);
  });

  it('changes with the camera: frozen, repaired, live', async () => {
    const device = await cameraWith({ mode: 'frozen' });
    const { memory, outcome } = await measure(device);
    expect(outcome.values.state).toBe('frozen');
    await device.set('live');
    expect((await measure(device, { memory })).outcome.values.state).toBe('live');
  });
});

describe('truths of the field', () => {
  it('a camera whose clock is years off still takes the password', async () => {
    const { outcome } = await measure(await cameraWith({ clockOffsetS: -3 * 365 * 86_400 }));
    expect(outcome.values.state).toBe('live');
    expect(outcome.values.clockOffsetS).toBeCloseTo(-3 * 365 * 86_400, -1);
  });

  it.each(['MD5', 'SHA-256', 'basic'] as const)('a snapshot behind %s', async (snapshotAuth) => {
    expect((await measure(await cameraWith({ snapshotAuth }))).outcome.values.state).toBe('live');
  });

  it('user and password with characters of XML, quotes and letters outside ASCII', async () => {
    const options = { username: `cô&"<giáo>'`, password: 'mật<khẩu>&"tốt\\:', snapshotAuth: 'MD5' } as const;
    expect((await measure(await cameraWith(options))).outcome.values.state).toBe('live');
  });

  it('a camera that names an address it does not have is asked at its own', async () => {
    const { outcome } = await measure(await cameraWith({ announcedHost: '192.0.2.64' }));
    expect(outcome.values).toMatchObject({
      state: 'live',
      announcedHost: '192.0.2.64',
      streamUri: 'rtsp://127.0.0.1:554/stream1',
    });
  });

  it('a camera that serves each snapshot twice is not taken for frozen', async () => {
    expect((await measure(await cameraWith({ snapshotRepeats: 2 }))).outcome.values.state).toBe('live');
  });
});

describe('the password', () => {
  it.runIf(process.platform === 'linux')('stands in no argument, environment, log or value', async () => {
    const password = 'rat-bi-mat-5917';
    const device = await cameraWith({ mode: 'dead', username: 'giamsat', password });
    const { address, port } = device;
    const running = measure({ address, port, username: 'giamsat', password }, { answerMs: 500 });
    let seen = 0;
    let ended = false;
    void running.finally(() => {
      ended = true;
    });
    while (!ended) {
      for (const text of childrensArguments()) {
        seen++;
        expect(text).not.toContain(password);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { outcome, log } = await running;
    expect(seen).toBeGreaterThan(0);
    expect(JSON.stringify([outcome, log])).not.toContain(password);
  });
});

/** Arguments and environment of this process's children that run the camera's script. */
function childrensArguments(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        if (!line.includes('onvif-child.ts')) return [];
        return [line + readFileSync(`/proc/${pid}/environ`, 'utf8')];
      } catch {
        return [];
      }
    });
}
