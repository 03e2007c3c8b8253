import { setTimeout as sleep } from 'node:timers/promises';
import { judgeSchool } from '../compliance/service.ts';
import { fillDue } from '../evaluation/jobs.ts';
import type { Store } from '../store/sqlite.ts';

/**
 * Keeps findings true: judges a school soon after a report of it came in, and every school now and then, because time
 * alone moves windows. Schools are judged one after the other, so a burst of reports costs one judgement each.
 */

export interface LoopTimes {
  /** Pause between two looks for work, ms. */
  pauseMs: number;
  /** How often every school is judged without a report, ms. */
  sweepMs: number;
  /** Least time between two judgements of one school, ms. */
  againMs: number;
}

export interface LoopHooks {
  /** A school was judged; what its pages show may differ. */
  judged(schoolId: string): void;
  /** One school's or rule's trouble; the others go on, and it is tried again. */
  broke(error: unknown, about: { school?: string; rule?: string }): void;
}

export function startLoop(
  store: Store,
  times: LoopTimes,
  hooks: LoopHooks,
): { touch(schoolId: string): void; stop(): Promise<void> } {
  const { pauseMs, sweepMs, againMs } = times;
  /** Schools to judge; true: a report came, so pages change even where no finding does. */
  const dirty = new Map<string, boolean>();
  const judgedAt = new Map<string, number>();
  const stopping = new AbortController();
  const attempt = (about: { school?: string }, work: () => Promise<void>) =>
    work().then(
      () => true,
      (error: unknown) => {
        hooks.broke(error, about);
        return false;
      },
    );
  const sweep = async () => {
    for (const { id } of await store.selectFrom('school').select('id').execute())
      if (!dirty.has(id)) dirty.set(id, false);
  };
  const judge = async (school: string, touched: boolean) => {
    const { changed } = await judgeSchool(store, school, Date.now(), (rule, error) =>
      hooks.broke(error, { school, rule }),
    );
    await fillDue(store, school, Date.now());
    if (touched || changed) hooks.judged(school);
  };
  const loop = async () => {
    // Not the wall clock: it may be set back.
    let sweptAt = Number.NEGATIVE_INFINITY;
    while (!stopping.signal.aborted) {
      if (performance.now() - sweptAt >= sweepMs) {
        sweptAt = performance.now();
        await attempt({}, sweep);
      }
      for (const [school, touched] of [...dirty]) {
        if (stopping.signal.aborted) return;
        if (performance.now() - (judgedAt.get(school) ?? Number.NEGATIVE_INFINITY) < againMs) continue;
        dirty.delete(school);
        const wasDone = await attempt({ school }, () => judge(school, touched));
        // A report that nothing was made of yet must not wait for the next sweep, nor its pages for the next report.
        if (!wasDone && touched) dirty.set(school, true);
        judgedAt.set(school, performance.now());
        // The store answers at once and awaits do not yield: messages and timers are let in here.
        await new Promise(setImmediate);
      }
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return {
    touch: (schoolId) => void dirty.set(schoolId, true),
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
