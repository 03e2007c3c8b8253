import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { type Config, targeted } from './config.ts';
import { IdentityError, identityFile, loadIdentity, readableByOthers } from './uplink/identity.ts';
import { loadState } from './uplink/state.ts';

/** `doctor`: what on this machine keeps the agent from its work, each in one line that says what to do. */

export interface Check {
  /** What was looked at: `data-dir`, `identity`, … or the name of a probe. */
  name: string;
  /** Empty when nothing is wrong. */
  problems: string[];
  /** What works and may mislead. */
  cautions?: string[];
}

const REACH_MS = 5000;
const MIN_FREE_BYTES = 500_000_000;
const CLOCK_TOLERANCE_MS = 30_000;

/** Looks at everything once. Never throws for what it finds. */
export async function examine(config: Config): Promise<Check[]> {
  const checks: Check[] = [
    { name: 'config', problems: await configProblems(config) },
    { name: 'data-dir', problems: await dataDirProblems(config.dataDir) },
  ];
  const { collector, problems, target } = await identityOf(config);
  checks.push({ name: 'identity', problems });
  checks.push({ name: 'collector', problems: await collectorProblems(collector) });
  checks.push({ name: 'clock', problems: await clockProblems(config.dataDir) });
  for (const { probe, config: written } of config.probes) {
    const own = targeted(config, written, { target });
    let problems: string[];
    try {
      problems = (await probe.doctor?.(own)) ?? [];
    } catch (error) {
      problems = [`không kiểm tra được (lỗi chương trình): ${(error as Error).message}`];
    }
    checks.push({ name: probe.name, problems, cautions: probe.cautions?.(own) ?? [] });
  }
  return checks;
}

export function doctorText(checks: readonly Check[]): string {
  return checks
    .flatMap(({ name, problems, cautions = [] }) => {
      const lines = [
        ...problems.map((problem) => `LỖI  ${name}: ${problem}`),
        ...cautions.map((caution) => `CHÚ Ý  ${name}: ${caution}`),
      ];
      return lines.length === 0 ? [`ĐẠT  ${name}`] : lines;
    })
    .join('\n');
}

async function configProblems(config: Config): Promise<string[]> {
  const problems = config.probes.length === 0 ? ['chưa khai phép đo nào trong "probes"'] : [];
  const holdsPassword = JSON.stringify(config.probes.map((one) => one.config)).includes('"password":');
  if (holdsPassword && (await readableByOthers(config.file)))
    problems.push(`người dùng khác trên máy đọc được mật khẩu trong ${config.file}: chạy chmod 600 cho tệp này`);
  return problems;
}

async function dataDirProblems(dataDir: string): Promise<string[]> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = await statfs(dataDir);
    const freeBytes = bavail * bsize;
    if (freeBytes >= MIN_FREE_BYTES) return [];
    return [`đĩa còn ${Math.round(freeBytes / 1e6)} MB ở ${dataDir}: cần ít nhất ${MIN_FREE_BYTES / 1e6} MB`];
  } catch (error) {
    return [`không ghi được vào ${dataDir} (${(error as NodeJS.ErrnoException).code}): kiểm tra quyền của thư mục`];
  }
}

async function identityOf(
  config: Config,
): Promise<{ collector: string | null; problems: string[]; target?: string | undefined }> {
  const collector = config.collector ?? null;
  try {
    const identity = await loadIdentity(config.dataDir);
    if (identity) return { collector: collector ?? identity.collector, problems: [], target: identity.target };
    // An endpoint enrols by itself when it runs.
    if (config.role === 'endpoint' && config.code !== undefined) return { collector, problems: [] };
    return { collector, problems: ['máy này chưa ghi danh: chạy lệnh enroll với mã của Phòng/Sở'] };
  } catch (error) {
    const text = error instanceof IdentityError ? error.message : `không đọc được ${identityFile(config.dataDir)}`;
    return { collector, problems: [text] };
  }
}

/** Any answer means that the way is open. */
async function collectorProblems(collector: string | null): Promise<string[]> {
  if (collector === null) return ['chưa có địa chỉ: thêm "collector" vào tệp cấu hình hoặc ghi danh với --collector'];
  try {
    const response = await fetch(collector, { redirect: 'manual', signal: AbortSignal.timeout(REACH_MS) });
    await response.body?.cancel();
    return [];
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    return [`không nối được tới ${collector} (${cause?.code ?? cause?.message ?? message}): kiểm tra mạng và địa chỉ`];
  }
}

async function clockProblems(dataDir: string): Promise<string[]> {
  const { clockOffsetMs } = await loadState(dataDir);
  if (clockOffsetMs === null || Math.abs(clockOffsetMs) <= CLOCK_TOLERANCE_MS) return [];
  return [`đồng hồ máy lệch ${Math.round(clockOffsetMs / 1000)} giây so với collector: hãy chỉnh giờ`];
}
