import { formatDate, formatTime } from '../../shared/vietnamese.ts';
import type { Check } from '../doctor.ts';
import { survey } from '../spool/survey.ts';
import { loadState } from '../uplink/state.ts';

/** Reports that wait for so long say that something is wrong, ms. */
const LATE_MS = 3_600_000;

/** What became of the reports. */
export async function sendingCheck(dataDir: string, now = Date.now()): Promise<Check> {
  const [state, spool] = await Promise.all([loadState(dataDir), survey(dataDir)]);
  const problems: string[] = [];
  const cautions: string[] = [];
  if (state.paused) {
    const { code, message } = state.paused;
    problems.push(
      `Phòng/Sở không nhận bản tin của máy này (${code}: ${message.replace(/[.\s]+$/, '')}): xin mã mới và ghi danh lại; số liệu vẫn chờ trên đĩa`,
    );
  } else if (spool.oldest !== null && now - Date.parse(spool.oldest) > LATE_MS) {
    const since = `${formatTime(spool.oldest)} ngày ${formatDate(spool.oldest)}`;
    const error = state.lastError ? ` (lỗi gần nhất: ${state.lastError.message})` : '';
    problems.push(
      `${spool.pending} bản tin chờ gửi từ ${since}${error}: xem mục collector; không mất gì, bản tin tự đi khi nối được`,
    );
  }
  if (spool.rejected.length > 0)
    cautions.push(
      `${spool.rejected.length} bản tin bị từ chối, để riêng: chạy lệnh status và gửi kết quả cho Phòng/Sở`,
    );
  if (state.skippedReports > 0)
    cautions.push(`${state.skippedReports} bản tin mới không giữ được vì hết chỗ: giải phóng đĩa và nối lại mạng`);
  return { name: 'sending', problems, cautions };
}
