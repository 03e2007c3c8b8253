import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HOSTILITIES, type HostileCamera, type Hostility, startHostileCamera } from '../../school/hostile-camera.ts';
import { Listener } from '../../school/listen.ts';
import { measure } from './measure.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
async function hostile(how: Hostility, trap?: string): Promise<HostileCamera> {
  const one = await startHostileCamera(how, trap);
  open.push(one);
  return one;
}
/** Another host on loopback that counts who comes. */
async function trap() {
  const caught = { connections: 0, url: '' };
  const server = createServer((socket) => {
    caught.connections++;
    socket.destroy();
  });
  const listener = await new Listener(server).open(process.platform === 'darwin' ? '127.0.0.1' : '127.0.0.9');
  open.push(listener);
  caught.url = `http://${listener.address}:${listener.port}`;
  return caught;
}

/** What each hostility must be reported as; `frozen` where the attack comes to nothing and its one picture is read. */
const EXPECTED: Record<Hostility, { state: string; reason?: string }> = {
  drip: { state: 'onvif-down', reason: 'timeout' },
  'drip-head': { state: 'onvif-down', reason: 'timeout' },
  endless: { state: 'onvif-down', reason: 'too-large' },
  'broken-xml': { state: 'onvif-down', reason: 'malformed' },
  entities: { state: 'onvif-down', reason: 'malformed' },
  'deep-xml': { state: 'onvif-down', reason: 'too-large' },
  html: { state: 'onvif-down', reason: 'malformed' },
  'not-http': { state: 'onvif-down', reason: 'malformed' },
  'always-401': { state: 'auth', reason: 'auth' },
  foreign: { state: 'frozen' },
  'no-profile-token': { state: 'no-stream', reason: 'not-live' },
  echo: { state: 'frozen' },
  'drip-snapshot': { state: 'no-stream', reason: 'timeout' },
  'endless-snapshot': { state: 'no-stream', reason: 'too-large' },
  'giant-snapshot': { state: 'no-stream', reason: 'too-large' },
  'cut-snapshot': { state: 'no-stream', reason: 'malformed' },
  'text-snapshot': { state: 'no-stream', reason: 'malformed' },
  'redirect-snapshot': { state: 'no-stream', reason: 'malformed' },
  'loop-snapshot': { state: 'no-stream', reason: 'malformed' },
};
const login = { username: 'admin', password: 'rat-bi-mat-5917' };

describe('a hostile camera ends in a failed sample, soon, and takes nothing down', () => {
  it.each(HOSTILITIES)('%s', async (how) => {
    const other = await trap();
    const { address, port } = await hostile(how, other.url);
    const heapBefore = process.memoryUsage().rss;
    const { outcome, log, tookMs } = await measure({ address, port, ...login }, { answerMs: 700 });
    expect(outcome).toMatchObject({ ok: false, values: { state: EXPECTED[how].state } });
    if (EXPECTED[how].reason) expect(outcome).toMatchObject({ reason: EXPECTED[how].reason });
    expect(tookMs).toBeLessThan(8000);
    expect(process.memoryUsage().rss - heapBefore).toBeLessThan(100 * 1024 * 1024);
    expect(other.connections).toBe(0);
    expect(JSON.stringify([outcome.values, log])).not.toMatch(/rat-bi-mat|secret/);
  });

  it('ends soon after the runner gives up', async () => {
    const { address, port } = await hostile('drip');
    const stop = new AbortController();
    const running = measure({ address, port }, { answerMs: 10_000, signal: stop.signal });
    await expect.poll(() => open.some((one) => 'asked' in one && one.asked === 1)).toBe(true);
    const abortedAt = performance.now();
    stop.abort();
    expect((await running).outcome).toMatchObject({ ok: false, reason: 'timeout' });
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  it('is done at once when the runner has given up before', async () => {
    const { address, port } = await hostile('drip');
    const { tookMs } = await measure({ address, port }, { signal: AbortSignal.abort() });
    expect(tookMs).toBeLessThan(1000);
  });
});
