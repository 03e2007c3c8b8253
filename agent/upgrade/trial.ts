import type { Why } from './versions.ts';

/** When a new version has failed. Pure. It has passed with the first report that a collector acknowledged. */

export interface Trial {
  version: string;
  /** Ends that nobody asked for. */
  deaths: number;
  /** Time run without an acknowledgement since its start, or since it last said that nobody takes reports now, ms. */
  silentMs: number;
  /** Time run without an acknowledgement, ms. */
  runMs: number;
}

export interface Limits {
  deaths: number;
  silentMs: number;
  runMs: number;
}
export const LIMITS: Limits = { deaths: 3, silentMs: 10 * 60_000, runMs: 24 * 3600_000 };

export const newTrial = (version: string): Trial => ({ version, deaths: 0, silentMs: 0, runMs: 0 });

/** What a file may hold, for this version; a new trial for anything else. */
export function trialOf(data: Partial<Trial>, version: string): Trial {
  const numbers = [data.deaths, data.silentMs, data.runMs];
  return data.version === version && numbers.every((one) => typeof one === 'number' && one >= 0)
    ? (data as Trial)
    : newTrial(version);
}

export const afterDeath = (trial: Trial): Trial => ({ ...trial, deaths: trial.deaths + 1 });
export const afterTime = (trial: Trial, ms: number): Trial => ({
  ...trial,
  silentMs: trial.silentMs + ms,
  runMs: trial.runMs + ms,
});
/**
 * The version tried to send, and the collector was not there or could not: the version before would fare no better, so the
 * ten minutes begin anew. A version that does not even try has no such excuse.
 */
export const afterExcuse = (trial: Trial): Trial => ({ ...trial, silentMs: 0 });

export function failed(trial: Trial, limits: Limits = LIMITS): Why | null {
  if (trial.deaths >= limits.deaths) return 'died';
  if (trial.silentMs >= limits.silentMs) return 'silent';
  return trial.runMs >= limits.runMs ? 'unheard' : null;
}
