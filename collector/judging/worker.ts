import { parentPort, workerData } from 'node:worker_threads';
import { fillAll, type Job, lockAll, lockingNow } from '../evaluation/jobs.ts';
import { openSqlite } from '../store/sqlite.ts';
import type { FromWorker, ToWorker } from './judging.ts';
import { type LoopTimes, startLoop } from './loop.ts';

/** The thread that `startJudging` starts: the loop and the long work of evaluations, on a connection of its own. */

const { directory, times } = workerData as { directory: string; times: LoopTimes };
const port = parentPort!;
const say = (message: FromWorker) => port.postMessage(message);
const judged = (school: string) => say({ judged: school, at: new Date().toISOString() });
const broke = (error: unknown, about: { school?: string; rule?: string }) => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  say({ broke: { name, message, stack }, about });
};

/** Whoever waits for SQLite's lock asks for it now and then, and a district's reports take it back to back. */
const WAIT_MS = 60_000;
const store = await openSqlite(directory, WAIT_MS);
const loop = startLoop(store, times, { judged, broke });
const stopping = new AbortController();
const job: Job = { now: Date.now, done: judged, signal: stopping.signal };
const LOCK_AGAIN_MS = 60_000;
/** Long work goes one after the other; what breaks is told, and tried again when it is asked for again. */
let jobs: Promise<void> = Promise.resolve();
const queue = (work: () => Promise<void>) => {
  jobs = jobs.then(work).catch((error: unknown) => broke(error, {}));
};
/** What was cut short, by a restart or by trouble of the store, is taken up again. */
const lockRest = async () => {
  for (const id of await lockingNow(store)) await lockAll(store, id, job);
};
queue(lockRest);
const again = setInterval(() => queue(lockRest), LOCK_AGAIN_MS);

port.on('message', async (message: ToWorker) => {
  if (message === 'stop') {
    stopping.abort();
    clearInterval(again);
    await Promise.all([loop.stop(), jobs]);
    await store.destroy();
    port.close();
  } else if ('touch' in message) loop.touch(message.touch);
  else if ('fill' in message) queue(() => fillAll(store, message.fill, job));
  else queue(() => lockAll(store, message.lock, job));
});
