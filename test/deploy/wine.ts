import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exec, runs } from './tools.ts';

/** A Windows of its own by wine (64 bit), as far as wine carries. */

/** Debian keeps the loader off the path. */
const LOADER = ['/usr/lib/wine/wine64', '/usr/bin/wine64'].find((file) => existsSync(file));
export const canWine = LOADER !== undefined && runs('makensis', '-VERSION');
/** Node 24 ends at once under wine 8; this one stands in. */
export const NODE_FOR_WINE = '22.23.3';
const DEADLINE_MS = 100_000;

export interface Wine {
  /** Its drive C: as this machine sees it. */
  c: string;
  /** Runs a program; its exit code and what it wrote. Never rejects for an exit code. */
  run(program: string, ...args: string[]): Promise<{ code: number; output: string }>;
  /** One value of the registry, null when it is not there. */
  registry(key: string, name: string): Promise<string | null>;
  /** Whether the key is there. */
  hasKey(key: string): Promise<boolean>;
  end(): Promise<void>;
}

export async function startWine(): Promise<Wine> {
  const prefix = await mkdtemp(path.join(tmpdir(), 'thdt-wine-'));
  const env = { ...process.env, WINEPREFIX: prefix, WINEDEBUG: '-all', DISPLAY: '' };
  const run: Wine['run'] = async (program, ...args) => {
    // To a file: a Node of Windows does not write to a pipe of this system.
    const out = path.join(prefix, `out-${Math.random().toString(36).slice(2)}`);
    const script = 'out=$1; shift; exec "$@" >"$out" 2>&1 </dev/null';
    const code = await exec('sh', ['-c', script, 'sh', out, LOADER!, program, ...args], {
      env,
      timeout: DEADLINE_MS,
    }).then(
      () => 0,
      (error: { code?: number | string }) => Number(error.code ?? -1),
    );
    return { code, output: (await readFile(out, 'utf8')).replaceAll('\r', '') };
  };
  await run('wineboot', '--init');
  // Node looks for Windows 8.1 or later.
  await run('winecfg', '-v', 'win10');
  // Wine 8 knows no TCP keepalive and then fails the whole connection; Windows has it.
  const shim = "require('node:net').Socket.prototype.setKeepAlive = function () { return this; };\n";
  await writeFile(path.join(prefix, 'drive_c/no-keepalive.cjs'), shim);
  const system = 'HKLM\\System\\CurrentControlSet\\Control\\Session Manager\\Environment';
  await run('reg', 'add', system, '/v', 'NODE_OPTIONS', '/d', '--require C:\\no-keepalive.cjs', '/f');
  const stop = () => exec('wineserver', ['-k'], { env }).catch(() => {});
  // Services read the environment when they start.
  await stop();
  return {
    c: path.join(prefix, 'drive_c'),
    run,
    registry: async (key, name) => {
      const { code, output } = await run('reg', 'query', key, '/v', name);
      return code === 0 ? (/\s{2,}REG_\w+\s{2,}(.*)$/m.exec(output)?.[1]?.trim() ?? null) : null;
    },
    hasKey: async (key) => (await run('reg', 'query', key)).code === 0,
    end: async () => {
      // Ends what runs in this prefix, and nothing else.
      await stop();
      await rm(prefix, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
    },
  };
}
