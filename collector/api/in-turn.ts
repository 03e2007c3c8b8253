import { Problem } from './errors.ts';

/** Does one long work after the other; throws Problem `not-ready` with `message` while `most` of them run or wait. */
export function oneByOne(most: number, message: string): <T>(work: () => Promise<T>) => Promise<T> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    if (waiting >= most) throw new Problem('not-ready', message);
    waiting++;
    const own = last.then(work, work);
    last = own.catch(() => undefined);
    return own.finally(() => {
      waiting--;
    });
  };
}
