import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Problem } from '../api/errors.ts';

/** A cell: its text, or what stands there instead of one. */
export type CellText = string | { date: string } | { formula: true };
export interface ReadTable {
  name: string;
  rows: CellText[][];
}

/** Largest file, bytes, and rows of data in it. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024;
export const MAX_ROWS = 20_000;
/** Rows above the data: a title, the headings. */
export const MAX_HEAD_ROWS = 20;
const MAX_COLUMNS = 26;
const MEMORY_MB = 768;
const TIMEOUT_MS = 60_000;

/**
 * Every sheet of an XLSX as text, read in a thread of its own with limits of memory and time. Throws Problem
 * `input-invalid` for what is none, and for one that is too large when unpacked.
 */
export async function readTables(bytes: Buffer): Promise<ReadTable[]> {
  const rows = MAX_ROWS + MAX_HEAD_ROWS + 1;
  const worker = new Worker(new URL('./read-worker.ts', import.meta.url), {
    workerData: { bytes: new Uint8Array(bytes), rows, columns: MAX_COLUMNS },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  try {
    const [tables] = (await once(worker, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [ReadTable[]];
    return tables;
  } catch (error) {
    throw new Problem('input-invalid', `không đọc được tệp: ${why(error as Error & { code?: string })}`);
  } finally {
    await worker.terminate();
  }
}

function why({ code, message, name }: Error & { code?: string }): string {
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' || message === 'too large when unpacked')
    return 'nội dung sau khi giải nén quá lớn';
  if (name === 'AbortError') return 'tệp quá phức tạp, chỉ giữ lại trang cần nhập rồi gửi lại';
  if (message === 'too many parts') return 'tệp có quá nhiều phần';
  return 'cần tệp XLSX không đặt mật khẩu';
}
