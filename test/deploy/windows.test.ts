import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageWindows } from '../../deploy/package/windows.ts';
import { type Running, startRunning } from '../collector/running.ts';
import { canWine, NODE_FOR_WINE, startWine, type Wine } from './wine.ts';

const SERVICE = 'HKLM\\System\\CurrentControlSet\\Services\\THDTAgent';
const UNINSTALL = 'HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\THDTAgent';

/** Asks until the answer is one, or it has taken too long. */
async function until<T>(what: string, ask: () => T | undefined | null | false | Promise<T | undefined | null | false>): Promise<T> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await delay(200);
  }
  throw new Error(`never came: ${what}`);
}

describe.skipIf(!canWine)('the Windows installer (nsis, wine64)', () => {
  let folder: string;
  let wine: Wine;
  let collector: Running;
  let code: string;
  const program = () => path.join(wine.c, 'Program Files/THDT');
  const data = () => path.join(wine.c, 'ProgramData/THDT');
  const installLog = async () => (await readFile(path.join(data(), 'install.log'))).toString('utf16le').trim().split('\r\n');

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'thdt-windows-'));
    const [{ file }] = await Promise.all([
      packageWindows(folder, { nodeVersion: NODE_FOR_WINE, fast: true }),
      startWine().then((started) => {
        wine = started;
      }),
    ]);
    await import('node:fs/promises').then(({ copyFile }) => copyFile(file, path.join(wine.c, 'setup.exe')));
    collector = await startRunning();
  });
  afterAll(async () => {
    await wine?.end();
    await collector?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses a code that is none, in its log, and leaves no service', async () => {
    const { code: ended } = await wine.run('C:\\setup.exe', '/S', '/CODE=abc', '/COLLECTOR=http://127.0.0.1:1');
    expect(ended).toBe(2);
    expect(await installLog()).toEqual([expect.stringContaining('ghi cấu hình')]);
    expect(await wine.hasKey(SERVICE)).toBe(false);
  });
});
