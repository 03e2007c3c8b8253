import { loadConfig } from '../config.ts';
import { discover } from '../discovery/discover.ts';
import { probes } from '../probes/registry.ts';

/**
 * A search for devices, in a process of its own: the list of vendors stays in it, and it can be stopped whatever it does.
 * Gets configuration file and ranges as JSON in its first argument; tells how far it is by messages; ends early on 'stop'.
 */

export type Told =
  | { kind: 'step'; step: 'asking' | 'learning'; done: number; total: number }
  | { kind: 'said'; line: string }
  | { kind: 'end'; whole: boolean }
  | { kind: 'failed'; message: string };

const stop = new AbortController();
process.on('message', () => stop.abort());
process.on('disconnect', () => process.exit(1));
const tell = (message: Told) => new Promise<void>((resolve) => process.send?.(message, () => resolve()));

try {
  const { file, ranges } = JSON.parse(process.argv[2] ?? '') as { file: string; ranges: string[] };
  const whole = await discover({
    config: loadConfig(file, probes),
    ranges,
    add: false,
    json: true,
    stdout: () => {},
    stderr: (text) => void tell({ kind: 'said', line: text.replace(/^agent: /, '').trim() }),
    terminal: false,
    signal: stop.signal,
    onStep: (step, done, total) => void tell({ kind: 'step', step, done, total }),
  });
  await tell({ kind: 'end', whole });
  process.exit(0);
} catch (error) {
  await tell({ kind: 'failed', message: (error as Error).message.replace(/^--sweep: /, '') });
  process.exit(1);
}
