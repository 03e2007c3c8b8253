import type { Found } from '../../shared/wire/discovery.ts';
import { patchConfig, type Written } from '../config-file.ts';

const MAX_TARGETS = 4096;

/**
 * Adds devices to `probes.lan-reach.targets` of a configuration file that has been checked, and leaves everything else in
 * it as it is. Returns how many were added: what is listed already is left out, and the schema has room for 4,096. Throws
 * what the file system says.
 */
export async function adopt(file: string, devices: readonly Found[]): Promise<number> {
  if (devices.length === 0) return 0;
  let added = 0;
  await patchConfig(file, (config) => {
    added = addTargets(config, devices);
  });
  return added;
}

/**
 * The same to a configuration in memory. A search takes minutes: what a person wrote meanwhile is not added again, and an
 * id that they took gets a number behind it, since the agent refuses a file with one id twice.
 */
export function addTargets(config: Written, devices: readonly Found[]): number {
  const targets: Partial<Found & { id: string }>[] = config.probes['lan-reach']?.targets ?? [];
  const taken = new Set(targets.map(({ id }) => id?.normalize('NFC').trim()));
  const isListed = (device: Found) =>
    targets.some(
      ({ address, mac }) =>
        (mac && mac === device.mac) || (address === device.address && (!mac || device.mac === null)),
    );
  const added = devices
    .filter((device) => !isListed(device))
    .slice(0, Math.max(0, MAX_TARGETS - targets.length))
    .map((device) => {
      const id = freeOf(device.proposedId, taken);
      taken.add(id);
      return targetOf(device, id);
    });
  if (added.length > 0) config.probes['lan-reach'] = { ...config.probes['lan-reach'], targets: [...targets, ...added] };
  return added.length;
}

function freeOf(id: string, taken: ReadonlySet<string | undefined>): string {
  for (let count = 1; ; count++) {
    const free = count === 1 ? id : `${id}-${count}`;
    if (!taken.has(free)) return free;
  }
}

const targetOf = ({ address, kind, mac }: Found, id: string) => ({
  id,
  address,
  ...(mac === null ? {} : { mac }),
  ...(kind === null ? {} : { kind }),
});
