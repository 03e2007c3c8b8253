import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../agent/config.ts';
import { pruneLogs } from '../../agent/old-logs.ts';
import { probes } from '../../agent/probes/registry.ts';
import { SetupError, setUp } from '../../agent/setup.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'thdt-setup-'));
  file = path.join(folder, 'THDT', 'agent.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const written = async () => JSON.parse(await readFile(file, 'utf8'));

const FIRST = { role: 'endpoint', collector: 'http://may-chu:8265', code: 'ABCD-EFGH-JKMN' };

describe('setup', () => {
  it.each(['site', 'endpoint'])(
    'makes a configuration of a %s that the agent takes, for its owner only',
    async (role) => {
      await setUp(file, { ...FIRST, role });
      const config = loadConfig(file, probes);
      expect(config).toMatchObject({ collector: 'http://may-chu:8265', dataDir: path.join(folder, 'THDT', 'data') });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await written()).toMatchObject({ role, code: 'ABCD-EFGH-JKMN' });
    },
  );

  it('keeps what a person wrote when it runs again, and changes what is given', async () => {
    await setUp(file, { ...FIRST, role: 'site' });
    const before = await written();
    before.probes.camera.targets = [{ id: 'cam', address: '192.0.2.1', username: 'u', password: 'p' }];
    await writeFile(file, `\uFEFF${JSON.stringify(before)}`);
    await setUp(file, { role: '', collector: '', code: 'ZZZZ-YYYY-XXXX' });
    expect(await written()).toEqual({ ...before, code: 'ZZZZ-YYYY-XXXX' });
  });

  it('takes the key of releases that the package carries, and another one of a later package', async () => {
    const key = (x: string) => ({ kty: 'OKP', crv: 'Ed25519', x });
    const carried = path.join(folder, 'release-key.json');
    for (const x of ['A'.repeat(43), 'B'.repeat(43)]) {
      await writeFile(carried, JSON.stringify(key(x)));
      await setUp(file, FIRST, carried);
      expect(loadConfig(file, probes).releaseKey).toEqual(key(x));
    }
  });

  it('takes a bare name for an address, and a code with the spaces of copying', async () => {
    await setUp(file, { ...FIRST, collector: ' may-chu:8265/ ', code: ' ABCD-EFGH-\nJKMN ' });
    expect(await written()).toMatchObject({ collector: 'http://may-chu:8265', code: 'ABCD-EFGH-JKMN' });
  });

  it.each([
    [{ ...FIRST, role: 'boss' }, 'vai trò'],
    [{ ...FIRST, code: 'ABC" /X="' }, 'mã cài đặt'],
    [{ ...FIRST, code: 'A'.repeat(65) }, 'mã cài đặt'],
    [{ ...FIRST, collector: 'ftp://x' }, 'không phải địa chỉ'],
    [{ ...FIRST, collector: 'http://a b' }, 'không phải địa chỉ'],
    [{ code: FIRST.code }, 'cài lần đầu'],
  ])('refuses %j in words and writes nothing', async (wanted, words) => {
    await expect(setUp(file, wanted)).rejects.toThrow(words);
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  it('leaves a file alone that is no JSON, and shows nothing of it', async () => {
    await setUp(file, FIRST);
    await writeFile(file, '{"password":"bi-mat"');
    const failed = await setUp(file, FIRST).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SetupError);
    expect(String(failed)).not.toContain('bi-mat');
    expect(await readFile(file, 'utf8')).toBe('{"password":"bi-mat"');
  });
});

describe('logs that the service wrapper set aside', () => {
  it('leaves the newest four and everything that is none of them', async () => {
    const aside = [1, 2, 3, 4, 5, 6].map((day) => `agent-2026110${day}T070000.123.log`);
    for (const name of [...aside, 'agent.log', 'agent-moi.log', 'ghi-chu.txt'])
      await writeFile(path.join(folder, name), 'x');
    await pruneLogs(folder);
    expect((await readdir(folder)).sort()).toEqual(
      [...aside.slice(2), 'agent-moi.log', 'agent.log', 'ghi-chu.txt'].sort(),
    );
    await pruneLogs(path.join(folder, 'khong-co'));
  });
});
