import type { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import type { Machine } from '../../shared/wire/machine.ts';
import type { Config } from '../config.ts';
import { readMachine } from '../machine.ts';
import type { AnyProbe } from '../probes/probe.ts';
import { EXIT_UPGRADED } from '../upgrade/launched.ts';
import type { EnrolWaits } from '../uplink/enrol-again.ts';
import type { Timings } from '../uplink/timings.ts';

/** What every command is given, and what it answers. */

export const EXIT = { done: 0, failed: 1, usage: 2, upgraded: EXIT_UPGRADED, interrupted: 130 } as const;

/** What a person typed wrong: one line, exit 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface Surroundings {
  probes: readonly AnyProbe[];
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** Aborts when the process shall end. */
  signal: AbortSignal;
  /** Waits of the sender and of enrolling by itself, for tests. */
  timings?: Partial<Timings>;
  enrolWaits?: EnrolWaits;
  /** The hardware of this host. */
  machine?: (signal: AbortSignal) => Promise<Machine>;
}

/** Of all commands together; the table in `main.ts` says which belongs to which. */
export const OPTIONS = {
  config: { type: 'string' },
  probe: { type: 'string' },
  code: { type: 'string' },
  collector: { type: 'string' },
  role: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  minutes: { type: 'string' },
  sweep: { type: 'string', multiple: true },
  add: { type: 'boolean' },
  print: { type: 'boolean' },
} as const;
export type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

export interface Call extends Surroundings {
  config: Config;
  log: Logger;
  options: Options;
}
/** Answers the exit code. */
export type Command = (call: Call) => Promise<number>;

export const machineOf = ({ machine = readMachine, signal }: Call): Promise<Machine> => machine(signal);
