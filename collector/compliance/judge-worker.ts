import { parentPort, workerData } from 'node:worker_threads';
import { openSqlite } from '../store/sqlite.ts';
import { type LoopTimes, startLoop } from './judge-loop.ts';
import type { FromWorker, ToWorker } from './judging.ts';

/** The thread that `startJudging` starts: the loop, on a connection of its own. */

const { directory, times } = workerData as { directory: string; times: LoopTimes };
const port = parentPort!;
const say = (message: FromWorker) => port.postMessage(message);

const store = await openSqlite(directory);
const loop = startLoop(store, times, {
  judged: (school) => say({ judged: school, at: new Date().toISOString() }),
  broke: (error, about) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    say({ broke: { name, message, stack }, about });
  },
});
port.on('message', async (message: ToWorker) => {
  if (message !== 'stop') return loop.touch(message.touch);
  await loop.stop();
  await store.destroy();
  port.close();
});
