import { schoolDaysBetween } from '../../shared/calendar.ts';
import type { Store } from '../store/sqlite.ts';
import { forgetDays, isKept, keepRollups, loadRollups, monthOf } from './rollup-cache.ts';
import type { SchoolContext } from './service.ts';

/**
 * Adds the days that are over to the rollup of their month while they are still kept as days, and then removes the days
 * that the live window has left. Costs one look where nothing is to be done.
 */
export async function keepMonth(store: Store, context: SchoolContext, now: number, liveFrom: number): Promise<void> {
  const { calendar, policy, school } = context;
  if (policy.periodUnit !== 'school-day') return;
  const { utcOffsetMinutes } = calendar;
  const local = now + utcOffsetMinutes * 60_000;
  const today = now - (local % DAY_MS);
  const month = monthOf(calendar, today - 1);
  if (await isKept(store, school.id, { from: month.from, to: today })) return;
  const periods = schoolDaysBetween(calendar, month.from, today);
  const { made } = await loadRollups(store, [
    {
      schoolId: school.id,
      version: context.samplesVersion,
      basis: { periods, policy, utcOffsetMinutes },
      from: month.from,
      to: today,
      now,
      isFixed: true,
    },
  ]);
  await store.transaction().execute(async (write) => {
    await keepRollups(write, made);
    await forgetDays(write, school.id, liveFrom);
  });
}

const DAY_MS = 24 * 3600_000;
