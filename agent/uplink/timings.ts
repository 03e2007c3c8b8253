/** How patient the sender is. */

export interface Timings {
  /** Longest that one request may take, ms. */
  requestMs: number;
  /** First and longest wait after a failure, ms; it doubles in between. */
  backoffMinMs: number;
  backoffMaxMs: number;
  /** Wait between tries while the collector does not know the agent, ms. */
  pauseMs: number;
  /** Least time between two enrolments that a refusal brought about, ms: two PCs that pass for one must not chase each other. */
  renewMs: number;
}
export const DEFAULT_TIMINGS: Timings = {
  requestMs: 15_000,
  backoffMinMs: 1_000,
  backoffMaxMs: 300_000,
  pauseMs: 60_000,
  renewMs: 900_000,
};
