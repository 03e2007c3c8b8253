import { type Period, schoolDaysBetween } from '../../shared/calendar.ts';
import type { Store } from '../store/sqlite.ts';
import { forgetDays, isKept, keepRollups, loadRollups, monthOf } from './rollup-cache.ts';
import type { SchoolContext } from './service.ts';

/** Rollups that grow by a day each day, so that a long window is read at once when it is judged. */

/**
 * Adds the days that are over to the rollup of [from, to) while they are still kept as days. Costs one look where nothing
 * is to be done; answers whether there was. `periods`: the school days of that time until `now`.
 */
export async function keepSoFar(
  store: Store,
  { calendar, policy, school, samplesVersion }: SchoolContext,
  time: { from: number; to: number; periods: readonly Period[] },
  now: number,
): Promise<boolean> {
  const { from, periods } = time;
  const to = Math.min(time.to, todayOf(calendar, now));
  if (policy.periodUnit !== 'school-day' || from >= to || (await isKept(store, school.id, { from, to }))) return false;
  const basis = { periods, policy, utcOffsetMinutes: calendar.utcOffsetMinutes };
  const wanted = { schoolId: school.id, version: samplesVersion, basis, from, to, now, isFixed: true };
  const loaded = await Array.fromAsync(loadRollups(store, [wanted]));
  await store.transaction().execute((write) =>
    keepRollups(
      write,
      loaded.map(({ made }) => made),
    ),
  );
  return true;
}

/** The same of the month; then removes the days that the live window, which begins at `liveFrom`, has left. */
export async function keepMonth(store: Store, context: SchoolContext, now: number, liveFrom: number): Promise<void> {
  const { calendar, school } = context;
  const today = todayOf(calendar, now);
  const month = monthOf(calendar, today - 1);
  const periods = schoolDaysBetween(calendar, month.from, today);
  if (await keepSoFar(store, context, { ...month, periods }, now)) await forgetDays(store, school.id, liveFrom);
}

const todayOf = ({ utcOffsetMinutes }: SchoolContext['calendar'], now: number) =>
  now - ((now + utcOffsetMinutes * 60_000) % DAY_MS);
const DAY_MS = 24 * 3600_000;
