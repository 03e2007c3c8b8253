import { chmod, chown, copyFile, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Config, ConfigError, loadConfig } from './config.ts';
import type { AnyProbe } from './probes/probe.ts';
import { syncDirectory } from './spool/durable.ts';

/**
 * Changes of the configuration file by the program, beside those that a person makes with an editor. The file is replaced
 * whole or not at all, and its last version stays beside it as `.bak`.
 */

/** The file as JSON, before any check of it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a person wrote, until loadConfig has looked at it
export type Written = any;

/** Changes wait for each other: two at once would undo each other. */
let changing: Promise<unknown> = Promise.resolve();

/**
 * Writes what `change` makes of the file, and answers it as it then loads. `secret`: from now on it holds a password, so
 * only its owner may read it. Throws ConfigError, with the file untouched, when the result is no good configuration; and
 * what the file system says.
 */
export async function changeConfig(
  file: string,
  probes: readonly AnyProbe[],
  change: (config: Written) => void,
  { secret = false } = {},
): Promise<Config> {
  const check = (candidate: string) => checked(candidate, file, probes);
  return { ...(await rewrite(file, change, secret, check)), file: path.resolve(file) };
}

/** The same for changes that need no check. */
export const patchConfig = (file: string, change: (config: Written) => void): Promise<void> =>
  rewrite(file, change, false, () => {});

function rewrite<T>(
  file: string,
  change: (config: Written) => void,
  secret: boolean,
  check: (candidate: string) => T,
): Promise<T> {
  const next = changing.then(async () => {
    const config = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
    change(config);
    const { mode, uid, gid } = await stat(file);
    const allowed = secret ? mode & 0o700 : mode & 0o777;
    const candidate = `${file}.${process.pid}.tmp`;
    try {
      await writeSynced(candidate, `${JSON.stringify(config, null, 2)}\n`, allowed);
      const loaded = check(candidate);
      await copyFile(file, `${file}.bak`);
      if (secret) await chmod(`${file}.bak`, allowed);
      // A service's own account must go on reading what an administrator changed; others may not give files away.
      if (process.getuid?.() === 0) for (const one of [candidate, `${file}.bak`]) await chown(one, uid, gid);
      await rename(candidate, file);
      await syncDirectory(path.dirname(file));
      return loaded;
    } catch (error) {
      await rm(candidate, { force: true }).catch(() => {});
      throw error;
    }
  });
  changing = next.catch(() => {});
  return next;
}

async function writeSynced(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'w', mode);
  try {
    // One that a crash left has the mode that it was made with.
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The very bytes that are to be installed, told under the name that a person knows. */
function checked(candidate: string, file: string, probes: readonly AnyProbe[]): Config {
  try {
    return loadConfig(candidate, probes);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(file, '', error.message.replace(`${candidate}: `, ''));
  }
}
