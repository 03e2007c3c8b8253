import { isIP } from 'node:net';
import { Compile } from 'typebox/compile';
import { ApiError } from '../../shared/wire/report.ts';

/** Whether a collector answers at an address, and if not, who is in the way. */

export interface Asked {
  problems: string[];
  /** The collector's clock minus this machine's, ms, to about a second; null when it did not say. */
  aheadMs: number | null;
}

const REACH_MS = 8_000;
const MAX_CHARS = 64 * 1024;
const errorSchema = Compile(ApiError);

/** Asks `/healthz`. Never throws. */
export async function askCollector(collector: string): Promise<Asked> {
  const startedAt = Date.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${collector}/healthz`, { redirect: 'manual', signal: AbortSignal.timeout(REACH_MS) });
    text = await beginningOf(response);
  } catch (error) {
    const { cause, name, message } = error as Error & { cause?: { code?: string; message?: string } };
    const code = name === 'TimeoutError' ? 'ETIMEDOUT' : (cause?.code ?? cause?.message ?? message);
    return { problems: [`không nối được tới ${collector} (${code}): ${nextStepOf(code, collector)}`], aheadMs: null };
  }
  const problem = problemOf(collector, response, text);
  if (problem !== null) return { problems: [problem], aheadMs: null };
  const date = Date.parse(response.headers.get('date') ?? '');
  // Whole seconds, cut: half a second is added back. Written half-way between asking and answer.
  const aheadMs = Number.isNaN(date) ? null : Math.round(date + 500 - (startedAt + Date.now()) / 2);
  return { problems: [], aheadMs };
}

/** What stands between, by what answered in the collector's place; null when it is the collector. Pure. */
export function problemOf(collector: string, { status, headers }: Pick<Response, 'status' | 'headers'>, text: string) {
  const json = parsed(text);
  if (errorSchema.Check(json) || (json as { status?: unknown } | undefined)?.status === 'ok')
    return status >= 500
      ? `${collector} đang bận hoặc lỗi (HTTP ${status}): đợi ít phút; vẫn lỗi thì báo Phòng/Sở`
      : null;
  const portal = 'mở trình duyệt trên máy này và đăng nhập mạng, hoặc nhờ người quản trị mạng cho máy này qua';
  if (status >= 300 && status < 400) {
    const to = hostOf(headers.get('location') ?? '', collector);
    return to === new URL(collector).host
      ? `${collector} chuyển sang địa chỉ khác (HTTP ${status}): chép lại đúng địa chỉ từ trang của Phòng/Sở`
      : `mạng chuyển hướng sang ${to ?? 'nơi khác'}: có trang đăng nhập chắn đường: ${portal}`;
  }
  if (status === 407 || status === 511) return `mạng đòi đăng nhập (HTTP ${status}): ${portal}`;
  if (/^\s*</.test(text))
    return `${collector} trả lời bằng một trang web, không phải collector THĐT: sửa địa chỉ "collector"; nếu địa chỉ đúng, ${portal}`;
  return `${collector} trả lời nhưng không phải collector THĐT (HTTP ${status}): sửa địa chỉ "collector" theo trang của Phòng/Sở`;
}

const TLS = /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/;

/** For an error code of Node's network. Pure. */
export function nextStepOf(code: string, collector: string): string {
  const { hostname, host } = new URL(collector);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `máy không tra được tên ${hostname}: kiểm tra cáp mạng, DNS của máy (thử 8.8.8.8) và chính tả của địa chỉ`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'chứng chỉ hết hạn hoặc giờ của máy sai: chỉnh giờ của máy trước; giờ đúng mà vẫn lỗi thì báo Phòng/Sở';
  if (TLS.test(code))
    return 'chứng chỉ không tin được: có thể bộ lọc mạng hoặc phần mềm diệt virus chen vào: cho địa chỉ này đi thẳng, hoặc báo Phòng/Sở';
  if (code === 'ECONNREFUSED') return `không có gì nghe ở ${host}: kiểm tra cổng trong địa chỉ, hoặc máy chủ đang tắt`;
  if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH')
    return 'máy không có đường ra mạng: kiểm tra cáp, Wi-Fi và địa chỉ của máy';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET')
    return 'kết nối bị cắt giữa chừng: tường lửa hoặc bộ lọc của trường có thể chặn địa chỉ này';
  if (code === 'ETIMEDOUT' || code.startsWith('UND_ERR_'))
    return `không có trả lời trong ${REACH_MS / 1000} giây: kiểm tra mạng, tường lửa, và máy chủ có đang chạy không`;
  return 'kiểm tra mạng và địa chỉ';
}

/** An address of this very machine. */
export function isInside(collector: string): boolean {
  const name = new URL(collector).hostname.replaceAll(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

function hostOf(location: string, base: string): string | null {
  return URL.canParse(location, base) ? new URL(location, base).host : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_CHARS) break;
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, MAX_CHARS);
}
