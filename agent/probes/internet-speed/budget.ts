import { dateOf } from '../../../shared/calendar.ts';
import type { Kept } from '../probe.ts';

/**
 * Bytes that speed tests may take from the line in a month. What is left is spread over the tests still to come: near the
 * end of the month tests get shorter and less certain rather than stop, and below a floor they are skipped, which is said.
 */

/** Default: eleven tests a day of some 30 MB, on 22 school days, at 100 Mbps are 7 GB; at 300 Mbps 20 GB. */
export const DEFAULT_MONTHLY_BYTES = 20e9;
/** A test with less is worth little: half a second at 45 Mbps. */
export const LEAST_TEST_BYTES = 3e6;
/** Tests a day that what is left must suffice for: one an hour of ten school hours, and one outside. */
const TESTS_A_DAY = 11;
/** A test may take this many times its share: most take less. */
const GENEROSITY = 3;
const KEPT_LEDGER = 'bytes-of-month';

export interface Ledger {
  /** YYYY-MM in Asia/Ho_Chi_Minh. */
  month: string;
  bytes: number;
}

export async function spentThisMonth(kept: Kept, now: number): Promise<number> {
  const ledger = await kept.get(KEPT_LEDGER);
  return isLedger(ledger) && ledger.month === monthOf(now) ? ledger.bytes : 0;
}

export async function spend(kept: Kept, bytes: number, now: number): Promise<void> {
  const before = await spentThisMonth(kept, now);
  await kept.set(KEPT_LEDGER, { month: monthOf(now), bytes: before + Math.round(bytes) } satisfies Ledger);
}

/** What the next test may take, bytes; null: nothing, until the month is over. */
export function allowance(monthlyBytes: number, spent: number, now: number): number | null {
  const left = monthlyBytes - spent;
  if (left < LEAST_TEST_BYTES) return null;
  const share = left / (daysLeft(now) * TESTS_A_DAY);
  return Math.min(left, Math.max(LEAST_TEST_BYTES, share * GENEROSITY));
}

const monthOf = (now: number): string => dateOf(now).slice(0, 7);

/** Days of the month that are not over, today's included. */
function daysLeft(now: number): number {
  const [year, month, day] = dateOf(now).split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - day + 1;
}

/** What is done once a local day: whether it is due, and that it was done. */
export const isDue = async (kept: Kept, what: string, now: number): Promise<boolean> =>
  (await kept.get(what)) !== dateOf(now);
export const done = (kept: Kept, what: string, now: number): Promise<void> => kept.set(what, dateOf(now));

function isLedger(value: unknown): value is Ledger {
  const { month, bytes } = (value ?? {}) as Partial<Ledger>;
  return typeof month === 'string' && typeof bytes === 'number' && bytes >= 0;
}
