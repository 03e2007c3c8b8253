import type { Config } from '../config.ts';
import { readableByOthers } from '../uplink/identity.ts';

/** What a person wrote into the configuration, or left as the example has it. */

const EXAMPLE_PASSWORD = 'doi-mat-khau';
const EXAMPLE_TOKEN = 'ma-ung-dung-cua-fast-com';
/** Names that can be nobody's (RFC 2606, 2). */
const EXAMPLE_NAME = /(?:^|[/.@])[\w-]+\.example(?:[:/]|$)/;

export async function configProblems(config: Config): Promise<string[]> {
  const problems = config.probes.length === 0 ? ['chưa khai phép đo nào trong "probes"'] : [];
  const holdsPassword = JSON.stringify(config.probes.map((one) => one.config)).includes('"password":');
  if (holdsPassword && (await readableByOthers(config.file)))
    problems.push(`người dùng khác trên máy đọc được mật khẩu trong ${config.file}: chạy chmod 600 cho tệp này`);
  if (config.collector !== undefined && EXAMPLE_NAME.test(config.collector))
    problems.push(`"collector" còn là địa chỉ của tệp mẫu (${config.collector}): thay bằng địa chỉ của Phòng/Sở`);
  for (const { probe, config: own } of config.probes)
    for (const { pointer, text } of stringsIn(own, `/probes/${probe.name}`)) {
      if (text === EXAMPLE_PASSWORD)
        problems.push(`${pointer} còn mật khẩu của tệp mẫu: nhập mật khẩu thật trên trang của tác tử (lệnh open)`);
      else if (text === EXAMPLE_TOKEN)
        problems.push(`${pointer} còn mã của tệp mẫu: xoá dòng "token", tác tử tự lấy mã`);
      else if (EXAMPLE_NAME.test(text))
        problems.push(`${pointer} còn tên của tệp mẫu (${text}): thay hoặc xoá mục này`);
    }
  return problems;
}

/** Cameras without an account answer little: whether there is a picture stays unknown. */
export function credentialCautions(config: Config): string[] {
  return config.probes
    .filter(({ probe }) => probe.name === 'camera')
    .flatMap(({ probe, config: own }) => probe.targets(own) as { id: string; password?: string }[])
    .filter(({ password }) => !password)
    .map(({ id }) => `camera ${id} chưa có mật khẩu: nhập trên trang của tác tử (lệnh open), nếu camera đòi đăng nhập`);
}

function stringsIn(value: unknown, pointer: string): { pointer: string; text: string }[] {
  if (typeof value === 'string') return [{ pointer, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => stringsIn(child, `${pointer}/${key}`));
}
