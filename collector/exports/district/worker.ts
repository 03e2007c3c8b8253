import { parentPort, workerData } from 'node:worker_threads';
import type { DistrictLines } from './lines.ts';
import { districtFormats } from './registry.ts';

/** The thread that `write.ts` starts: one file, then it ends. */
const { format, lines } = workerData as { format: string; lines: DistrictLines };
const written = await districtFormats.find(({ id }) => id === format)!.write(lines);
parentPort!.postMessage(new Uint8Array(written));
