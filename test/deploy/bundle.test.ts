import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOpening } from '../../agent/local-page/access.ts';
import { bundleAgent } from '../../deploy/package/bundle.ts';
import { Tab } from '../agent/local-page/running-site.ts';
import { until } from '../agent/runtime/helpers.ts';
import { startCamera } from '../school/camera.ts';

const run = promisify(execFile);

describe('the bundle of the agent', () => {
  let folder: string;
  let app: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'thdt-bundle-'));
    app = await bundleAgent(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const measured = async (probes: unknown) => {
    const file = path.join(folder, 'agent.json');
    await writeFile(file, JSON.stringify({ probes }));
    // Elsewhere than the project, so that nothing is found in its node_modules.
    const { stdout } = await run(process.execPath, [path.join(app, 'main.mjs'), 'once', '--config', file], {
      cwd: folder,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { probe: string; ok: boolean; reason: string | null });
  };

  it('measures outside the project with nothing installed', async () => {
    const samples = await measured({ antivirus: {}, 'lan-reach': { targets: [{ id: 'self', address: '127.0.0.1' }] } });
    expect(samples.map(({ probe, reason }) => [probe, reason])).toEqual([
      ['lan-reach', null],
      ['antivirus', null],
    ]);
  });

  it('runs its contained child: a camera is live', async () => {
    const camera = await startCamera();
    try {
      const [sample] = await measured({
        camera: {
          targets: [
            {
              id: 'cam',
              address: '127.0.0.1',
              port: camera.port,
              username: camera.username,
              password: camera.password,
            },
          ],
          gapMs: 100,
        },
      });
      expect(sample).toMatchObject({ probe: 'camera', ok: true, reason: null });
    } finally {
      await camera.close();
    }
  });

  it('opens the local page, which has all its files, and finds devices by its child', async () => {
    const data = path.join(folder, 'page-data');
    const file = path.join(folder, 'page.json');
    await writeFile(file, JSON.stringify({ dataDir: data, log: 'silent', localPage: { port: 0 }, probes: {} }));
    const agent = spawn(process.execPath, [path.join(app, 'main.mjs'), 'run', '--config', file], { stdio: 'ignore' });
    try {
      const { port, token } = await until('the page', () => readOpening(data));
      const page = await (await fetch(`http://127.0.0.1:${port}/page.js`)).text();
      for (const [, name] of page.matchAll(/from '\.\/([\w-]+\.js)'/g))
        expect((await fetch(`http://127.0.0.1:${port}/${name}`)).status).toBe(200);
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
      const tab = new Tab(port);
      await tab.enter(token);
      await tab.post('discover', { range: '127.0.0.2-127.0.0.2' });
      const state = () => tab.view().then(({ search }) => (search?.state === 'running' ? undefined : search?.state));
      expect(await until('the search', state)).toBe('done');
    } finally {
      agent.kill();
      await once(agent, 'exit');
    }
  });

  it('finds vendors of MAC addresses by the list it carries', async () => {
    const code = `import('node:module').then(({ createRequire }) => {
      const { getVendor } = createRequire(${JSON.stringify(path.join(app, 'main.mjs'))})('mac-oui-lookup');
      console.log(getVendor('00:1B:A9:00:00:01'));
    })`;
    expect((await run(process.execPath, ['-e', code], { cwd: folder })).stdout).toMatch(/brother/i);
  });
});
