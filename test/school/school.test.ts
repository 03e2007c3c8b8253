import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startLine } from './line.ts';
import type { Device } from './school.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** The school as `npm start` runs it: a process of its own. */
async function schoolProcess() {
  const script = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  stops.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, exited, ready: JSON.parse(line) as { ready: true; control: string; devices: Device[] } };
}

describe('the practice school', () => {
  it('says where its devices are, all on loopback, and ends when its parent goes', async () => {
    const { child, exited, ready } = await schoolProcess();
    const count = (kind: string) => ready.devices.filter((device) => device.kind === kind).length;
    expect(ready.ready).toBe(true);
    expect(['pc', 'printer', 'camera', 'access-point', 'line'].map(count)).toEqual([6, 1, 3, 1, 1]);
    for (const device of ready.devices) expect(device.address).toMatch(/^127\./);
    child.stdin.end();
    expect((await exited)[0]).toBe(0);
  });

  it('lets a person repair a camera, and no web page do so', async () => {
    const { ready } = await schoolProcess();
    const post = (body: string, type = 'application/json', id = 'cam-frozen') =>
      fetch(`${ready.control}/devices/${id}`, { method: 'POST', body, headers: { 'content-type': type } });
    expect(await (await post('{"mode":"live"}')).json()).toMatchObject({ id: 'cam-frozen', mode: 'live' });
    const devices = (await (await fetch(`${ready.control}/devices`)).json()) as Device[];
    expect(devices.find(({ id }) => id === 'cam-frozen')?.mode).toBe('live');
    expect((await post('{"mode":"live"}', 'text/plain')).status).toBe(415);
    expect((await post('{"mode":"flying"}')).status).toBe(400);
    expect((await post('no json')).status).toBe(400);
    expect((await post('{"mode":"live"}', 'application/json', 'nothing')).status).toBe(400);
    expect((await post('{"mode":"40mbps"}', 'application/json', 'internet')).status).toBe(200);
  });
});

describe('the simulated line', () => {
  it('gives the rate that is set, to all downloads together', async () => {
    const line = await startLine(80);
    stops.push(() => line.close());
    const bytes = 2_500_000;
    const startedAt = performance.now();
    const sizes = await Promise.all(
      [1, 2].map(async () => (await (await fetch(`http://${line.address}:${line.port}/bytes/${bytes}`)).blob()).size),
    );
    const mbps = (2 * bytes * 8) / 1000 / (performance.now() - startedAt);
    expect(sizes).toEqual([bytes, bytes]);
    expect(mbps).toBeLessThan(84);
    expect(mbps).toBeGreaterThan(40); // a busy machine may give less, never more
  });

  it('refuses more than 1 GiB', async () => {
    const line = await startLine(80);
    stops.push(() => line.close());
    expect((await fetch(`http://${line.address}:${line.port}/bytes/${2 ** 30 + 1}`)).status).toBe(404);
  });
});
