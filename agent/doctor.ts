import { type Config, targeted } from './config.ts';
import { type Asked, askCollector, isInside } from './doctor/collector.ts';
import { clockCheck, dataDirProblems, pagePortProblems, serviceCautions } from './doctor/machine.ts';
import { sendingCheck } from './doctor/sending.ts';
import { mediumCautions, wayProblems } from './doctor/way.ts';
import { configProblems, credentialCautions } from './doctor/written.ts';
import { IdentityError, identityFile, loadIdentity } from './uplink/identity.ts';
import { WRONG_ROLE } from './uplink/site-enrol.ts';

/** `doctor`: what on this machine keeps the agent from its work, each in one line that says what to do. */

export interface Check {
  /** What was looked at: `data-dir`, `identity`, … or the name of a probe. */
  name: string;
  /** Empty when nothing is wrong. */
  problems: string[];
  /** What works and may mislead. */
  cautions?: string[];
}

export interface ExamineOptions {
  /** Asked of the running agent itself, on its own page. */
  inService?: boolean;
}

/** Looks at everything once. Never throws for what it finds. */
export async function examine(config: Config, { inService = false }: ExamineOptions = {}): Promise<Check[]> {
  const { collector, problems, cautions = [], target } = await identityOf(config);
  const asked: Asked = collector === null ? { problems: [NO_ADDRESS], aheadMs: null } : await askCollector(collector);
  // With the collector on this very machine nothing goes over a network.
  const overNetwork = collector !== null && !isInside(collector);
  const checks: Check[] = [
    { name: 'config', problems: await configProblems(config), cautions: credentialCautions(config) },
    { name: 'data-dir', problems: await dataDirProblems(config.dataDir) },
    { name: 'identity', problems, cautions },
    ...(overNetwork
      ? [{ name: 'network', problems: await wayProblems(collector), cautions: await mediumCautions(config, collector) }]
      : []),
    { name: 'collector', problems: asked.problems },
    await sendingCheck(config.dataDir),
    await clockCheck(config.dataDir, asked.aheadMs),
  ];
  if (!inService) {
    checks.push({ name: 'service', problems: [], cautions: await serviceCautions(config.dataDir) });
    checks.push({ name: 'local-page', problems: await pagePortProblems(config) });
  }
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

const NO_ADDRESS = 'chưa có địa chỉ: thêm "collector" vào tệp cấu hình hoặc ghi danh với --collector';

const BY_CODE =
  'chưa ghi danh; tác tử tự ghi danh bằng mã trong tệp cấu hình khi chạy. Vài phút sau vẫn thế thì mã đã dùng hoặc hết hạn: xin mã mới';

async function identityOf(
  config: Config,
): Promise<{ collector: string | null; problems: string[]; cautions?: string[]; target?: string | undefined }> {
  const collector = config.collector ?? null;
  try {
    const identity = await loadIdentity(config.dataDir);
    const isWrong = config.role === 'site' && identity?.target !== undefined;
    if (identity && !isWrong)
      return { collector: collector ?? identity.collector, problems: [], target: identity.target };
    // It enrols by itself when it runs.
    if (config.code !== undefined) return { collector, problems: [], cautions: [BY_CODE] };
    if (isWrong) return { collector, problems: [WRONG_ROLE] };
    const next = 'xin mã của Phòng/Sở, rồi chạy lệnh enroll hoặc nhập mã trên trang của tác tử (lệnh open)';
    return { collector, problems: [`máy này chưa ghi danh: ${next}`] };
  } catch (error) {
    const text = error instanceof IdentityError ? error.message : `không đọc được ${identityFile(config.dataDir)}`;
    return { collector, problems: [text] };
  }
}
