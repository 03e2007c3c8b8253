import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OWN_HOST_PROBES } from '../../shared/wire/machine.ts';
import { ownHostProbes } from './own-host.ts';
import type { AnyProbe } from './probe.ts';

/**
 * The probes that a process with these arguments needs. A pupil's PC shall not carry cameras, SNMP and speed tests in its
 * memory. Everything else gets every probe, and so does a configuration that names another one, for the words that tell it.
 */
export async function probesFor(argv: readonly string[]): Promise<readonly AnyProbe[]> {
  const { config } = parseArgs({ args: [...argv], options: { config: { type: 'string' } }, strict: false }).values;
  if (typeof config === 'string' && measuresItselfAlone(config)) return ownHostProbes;
  const { probes } = await import('./registry.ts');
  return probes;
}

/** Whether the file is an endpoint's and names no probe but its own; false for one that cannot be read. */
function measuresItselfAlone(file: string): boolean {
  try {
    // Notepad on Windows writes a byte order mark.
    const { role, probes = {}, schedule = {} } = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    const named = [...Object.keys(probes), ...Object.keys(schedule)];
    return role === 'endpoint' && named.every((name) => OWN_HOST_PROBES.has(name));
  } catch {
    return false;
  }
}
