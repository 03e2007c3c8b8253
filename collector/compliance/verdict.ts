import { formatDate, formatTime } from '../../shared/vietnamese.ts';
import type { FindingState } from '../api/schemas/common.ts';
import type { Named } from '../api/schemas/finding.ts';
import { type Coverage, type FactAsset, type Facts, measuredOf } from './facts.ts';
import { neededPeriods, type PolicyName } from './policy.ts';
import type { SampleRef } from './rollup/sample-ref.ts';
import { seriesKey } from './series.ts';

/** What a rule answers. One shape for every rule; see `MeasuredFinding` for the words. */
export interface Verdict {
  state: FindingState;
  count: number;
  verdict: string;
  figure: string;
  borderline: boolean;
  faults: Named[];
  missing: Named[];
  /** Samples that the verdict rests on, most telling first, each with one phrase. */
  evidence: Evidence[];
  samples: number;
  /** What was measured beside, one Vietnamese phrase each: it decides nothing. */
  also: string[];
}

export interface Evidence {
  sample: SampleRef;
  says: string;
}

/**
 * The evidence of several devices in the order in which it is kept: first one sample of each fault, so that no point is
 * lost without a report to show, then the faults' others, then the rest.
 */
export function inOrder(devices: readonly { fault: boolean; evidence: readonly Evidence[] }[]): Evidence[] {
  const faults = devices.filter(({ fault }) => fault).map(({ evidence }) => evidence);
  const others = devices.filter(({ fault }) => !fault).map(({ evidence }) => evidence);
  return [...faults.flatMap((own) => own.slice(0, 1)), ...faults.flatMap((own) => own.slice(1)), ...others.flat()];
}

/** A rule of the rubric that measurements can fill (or support). One file a rule, named after it. */
export interface Rule {
  id: string;
  /** Column heading. */
  short: string;
  /** Probes whose samples `judge` reads. */
  probes: readonly string[];
  /** Policy values that `judge` reads; they are recorded with the finding. */
  policy: readonly PolicyName[];
  judge(facts: Facts): Verdict;
}

/** Policy values that every measured rule rests on. */
export const WINDOW_POLICY = [
  'periodUnit',
  'windowPeriods',
  'minPeriods',
  'minExpectedShare',
  'expectedEverySeconds',
] as const;

const EMPTY = { count: 0, figure: '', borderline: false, faults: [], missing: [], evidence: [], samples: 0, also: [] };

export const insufficient = (why: string, rest: Partial<Verdict> = {}): Verdict => ({
  ...EMPTY,
  ...rest,
  state: 'insufficient',
  verdict: `Chưa đủ dữ liệu: ${why}`,
});
export const manual = (why: string): Verdict => ({ ...EMPTY, state: 'manual', verdict: `Người chấm nhập: ${why}` });
export const pass = (what: string, rest: Partial<Verdict>): Verdict => ({
  ...EMPTY,
  ...rest,
  state: 'pass',
  verdict: `${rest.borderline ? 'Đạt (sát ngưỡng)' : 'Đạt'}: ${what}`,
});
export const fail = (what: string, rest: Partial<Verdict>): Verdict => ({
  ...EMPTY,
  count: 1,
  ...rest,
  state: 'fail',
  verdict: `Không đạt: ${what}`,
});

/** "12 ngày học, từ 02/11/2026 đến 20/11/2026", or for minutes "3 phút gần nhất". */
export function sayWindow(facts: Facts, periods: number): string {
  if (facts.policy.periodUnit === 'minute') return `${periods} phút có dữ liệu`;
  const first = facts.periods[0]?.from ?? facts.now;
  return `${periods} ngày học, từ ${formatDate(first)} đến ${formatDate(facts.now)}`;
}

/** Why a device cannot be judged yet by this probe, and what to do. */
export function sayMissing(asset: FactAsset, facts: Facts, seen: Coverage, probe: string): Named {
  const { policy } = facts;
  const unit = policy.periodUnit === 'minute' ? 'phút' : 'ngày học';
  const needed = neededPeriods(policy);
  const lastAt = measuredOf(facts, probe, asset.target)?.last.at;
  const strangerAt = asset.target === null ? undefined : facts.rollup.strangers.get(seriesKey(probe, asset.target));
  let why: string;
  if (asset.target === null) why = 'chưa gán mã thiết bị: gán mã trong danh mục rồi thêm vào cấu hình tác tử';
  else if (strangerAt !== undefined && strangerAt > (lastAt ?? 0))
    why = `địa chỉ này đang là thiết bị khác (${formatTime(strangerAt)} ngày ${formatDate(strangerAt)}): đã thay máy thì sửa địa chỉ MAC của "${asset.target}" trong danh mục và cấu hình tác tử, chưa thay thì sửa địa chỉ IP`;
  else if (seen.got === 0 && lastAt !== undefined)
    why = `đã có số đo ngoài giờ học (${formatTime(lastAt)} ngày ${formatDate(lastAt)}): chờ số đo trong giờ học`;
  else if (seen.got === 0)
    why = `chưa có lần đo nào: thêm "${asset.target}" vào mục ${probe} của cấu hình tác tử, hoặc bật lại tác tử`;
  else if (seen.periods < needed) why = `mới có ${seen.periods}/${needed} ${unit} có dữ liệu: để tác tử chạy thêm`;
  else why = `mới có ${seen.got}/${seen.expected} lần đo: để máy chạy tác tử bật suốt giờ học`;
  return { assetId: asset.id, name: asset.name, why };
}

/** The first of a list with their reasons, the rest counted: "PC-01 (đang tắt), PC-02 (…) và 3 mục khác". */
export function sayEach(named: readonly Named[], most = 3): string {
  // One reason that all share is said once.
  const shared = named.length > 1 && named.every(({ why }) => why === named[0]!.why);
  const said = named.slice(0, most).map(({ name, why }) => (shared ? name : `${name} (${why})`));
  const rest = named.length - said.length;
  return `${said.join(', ')}${rest > 0 ? ` và ${rest} mục khác` : ''}${shared ? ` (${named[0]!.why})` : ''}`;
}
