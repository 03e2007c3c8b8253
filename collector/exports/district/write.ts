import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { DistrictLines } from './lines.ts';

const MEMORY_MB = 1024;

/**
 * Writes a summary in a thread of its own: a document of 3,000 schools takes 20 s, in which the main thread would
 * acknowledge no report. Rejects when the thread breaks, for instance by its limit of memory.
 */
export async function writeApart(format: string, lines: DistrictLines): Promise<Buffer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { format, lines },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  try {
    const [written] = (await once(worker, 'message')) as [Uint8Array];
    return Buffer.from(written);
  } finally {
    await worker.terminate();
  }
}
