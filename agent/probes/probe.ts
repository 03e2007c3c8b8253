import type { TSchema } from 'typebox';
import type { Sample } from '../../shared/wire/report.ts';

/**
 * What every probe is: a function that measures one target and returns. It does not schedule, store, send or judge.
 * To add one, add a folder here that exports a `Probe` and name it in `registry.ts`.
 */
export interface Probe<Config = never, Target extends { id: string } = { id: string }> {
  /** Name in the configuration, in samples and on the command line. */
  name: string;
  /** Schema of `probes.<name>` in the agent's configuration. */
  schema: TSchema;
  /** How often it runs unless the schedule says otherwise, seconds. */
  everySeconds: number;
  /** Longest that one target may take, ms; the runner aborts `signal` then and writes a `timeout` sample. */
  deadlineMs: number;
  /** A heavy probe fills the line or the host: never two at once. */
  heavy: boolean;
  /** `school`: one run in each interval of school hours and one outside a day; otherwise around the clock. */
  hours?: 'school';
  /** How many targets are measured at once. */
  concurrency: number;
  /** The targets that the configuration lists; a probe of the host itself has one. */
  targets(config: Config): Target[];
  /**
   * Measures one target. Never throws for a bad target: a failed measurement is a sample with a reason. Ends soon after
   * `context.signal` aborts. What it throws is a bug and is logged as one.
   */
  run(target: Target, config: Config, context: ProbeContext): Promise<Outcome>;
  /**
   * Measures all targets together instead, where that costs less than one after the other. Tells each outcome once, with
   * the time from which it speaks; ends soon after `context.signal` aborts, and tells what it knows by then.
   */
  round?(targets: readonly Target[], config: Config, context: RoundContext, tell: Tell): Promise<void>;
  /** For `doctor`: what on this machine keeps the probe from measuring, each in one line; empty when nothing. */
  doctor?(config: Config): Promise<string[]>;
  /** For `doctor`: what measures and may still mislead, each in one line. */
  cautions?(config: Config): string[];
}

export interface ProbeContext {
  signal: AbortSignal;
  /** What the probe remembers of this target from its last runs (the last picture of a camera), in memory only. */
  memory: Map<string, unknown>;
  /** What the probe keeps over a restart of the agent (bytes used this month), on disk where the agent has one. */
  kept: Kept;
  /** The district's collector, for probes that measure towards it; null before enrolment. */
  collector: CollectorAccess | null;
  /** One line for the agent's log; never a password. */
  log(message: string, detail?: Record<string, unknown>): void;
}

export interface RoundContext extends Omit<ProbeContext, 'memory'> {
  /** What the probe remembers of a target, in memory only. */
  memoryOf(id: string): Map<string, unknown>;
  /** How long until the next round begins, seconds: so long may this one last. Null: somebody asks once and waits. */
  everySeconds: number | null;
}
export type Tell = (id: string, outcome: Outcome, at?: Date) => void;

/** Values by key, JSON, together at most 64 kB. Neither call rejects for the disk: what was not written is logged. */
export interface Kept {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

export interface CollectorAccess {
  /** Base address without a trailing slash. */
  url: string;
  /** Compact JWS (RFC 7515) of the claims under the agent's key, with this `typ`; `agent` and `at` are added. */
  signed(typ: string, claims: Record<string, unknown>): Promise<string>;
}

/** A sample before the runner adds probe, target and time. */
export type Outcome = { ok: true; values: Values } | { ok: false; reason: Reason; values: Values };
export type Values = Record<string, unknown>;

/** Why a measurement failed. */
export type Reason =
  | 'timeout' // nothing answered in time
  | 'refused' // something answered, and would not talk
  | 'unreachable' // the network said that there is no way
  | 'unresolved' // the name has no address
  | 'auth' // credentials were not taken
  | 'malformed' // the answer is not what its protocol says
  | 'too-large' // the answer passed its size limit
  | 'tool-missing' // a program that the probe needs is not on this machine
  | 'not-live' // answered, and is not doing its work (camera states other than live)
  | 'other-device' // another device answers at its address
  | 'skipped' // nobody measured, on purpose: values.message says why
  | 'failed' // anything else; values.message says more
  | 'internal'; // the probe itself broke; logged as a bug

export const ok = (values: Values): Outcome => ({ ok: true, values });
export const failed = (reason: Reason, values: Values = {}): Outcome => ({ ok: false, reason, values });

/** A probe with its types forgotten, as registry and runner hold it; `schema` has checked what `config` is. */
// biome-ignore lint/suspicious/noExplicitAny: the schema, not the type system, joins a probe to its configuration
export type AnyProbe = Probe<any, any>;
export type { Sample };
