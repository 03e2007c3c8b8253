import { type Period, periodAt, timeInside } from '../../shared/calendar.ts';
import type { FactSample } from '../compliance/facts.ts';

/** Camera incidents out of samples. Pure. */

/** `live`, `down` (clear evidence that there is no picture), or undefined: this sample does not tell. */
export function liveness(sample: FactSample, inHours: boolean): 'live' | 'down' | undefined {
  const { state } = sample.values;
  if (state === 'live') return 'live';
  // A dark picture at night is a lamp that is off.
  if (state === 'dark') return inHours ? 'down' : undefined;
  if (state === 'frozen' || state === 'no-stream' || state === 'unreachable') return 'down';
  // auth, onvif-down: the agent could not look, the camera may well be at work.
  return undefined;
}

export interface CameraIncident {
  /** First sample without a picture. */
  from: number;
  /** First sample with a picture again; null while open. */
  to: number | null;
  /** State at the last sample of the incident. */
  state: string;
  /** School time during which it was known to be open, ms. Time in which nothing was measured is not counted. */
  openMs: number;
  first: FactSample;
  last: FactSample;
}

/**
 * Incidents of one camera: not live in at least two rounds and for at least `minMs` of school time. A gap in measuring
 * longer than three rounds adds nothing: what was not measured is not held against the school.
 */
export function cameraIncidents(
  samples: readonly FactSample[],
  periods: readonly Period[],
  everyMs: number,
  minMs: number,
): CameraIncident[] {
  const incidents: CameraIncident[] = [];
  let open: (CameraIncident & { rounds: number }) | undefined;
  const close = (to: number | null) => {
    if (open && open.rounds >= 2 && open.openMs >= minMs) {
      const { rounds: _, ...incident } = open;
      incidents.push({ ...incident, to });
    }
    open = undefined;
  };
  let lastAt: number | undefined;
  for (const sample of samples) {
    const state = liveness(sample, periodAt(periods, sample.at) !== undefined);
    if (state === undefined) continue;
    if (open && lastAt !== undefined)
      open.openMs += timeInside(periods, lastAt, Math.min(sample.at, lastAt + 3 * everyMs));
    lastAt = sample.at;
    if (state === 'live') close(sample.at);
    else if (open) {
      open.rounds++;
      open.last = sample;
      open.state = String(sample.values.state);
    } else
      open = {
        from: sample.at,
        to: null,
        state: String(sample.values.state),
        openMs: 0,
        first: sample,
        last: sample,
        rounds: 1,
      };
  }
  close(null);
  return incidents;
}
