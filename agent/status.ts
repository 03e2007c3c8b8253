import { formatNumber } from '../shared/vietnamese.ts';
import type { Config } from './config.ts';
import { pausedUntil } from './schedule/pause.ts';
import { type Rejection, survey } from './spool/survey.ts';
import { type Identity, loadIdentity } from './uplink/identity.ts';
import { loadState, type State } from './uplink/state.ts';

/** `status`: where the reports of this machine are. Reads files only, so it works beside a running agent. */

export interface Status extends Omit<State, 'acknowledged'> {
  identity: { agentId: string; school: Identity['school'] } | null;
  collector: string | null;
  pending: number;
  pendingBytes: number;
  /** When the oldest pending report was made, RFC 3339. */
  oldestPending: string | null;
  rejected: Rejection[];
  acknowledged: number;
  probes: { name: string; everySeconds: number }[];
  /** Until when a person stopped what fills the line, RFC 3339; null: nobody did. */
  heavyPausedUntil: string | null;
}

/** Throws IdentityError when the identity file is damaged. */
export async function readStatus(config: Config): Promise<Status> {
  const [identity, state, spool, pausedAt] = await Promise.all([
    loadIdentity(config.dataDir),
    loadState(config.dataDir),
    survey(config.dataDir),
    pausedUntil(config.dataDir),
  ]);
  return {
    identity: identity && { agentId: identity.agentId, school: identity.school },
    collector: config.collector ?? identity?.collector ?? null,
    pending: spool.pending,
    pendingBytes: spool.pendingBytes,
    oldestPending: spool.oldest,
    rejected: spool.rejected,
    probes: config.probes.map(({ probe, everySeconds }) => ({ name: probe.name, everySeconds })),
    heavyPausedUntil: pausedAt === null ? null : new Date(pausedAt).toISOString(),
    ...state,
  };
}

/** A clock that is off by more is told, seconds: findings are held against school hours. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Set-aside reports that are listed one by one. */
const LISTED = 10;

/** For the people at the school, one fact a line. */
export function statusText(status: Status): string {
  const { identity, lastAcknowledgement: last, rejected } = status;
  const lines = [
    identity
      ? `Danh tính: ${identity.agentId}, ${identity.school.name} (${identity.school.id})`
      : 'Danh tính: chưa ghi danh (chạy lệnh enroll)',
    `Collector: ${status.collector ?? 'chưa có địa chỉ'}`,
    `Phép đo: ${status.probes.map(({ name, everySeconds }) => `${name} (${formatNumber(everySeconds)} giây)`).join(', ') || 'chưa có'}`,
    `Đang chờ gửi: ${status.pending} bản tin, ${sizeText(status.pendingBytes)}${
      status.oldestPending ? `, cũ nhất lúc ${local(status.oldestPending)}` : ''
    }`,
    `Xác nhận gần nhất: ${last ? `${local(last.at)} (bản tin ${last.id})` : 'chưa có'}`,
    `Đồng hồ: ${clockText(status.clockOffsetMs)}`,
  ];
  if (status.paused)
    lines.push(`TẠM DỪNG GỬI từ ${local(status.paused.since)}: ${status.paused.code}: ${status.paused.message}`);
  if (status.heavyPausedUntil)
    lines.push(`TẠM NGỪNG đo tốc độ Internet đến ${local(status.heavyPausedUntil)} (lệnh resume để đo lại)`);
  if (status.lastError) lines.push(`Lỗi gửi gần nhất: ${local(status.lastError.at)}: ${status.lastError.message}`);
  if (status.skippedReports > 0)
    lines.push(
      `ĐÃ BỎ QUA vì hết chỗ: ${status.skippedReports} bản tin, ${status.skippedSamples} mẫu đo mới (bản tin cũ được giữ)`,
    );
  lines.push(`Bị từ chối, để riêng: ${rejected.length} bản tin`);
  for (const { id, code, message, at } of rejected.slice(-LISTED))
    lines.push(`  ${local(at)}  ${id}  ${code}: ${message}`);
  if (rejected.length > LISTED) lines.push(`  … và ${rejected.length - LISTED} bản tin cũ hơn (xem --json)`);
  if (status.rejectedDropped > 0) lines.push(`Bị từ chối và đã xoá để giữ chỗ: ${status.rejectedDropped} bản tin`);
  return lines.join('\n');
}

const sizeText = (bytes: number) =>
  bytes >= 1e6 ? `${formatNumber(bytes / 1e6)} MB` : `${formatNumber(bytes / 1e3)} kB`;

function clockText(offsetMs: number | null): string {
  if (offsetMs === null) return 'chưa so được với collector';
  const seconds = Math.abs(offsetMs) / 1000;
  const amount = `${formatNumber(seconds)} giây so với collector`;
  if (seconds < 0.05) return 'khớp với collector';
  const way = offsetMs > 0 ? 'chậm' : 'nhanh';
  return seconds > CLOCK_TOLERANCE_SECONDS ? `SAI GIỜ, ${way} ${amount}: hãy chỉnh giờ máy này` : `${way} ${amount}`;
}

function local(instant: string): string {
  return new Date(instant).toLocaleString('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh' });
}
