import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageWindows } from '../../deploy/package/windows.ts';
import { until } from '../agent/runtime/helpers.ts';
import { type Running, startRunning } from '../collector/running.ts';
import { canWine, NODE_FOR_WINE, startWine, type Wine } from './wine.ts';

const SERVICE = 'HKLM\\System\\CurrentControlSet\\Services\\THDTAgent';
const UNINSTALL = 'HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\THDTAgent';
const WAIT_MS = 90_000;

describe.skipIf(!canWine)('the Windows installer (nsis, wine64)', () => {
  let folder: string;
  let wine: Wine;
  let collector: Running;
  let code: string;
  const program = () => path.join(wine.c, 'Program Files/THDT');
  const data = () => path.join(wine.c, 'ProgramData/THDT');
  const installLog = async () =>
    (await readFile(path.join(data(), 'install.log'))).toString('utf16le').trim().split('\r\n');
  const agents = () =>
    collector.store.selectFrom('agent').select(['id', 'kind', 'status', 'last_report_at', 'machine_id']).execute();
  const reported = (after: number) =>
    until(
      'a report',
      async () => (await agents()).find(({ last_report_at: at }) => at !== null && at > after),
      WAIT_MS,
    );

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'thdt-windows-'));
    const [{ file }] = await Promise.all([
      packageWindows(folder, { nodeVersion: NODE_FOR_WINE, fast: true }),
      startWine().then((started) => {
        wine = started;
      }),
    ]);
    await copyFile(file, path.join(wine.c, 'setup.exe'));
    collector = await startRunning();
    const unit = await collector.admin<{ id: string }>('POST', '/units', { name: 'Quận', parentId: null });
    const school = await collector.admin<{ id: string }>('POST', '/schools', {
      unitId: unit.id,
      code: 'T1',
      name: 'Trường',
      levels: ['primary'],
    });
    const wanted = { maxMachines: 5, days: 1 };
    const made = await collector.admin<{ code: string }>('POST', `/schools/${school.id}/endpoint-codes`, wanted);
    code = made.code;
  });
  afterAll(async () => {
    await wine?.end();
    await collector?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes over nothing from a folder of data that no installation made, and makes its own for administrators', async () => {
    await mkdir(path.join(data(), 'versions'), { recursive: true });
    await writeFile(path.join(data(), 'agent.json'), '{"role":"site","collector":"http://10.6.6.6"}');
    expect((await wine.run('C:\\setup.exe', '/S')).code).toBe(2);
    expect(await readdir(data())).toEqual(expect.not.arrayContaining(['agent.json', 'versions']));
    // As far as wine tells: nothing for others.
    expect((await stat(data())).mode & 0o007).toBe(0);
    const [aside] = (await readdir(path.dirname(data()))).filter((name) => name.startsWith('THDT-'));
    expect(await readdir(path.join(path.dirname(data()), aside!))).toEqual(['agent.json', 'versions']);
    await rm(data(), { recursive: true });
  });

  it('refuses a code that is none, in its log, and leaves no service', async () => {
    const { code: ended } = await wine.run('C:\\setup.exe', '/S', '/CODE=abc', '/COLLECTOR=http://127.0.0.1:1');
    expect(ended).toBe(2);
    expect(await installLog()).toEqual([expect.stringContaining('ghi cấu hình')]);
    expect(await wine.hasKey(SERVICE)).toBe(false);
  });

  it('installs silently: files, settings, and a service under its own account that starts at boot', async () => {
    const ended = await wine.run('C:\\setup.exe', '/S', `/CODE=${code}`, `/COLLECTOR=${collector.base}`);
    expect({ ...ended, log: (await installLog()).at(-1) }).toMatchObject({
      code: 0,
      log: expect.stringContaining('đã cài'),
    });
    expect(await readdir(program())).toEqual(
      expect.arrayContaining(['app', 'launcher.mjs', 'node.exe', 'nssm.exe', 'uninstall.exe']),
    );
    expect(JSON.parse(await readFile(path.join(data(), 'agent.json'), 'utf8'))).toMatchObject({
      role: 'endpoint',
      collector: collector.base,
      code,
    });
    expect({
      account: await wine.registry(SERVICE, 'ObjectName'),
      start: await wine.registry(SERVICE, 'Start'),
      program: await wine.registry(`${SERVICE}\\Parameters`, 'Application'),
      arguments: await wine.registry(`${SERVICE}\\Parameters`, 'AppParameters'),
      rotate: await wine.registry(`${SERVICE}\\Parameters`, 'AppRotateBytes'),
      version: await wine.registry(UNINSTALL, 'DisplayVersion'),
    }).toEqual({
      account: 'NT SERVICE\\THDTAgent',
      start: '0x2',
      program: 'C:\\Program Files\\THDT\\node.exe',
      arguments:
        '"C:\\Program Files\\THDT\\launcher.mjs" --versions "C:\\ProgramData\\THDT\\versions" run --config "C:\\ProgramData\\THDT\\agent.json"',
      rotate: '0x500000',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  it('runs: the PC enrols by itself and its first signed report comes', async () => {
    expect(await reported(0)).toMatchObject({ kind: 'endpoint', status: 'active' });
    // Wine's PowerShell says nothing and ends well, which must not read as a PC without antivirus.
    const sample = await collector.store
      .selectFrom('sample')
      .select(['ok', 'reason'])
      .where('probe', '=', 'antivirus')
      .executeTakeFirstOrThrow();
    expect(sample.ok).toBe(0);
  });

  it('is installed over itself: identity and settings stay, and it reports on', async () => {
    const before = await agents();
    const { code: ended } = await wine.run('C:\\setup.exe', '/S');
    const at = Date.now();
    expect({ code: ended, log: (await installLog()).at(-1) }).toMatchObject({
      code: 0,
      log: expect.stringContaining('đã cài'),
    });
    const again = await reported(at);
    expect(again.id).toBe(before[0]!.id);
    expect(await agents()).toHaveLength(1);
  });

  it('uninstalls silently and leaves nothing', async () => {
    await wine.run('C:\\Program Files\\THDT\\uninstall.exe', '/S');
    // The uninstaller goes on by a copy of itself.
    await until(
      'all gone',
      async () =>
        (await readdir(program()).catch(() => null)) === null && (await readdir(data()).catch(() => null)) === null,
      WAIT_MS,
    );
    expect(await wine.hasKey(SERVICE)).toBe(false);
    expect(await wine.hasKey(UNINSTALL)).toBe(false);
  });
});
