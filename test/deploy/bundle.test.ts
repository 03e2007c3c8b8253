import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleAgent } from '../../deploy/package/bundle.ts';
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

  const once = async (probes: unknown) => {
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
    const samples = await once({ antivirus: {}, 'lan-reach': { targets: [{ id: 'self', address: '127.0.0.1' }] } });
    expect(samples.map(({ probe, reason }) => [probe, reason])).toEqual([
      ['lan-reach', null],
      ['antivirus', null],
    ]);
  });

  it('runs its contained child: a camera is live', async () => {
    const camera = await startCamera();
    try {
      const [sample] = await once({
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

  it('finds vendors of MAC addresses by the list it carries', async () => {
    const code = `import('node:module').then(({ createRequire }) => {
      const { getVendor } = createRequire(${JSON.stringify(path.join(app, 'main.mjs'))})('mac-oui-lookup');
      console.log(getVendor('00:1B:A9:00:00:01'));
    })`;
    expect((await run(process.execPath, ['-e', code], { cwd: folder })).stdout).toMatch(/brother/i);
  });
});
