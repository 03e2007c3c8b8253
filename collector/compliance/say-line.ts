import type { Mark } from '../../shared/speed-test.ts';
import { formatDate, formatNumber, formatTime } from '../../shared/vietnamese.ts';
import type { LineFacts, ShownOutage } from './line-facts.ts';
import type { Trait } from './rollup/line-identity.ts';
import type { Bound } from './rollup/speed.ts';
import type { Words } from './rollup/tally.ts';

/** What is known of an internet line, in Vietnamese. */

/** By which a test was held back, and what to do about it. */
const MARKS: Record<Mark, { says: string; mend: string }> = {
  wifi: { says: 'qua Wi-Fi', mend: 'cắm dây mạng cho máy đo' },
  port: { says: 'qua cổng mạng chậm', mend: 'thay dây mạng hoặc dùng máy có cổng 1 Gbps' },
  'own-traffic': { says: 'khi máy đo đang truyền dữ liệu khác', mend: 'tắt tải xuống và cập nhật trên máy đo' },
  cpu: { says: 'khi máy đo quá tải', mend: 'đóng bớt chương trình hoặc dùng máy khỏe hơn' },
  vpn: { says: 'qua VPN', mend: 'tắt VPN trên máy đo' },
  metered: { says: 'qua mạng tính tiền theo dung lượng', mend: 'nối máy đo vào đường truyền chính' },
  'server-limited': { says: 'bị máy chủ đo giới hạn', mend: 'thêm nguồn đo khác vào cấu hình tác tử' },
  other: { says: 'bị tác tử đánh dấu', mend: 'xem báo cáo đã ký của lần đo' },
};

export function sayMark(mark: Mark, linkMbps: number | null): string {
  if (mark === 'port' && linkMbps !== null) return `qua cổng mạng ${formatNumber(linkMbps)} Mbps`;
  return MARKS[mark].says;
}

/** "9 lần qua Wi-Fi (cắm dây mạng cho máy đo), 3 lần qua cổng mạng 10 Mbps (…)", most first. */
export function sayMarks(bounds: readonly Bound[]): string {
  const groups = Map.groupBy(bounds, ({ mark, linkMbps }) => sayMark(mark, linkMbps));
  return [...groups]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([says, own]) => ({ says, own, mend: MARKS[own[0]!.mark].mend }))
    .slice(0, MOST_SAID)
    .map(({ says, own, mend }) => `${own.length} lần ${says} (${mend})`)
    .join(', ');
}
/** A port's speed may be any figure: the few that matter are said. */
const MOST_SAID = 5;

const REASONS: Record<string, string> = {
  timeout: 'không trả lời kịp',
  refused: 'bị từ chối',
  unreachable: 'không có đường tới',
  auth: 'sai tài khoản',
  malformed: 'trả lời sai',
  'too-large': 'trả lời quá lớn',
  skipped: 'tác tử cố ý không đo (xem báo cáo)',
  failed: 'không đo được',
  'window-too-short': 'thời gian đo quá ngắn',
  'cut-short': 'bị cắt ngắn vì hết dung lượng',
  'too-few-bytes': 'nhận quá ít dữ liệu',
};
/** "3 lần không trả lời kịp, 1 lần nhận quá ít dữ liệu". */
export const saySpoilt = (spoilt: Words): string =>
  spoilt.map(([reason, count]) => `${count} lần ${REASONS[reason] ?? 'vì lý do khác'}`).join(', ');

const PROVIDERS: Record<string, string> = {
  fast: 'fast.com',
  ndt7: 'M-Lab',
  http: 'tệp mẫu',
  collector: 'máy chủ quận',
};
const sayProvider = (provider: string | null) =>
  provider === null ? 'không rõ nguồn' : Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider]! : provider;

const TRAITS: Record<Trait, string> = {
  address: 'địa chỉ ra Internet',
  provider: 'nhà mạng',
  gateway: 'thiết bị cổng (MAC)',
};

/** Each fact that there is as one phrase. */
export function sayLine(line: LineFacts): string[] {
  const { offHours, upload, latency, crossChecks, marked, spoilt, outages, switches } = line;
  const said: string[] = [];
  if (offHours)
    said.push(
      `Ngoài giờ học: trung vị ${mbps(offHours.medianMbps)}, cao nhất ${mbps(offHours.bestMbps)} (${offHours.tests} lần đo)`,
    );
  if (upload) said.push(`Tải lên: trung vị ${mbps(upload.medianMbps)} (${upload.tests} lần đo)`);
  const delays = [
    [latency.idleMs, 'khi rảnh'],
    [latency.downMs, 'khi tải xuống'],
    [latency.upMs, 'khi tải lên'],
  ].flatMap(([ms, when]) => (typeof ms === 'number' ? `${formatNumber(ms, 0)} ms ${when}` : []));
  if (delays.length > 0) said.push(`Độ trễ (trung vị): ${delays.join(', ')}`);
  if (crossChecks.worst) {
    const { provider, mbps: own, otherProvider, otherMbps, sample } = crossChecks.worst;
    said.push(
      `Hai nguồn đo không khớp: ${crossChecks.differing}/${crossChecks.tests} lần kiểm tra chéo; lệch nhất ${mbps(own)} (${sayProvider(provider)}) và ${mbps(otherMbps)} (${sayProvider(otherProvider)}), ${when(sample.at)}`,
    );
  } else if (crossChecks.tests > 0) said.push(`Hai nguồn đo khớp nhau: ${crossChecks.tests} lần kiểm tra chéo`);
  if (marked.length > 0)
    said.push(
      `Chỉ biết tốc độ tối thiểu: ${marked.map(([mark, n]) => `${n} lần ${sayMark(mark as Mark, null)}`).join(', ')}`,
    );
  if (spoilt.length > 0) said.push(`Không tính: ${saySpoilt(spoilt)}`);
  if (outages)
    said.push(
      outages.count === 0
        ? 'Không ghi nhận lần mất kết nối nào'
        : `Mất kết nối: ${outages.count} lần, tổng ${minutes(outages.ms)}${outages.longest[0] ? `; lâu nhất ${sayOutage(outages.longest[0])}` : ''}`,
    );
  const [newest] = switches.newest;
  if (newest) {
    const changes = newest.changes.map(({ trait, before, after }) => `${TRAITS[trait]} ${before} → ${after}`);
    said.push(`Đổi đường truyền: ${switches.count} lần; gần nhất ${when(newest.sample.at)}: ${changes.join(', ')}`);
  }
  return said;
}

function sayOutage({ outage: { first, until }, ms }: ShownOutage): string {
  const span =
    until === null
      ? `từ ${when(first.at)}`
      : formatDate(first.at) === formatDate(until)
        ? `${formatTime(first.at)}–${when(until)}`
        : `${when(first.at)} – ${when(until)}`;
  return `${span} (${minutes(ms)})`;
}

const when = (at: number) => `${formatTime(at)} ${formatDate(at)}`;
const mbps = (value: number) => `${formatNumber(value)} Mbps`;
const minutes = (ms: number) => `${formatNumber(ms / 60_000, 0)} phút`;
