import { chown, copyFile, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Found } from '../../shared/wire/discovery.ts';
import { writeDurably } from '../spool/durable.ts';

const MAX_TARGETS = 4096;

/**
 * Adds devices to `probes.lan-reach.targets` of a configuration file that has been checked, and leaves everything else in
 * it as it is. The file is replaced whole or not at all; its last version stays beside it as `.bak`. Returns how many were
 * added: the schema has room for 4,096. Throws what the file system says.
 */
export async function adopt(file: string, devices: readonly Found[]): Promise<number> {
  const config = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  const targets: object[] = config.probes['lan-reach']?.targets ?? [];
  const added = devices.slice(0, Math.max(0, MAX_TARGETS - targets.length)).map(targetOf);
  if (added.length === 0) return 0;
  config.probes['lan-reach'] = { ...config.probes['lan-reach'], targets: [...targets, ...added] };
  const { mode, uid, gid } = await stat(file);
  await copyFile(file, `${file}.bak`);
  await writeDurably(path.dirname(file), path.basename(file), `${JSON.stringify(config, null, 2)}\n`, mode & 0o777);
  // A service's own account must go on reading what an administrator changed; others may not give files away.
  if (process.getuid?.() === 0) for (const one of [file, `${file}.bak`]) await chown(one, uid, gid);
  return added.length;
}

const targetOf = ({ proposedId, address, kind, mac }: Found) => ({
  id: proposedId,
  address,
  ...(mac === null ? {} : { mac }),
  ...(kind === null ? {} : { kind }),
});
