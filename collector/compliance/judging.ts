import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Live } from '../live.ts';
import type { LoopTimes } from './judge-loop.ts';

/**
 * Judging in a thread of its own with a connection of its own: a district's worth of samples must not make an agent wait
 * for its acknowledgement.
 */

export type ToWorker = { touch: string } | 'stop';
export type FromWorker =
  | { judged: string; at: string }
  | { broke: { name: string; message: string; stack?: string | undefined }; about: { school?: string; rule?: string } };

export const DEFAULT_TIMES: LoopTimes = { pauseMs: 500, sweepMs: 60_000, againMs: 5000 };

export function startJudging(
  directory: string,
  live: Live,
  log: Pick<Logger, 'error'>,
  times: LoopTimes = DEFAULT_TIMES,
): { touch(schoolId: string): void; stop(): Promise<void> } {
  const worker = new Worker(new URL('./judge-worker.ts', import.meta.url), { workerData: { directory, times } });
  const ended = once(worker, 'exit');
  worker.on('message', (message: FromWorker) => {
    if ('judged' in message) live.publish({ schoolId: message.judged, at: message.at });
    else log.error({ err: message.broke, ...message.about }, 'judging failed');
  });
  // A collector that takes reports and judges nothing would look well: it ends, and whoever runs it starts it again.
  worker.on('error', (error) => {
    log.error({ err: error }, 'the judging thread broke');
    throw error;
  });
  const tell = (message: ToWorker) => worker.postMessage(message);
  return {
    touch: (schoolId) => tell({ touch: schoolId }),
    stop: async () => {
      tell('stop');
      await ended;
    },
  };
}
