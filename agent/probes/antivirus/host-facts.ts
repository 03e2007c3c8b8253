import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../../run-tool.ts';
import type { LinuxFacts } from './linux.ts';
import type { MacFacts } from './macos.ts';

/** The thin edge: asks this host, bounded in time and output; what it does not tell is null. */

export async function askLinux(signal: AbortSignal): Promise<LinuxFacts> {
  const systemctl = async (...args: string[]) => (await runTool('systemctl', args, 5_000, signal)).output;
  const [units, unitFiles, processes, clamav] = await Promise.all([
    systemctl('list-units', '--type=service', '--all', '--plain', '--no-legend', '--no-pager'),
    systemctl('list-unit-files', '--type=service', '--no-legend', '--no-pager'),
    processNames('/proc'),
    clamavDatabases('/var/lib/clamav'),
  ]);
  return { units, unitFiles, processes, clamav };
}

export async function askMac(signal: AbortSignal): Promise<MacFacts> {
  const plist = '/Library/Apple/System/Library/CoreServices/XProtect.bundle/Contents/Info.plist';
  const [info, extensions] = await Promise.all([
    stat(plist).catch(() => null),
    runTool('/usr/bin/systemextensionsctl', ['list'], 10_000, signal),
  ]);
  return { xprotectAt: info?.mtime.toISOString() ?? null, extensions: extensions.output };
}

/** Names of all processes that `proc` (proc(5)) shows; null when it is no such thing. */
export async function processNames(proc: string): Promise<string[] | null> {
  const entries = await readdir(proc).catch(() => []);
  const ids = entries.filter((entry) => /^\d+$/.test(entry));
  if (ids.length === 0) return null;
  const names = await Promise.all(ids.map((id) => readFile(join(proc, id, 'comm'), 'utf8').catch(() => '')));
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
}

/** Headers of the daily databases in `folder`: `daily.cvd` as downloaded, `daily.cld` once patched. */
export async function clamavDatabases(folder: string): Promise<LinuxFacts['clamav']> {
  const read = async (name: string) => {
    const file = await open(join(folder, name)).catch(() => null);
    if (!file) return [];
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      const { mtime } = await file.stat();
      return [{ header: buffer.toString('latin1', 0, bytesRead), changedAt: mtime.toISOString() }];
    } catch {
      return [];
    } finally {
      await file.close();
    }
  };
  return (await Promise.all(['daily.cvd', 'daily.cld'].map(read))).flat();
}
