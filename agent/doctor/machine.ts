import { mkdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { uptime } from 'node:os';
import path from 'node:path';
import { formatNumber } from '../../shared/vietnamese.ts';
import type { Config } from '../config.ts';
import type { Check } from '../doctor.ts';
import { readOpening } from '../local-page/access.ts';
import { isOurs } from '../local-page/open.ts';
import { writeDurably } from '../spool/durable.ts';
import { loadState } from '../uplink/state.ts';

/** What of this machine itself is in the way: disk, clock, ports, another agent. */

const MIN_FREE_BYTES = 500_000_000;
const CLOCK_TOLERANCE_MS = 30_000;
/** Minutes of Asia/Ho_Chi_Minh, as Date counts them. */
const ZONE_MINUTES = -420;

/** Writes and removes a file, which says more than rights do. */
export async function dataDirProblems(dataDir: string): Promise<string[]> {
  const name = 'doctor-try';
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeDurably(dataDir, name, 'x');
    await rm(path.join(dataDir, name), { force: true });
    const other = await otherMachineProblem(dataDir);
    const { bavail, bsize } = await statfs(dataDir);
    const freeBytes = bavail * bsize;
    if (freeBytes >= MIN_FREE_BYTES) return other;
    const free = `đĩa còn ${Math.round(freeBytes / 1e6)} MB ở ${dataDir}`;
    return [...other, `${free}: cần ít nhất ${MIN_FREE_BYTES / 1e6} MB, hãy xoá bớt tệp`];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const next =
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'đĩa đầy, hãy xoá bớt tệp'
        : code === 'EROFS'
          ? 'đĩa chỉ cho đọc (hỏng hoặc bị khoá), hãy kiểm tra đĩa'
          : 'kiểm tra quyền của thư mục với tài khoản chạy tác tử';
    return [`không ghi được vào ${dataDir} (${code}): ${next}`];
  }
}

/** Two machines on one folder of the network would send each other's reports: locks tell processes of one machine only. */
async function otherMachineProblem(dataDir: string): Promise<string[]> {
  const holder = await holderOf(dataDir);
  if (!holder || holder.alive || holder.isThisMachine) return [];
  return [
    `một máy khác đang dùng ${dataDir} (tiến trình ${holder.pid} không có trên máy này): mỗi máy phải có thư mục dữ liệu riêng, trên đĩa của nó`,
  ];
}

export async function serviceCautions(dataDir: string): Promise<string[]> {
  const holder = await holderOf(dataDir);
  if (holder?.alive) return [];
  return ['tác tử chưa chạy thường trực: bật dịch vụ (hoặc chạy lệnh run), nếu không thì chẳng có gì được đo'];
}

/** How far a beat of the lock may be from the machine's own count, seconds. */
const UPTIME_SLACK_S = 60;
const FRESH_S = 45;

interface Holder {
  pid: number;
  alive: boolean;
  /** The holder counts the time since start as this machine does, or has not written for long. */
  isThisMachine: boolean;
}

/** Who holds `run.lock` (process-lock.ts); null when nobody does. */
async function holderOf(dataDir: string): Promise<Holder | null> {
  const file = path.join(dataDir, 'run.lock');
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(file), readFile(file, 'utf8')]);
    const { pid, uptimeS } = JSON.parse(text) as { pid: number; uptimeS: number };
    const ageS = (Date.now() - mtimeMs) / 1000;
    const agrees = Math.abs(uptimeS + ageS - uptime()) < UPTIME_SLACK_S;
    return { pid, alive: isAlive(pid), isThisMachine: agrees || Math.abs(ageS) > FRESH_S };
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}

/** `aheadMs`: the collector's clock minus this one, as it just said; else what the last report showed counts. */
export async function clockCheck(dataDir: string, aheadMs: number | null): Promise<Check> {
  const offsetMs = aheadMs ?? (await loadState(dataDir)).clockOffsetMs;
  const problems: string[] = [];
  if (offsetMs !== null && Math.abs(offsetMs) > CLOCK_TOLERANCE_MS) {
    const way = offsetMs > 0 ? 'chậm' : 'nhanh';
    const next =
      process.platform === 'win32'
        ? 'mở Settings > Time & language > Date & time, bật “Set time automatically”, bấm “Sync now”'
        : 'bật đồng bộ giờ (timedatectl set-ntp true)';
    problems.push(
      `đồng hồ máy ${way} ${lengthOf(Math.abs(offsetMs))} so với collector: hãy chỉnh giờ: ${next}; sai lại sau mỗi lần tắt thì thay pin CMOS`,
    );
  }
  const zone = new Date().getTimezoneOffset();
  const cautions =
    zone === ZONE_MINUTES
      ? []
      : [`múi giờ của máy là UTC${zoneOf(zone)}, không phải UTC+7: số đo vẫn đúng giờ, nhưng nên đặt múi giờ Hà Nội`];
  return { name: 'clock', problems, cautions };
}

const lengthOf = (ms: number) =>
  ms < 120_000
    ? `${Math.round(ms / 1000)} giây`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} phút`
      : `${formatNumber(ms / 3_600_000)} giờ`;
const zoneOf = (minutes: number) => `${minutes > 0 ? '-' : '+'}${formatNumber(Math.abs(minutes) / 60, 2)}`;

/** Whether the local page can be where the configuration says. */
export async function pagePortProblems({ localPage, dataDir }: Config): Promise<string[]> {
  if (localPage === false || localPage.port === 0) return [];
  const { port } = localPage;
  const code = await whyNotBound(port);
  if (code === null) return [];
  const opening = await readOpening(dataDir).catch(() => 'hidden' as const);
  // Who may not read the token cannot tell; the running agent's own page can.
  if (opening === 'hidden' || (opening?.port === port && (await isOurs(opening)))) return [];
  return [
    `cổng ${port} của trang trên máy không dùng được (${code}): tắt chương trình đang dùng cổng này, hoặc ghi "localPage": { "port": ${port + 100} } vào tệp cấu hình rồi khởi động lại tác tử`,
  ];
}

function whyNotBound(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'lỗi'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
}
