import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
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
  await run('reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f');
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
      await exec('wineserver', ['-k'], { env }).catch(() =>
        exec('/usr/lib/wine/wineserver64', ['-k'], { env }).catch(() => {}),
      );
      await rm(prefix, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
    },
  };
}
