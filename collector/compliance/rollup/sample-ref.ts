import type { FactSample } from '../series.ts';

/** What a verdict says of one sample, and the way back to its signed report. */
export interface SampleRef {
  id: number;
  reportId: string;
  target: string;
  at: number;
  ok: boolean;
  reason: string | null;
  /** The state that a camera showed; null: none that could be one. */
  state: string | null;
}

/** No state of a camera is longer; what an agent may send is. */
const MAX_STATE = 32;

export function refOf({ id, reportId, target, at, ok, reason, values: { state } }: FactSample): SampleRef {
  const isState = typeof state === 'string' && state.length <= MAX_STATE;
  return { id, reportId, target, at, ok, reason, state: isState ? state : null };
}

/** The rest of evidence stays reachable by a finding's window. */
export const MAX_EVIDENCE = 40;
/** Samples of one device that are shown with a verdict. */
export const SHOWN = 3;
