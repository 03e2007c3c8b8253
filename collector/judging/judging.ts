import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Live } from '../live.ts';
import type { LoopTimes } from './loop.ts';

/**
 * Judging in a thread of its own with a connection of its own: a district's worth of samples must not make an agent wait
 * for its acknowledgement.
 */

export type ToWorker = { touch: string } | { fill: string } | { lock: string } | 'stop';
export type FromWorker =
  | { judged: string; at: string }
  | { broke: { name: string; message: string; stack?: string | undefined }; about: { school?: string; rule?: string } };

export interface Judging {
  /** Judge this school soon: a report came, or its inventory changed. */
  touch(schoolId: string): void;
  /** Judge every school of an evaluation over its window. */
  fill(evaluationId: string): void;
  /** Freeze the sheets of an evaluation in state `locking`. */
  lock(evaluationId: string): void;
  stop(): Promise<void>;
}

export const DEFAULT_TIMES: LoopTimes = { pauseMs: 500, sweepMs: 60_000, againMs: 5000 };

export function startJudging(
  directory: string,
  live: Live,
  log: Pick<Logger, 'error'>,
  times: LoopTimes = DEFAULT_TIMES,
): Judging {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { directory, times } });
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
    fill: (evaluationId) => tell({ fill: evaluationId }),
    lock: (evaluationId) => tell({ lock: evaluationId }),
    stop: async () => {
      tell('stop');
      await ended;
    },
  };
}
