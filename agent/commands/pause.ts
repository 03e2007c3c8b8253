import { mkdir } from 'node:fs/promises';
import { formatDate, formatTime } from '../../shared/vietnamese.ts';
import { MAX_PAUSE_MS, pause, resume } from '../schedule/pause.ts';
import { type Call, EXIT, UsageError } from './call.ts';

/** What fills the line stands still during an exam. */
export async function pauseHeavy({ config, options, stdout }: Call): Promise<number> {
  const minutes = Number(options.minutes ?? 60);
  const most = MAX_PAUSE_MS / 60_000;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > most)
    throw new UsageError(`--minutes phải là số nguyên từ 1 đến ${most}`);
  const until = Date.now() + minutes * 60_000;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await pause(config.dataDir, until);
  stdout(
    `Tạm ngừng đo tốc độ Internet đến ${formatTime(until)} ngày ${formatDate(until)}. Đo lại sớm hơn: lệnh resume\n`,
  );
  return EXIT.done;
}

export async function resumeHeavy({ config, stdout }: Call): Promise<number> {
  stdout((await resume(config.dataDir)) ? 'Đã cho đo lại.\n' : 'Không có gì đang tạm ngừng.\n');
  return EXIT.done;
}
