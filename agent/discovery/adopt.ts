import type { Found } from '../../shared/wire/discovery.ts';
import { patchConfig, type Written } from '../config-file.ts';

const MAX_TARGETS = 4096;

/**
 * Adds devices to `probes.lan-reach.targets` of a configuration file that has been checked, and leaves everything else in
 * it as it is. Returns how many were added: the schema has room for 4,096. Throws what the file system says.
 */
export async function adopt(file: string, devices: readonly Found[]): Promise<number> {
  if (devices.length === 0) return 0;
  let added = 0;
  await patchConfig(file, (config) => {
    added = addTargets(config, devices);
  });
  return added;
}

/** The same to a configuration in memory. */
export function addTargets(config: Written, devices: readonly Found[]): number {
  const targets: object[] = config.probes['lan-reach']?.targets ?? [];
  const added = devices.slice(0, Math.max(0, MAX_TARGETS - targets.length)).map(targetOf);
  if (added.length > 0) config.probes['lan-reach'] = { ...config.probes['lan-reach'], targets: [...targets, ...added] };
  return added.length;
}

const targetOf = ({ proposedId, address, kind, mac }: Found) => ({
  id: proposedId,
  address,
  ...(mac === null ? {} : { mac }),
  ...(kind === null ? {} : { kind }),
});
