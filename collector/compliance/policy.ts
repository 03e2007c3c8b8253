import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * Every number that turns samples into a verdict, with its default and its reason. An organisation unit may change
 * any of them; the values that made a verdict are recorded with it. Shares are 0 … 1.
 */

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Count = Type.Integer({ minimum: 0 });
const Positive = Type.Number({ exclusiveMinimum: 0 });

const PolicySchema = Type.Object(
  {
    periodUnit: Type.Union([Type.Literal('school-day'), Type.Literal('minute')]),
    windowPeriods: Type.Integer({ minimum: 1, maximum: 400 }),
    minPeriods: Type.Integer({ minimum: 1 }),
    minExpectedShare: Share,
    expectedEverySeconds: Type.Record(Type.String(), Positive),
    agentSilentSeconds: Positive,
    trackingMissingShare: Share,
    dropMinSeconds: Positive,
    dropMaxSeconds: Positive,
    dropShareMax: Share,
    dropMinCount: Count,
    onMinSeconds: Positive,
    roomDropsPerWeek: Count,
    internetMbps: Positive,
    internetMinTests: Count,
    internetShareMin: Share,
    internetUncertainty: Share,
    internetUncertaintyMax: Share,
    internetOutageMinSeconds: Positive,
    accessPointAwayShareMax: Share,
    accessPointMinMisses: Count,
    wifiLossShareMax: Share,
    wifiMinQuestions: Count,
    wifiWorstRoundsLeftOut: Count,
    wifiLossyHostsShare: Share,
    wifiBadPeriods: Type.Integer({ minimum: 1 }),
    antivirusMaxAgePeriods: Positive,
    antivirusDefinitionsMaxDays: Positive,
    cameraLiveShareMin: Share,
    incidentMinSeconds: Positive,
    repairLimitPeriods: Positive,
  },
  { additionalProperties: false },
);
export type Policy = Static<typeof PolicySchema>;
export type PolicyName = keyof Policy;

export const POLICY: { readonly [Name in PolicyName]: { default: Policy[Name]; reason: string } } = {
  periodUnit: { default: 'school-day', reason: 'Dữ liệu được đếm theo ngày học; trường thực hành đếm theo phút.' },
  windowPeriods: { default: 10, reason: 'Hai tuần học gần nhất: đủ dài để không xét theo một ngày xấu.' },
  minPeriods: { default: 5, reason: 'Dưới một tuần học có dữ liệu thì chưa đủ căn cứ để trừ hay cho điểm.' },
  minExpectedShare: { default: 0.7, reason: 'Thiếu quá 30 % số lần đo thì phần còn lại có thể không đại diện.' },
  expectedEverySeconds: {
    default: {
      'internet-speed': 3600,
      uplink: 60,
      'lan-reach': 300,
      printer: 300,
      camera: 300,
      wifi: 300,
      antivirus: 21600,
    },
    reason: 'Chu kỳ đo mà quận yêu cầu; tác tử không được tự giảm số lần phải đo.',
  },
  agentSilentSeconds: { default: 7200, reason: 'Quá hai giờ không có báo cáo thì coi là tác tử im lặng.' },
  trackingMissingShare: { default: 0.2, reason: 'Một ngày trong tuần không theo dõi được là mức phải xử lý.' },
  dropMinSeconds: { default: 60, reason: 'Mất dưới một phút có thể là gói tin lạc, chưa phải rớt mạng.' },
  dropMaxSeconds: { default: 600, reason: 'Im lặng lâu hơn mười phút là máy đã tắt, không phải mạng chập chờn.' },
  dropShareMax: { default: 0.01, reason: 'Rớt hơn 1 % thời gian máy đang bật là người dùng cảm nhận được.' },
  dropMinCount: { default: 3, reason: 'Một hai lần có thể là khởi động lại máy, chưa phải bằng chứng rõ ràng.' },
  onMinSeconds: { default: 3600, reason: 'Máy bật chưa được một giờ thì chưa biết kết nối có ổn định không.' },
  roomDropsPerWeek: { default: 1, reason: 'Cả phòng cùng rớt hơn một lần mỗi tuần là lỗi switch hoặc dây.' },
  internetMbps: {
    default: 45,
    reason: 'Quyết định ghi tốc độ kết nối từ 45 Mbps trở lên; so với tốc độ đường truyền.',
  },
  internetMinTests: { default: 20, reason: 'Ít hơn 20 lần đo thì tỷ lệ đạt chưa ổn định.' },
  internetShareMin: { default: 0.8, reason: 'Cho phép một phần năm số lần đo rơi vào lúc đường truyền đang bận.' },
  internetUncertainty: { default: 0.01, reason: 'Hai lần đo cùng một đường truyền lệch nhau dưới 1 %.' },
  internetUncertaintyMax: {
    default: 0.1,
    reason: 'Lần đo dao động quá 10 % là do đường truyền chập chờn; phần vượt quá không còn là sai số của phép đo.',
  },
  internetOutageMinSeconds: {
    default: 120,
    reason: 'Một phút không có trả lời có thể do máy chủ được hỏi; từ hai phút mới là đường truyền mất kết nối.',
  },
  accessPointAwayShareMax: { default: 0.02, reason: 'Vắng quá 2 % giờ học tương đương hơn 10 phút mỗi ngày.' },
  accessPointMinMisses: { default: 3, reason: 'Một hai lần không trả lời chưa phải bằng chứng rõ ràng.' },
  wifiLossShareMax: {
    default: 0.02,
    reason: 'Mất quá 2 % gói tin tới cổng mạng là cuộc gọi hình, bài kiểm tra trực tuyến bị ngắt quãng.',
  },
  wifiMinQuestions: {
    default: 400,
    reason:
      'Mỗi máy mỗi ngày ít nhất 400 gói hỏi (20 lượt): mạng chỉ mất 0,5 % vượt 2 % do ngẫu nhiên chưa tới 3 trong 10.000 ngày.',
  },
  wifiWorstRoundsLeftOut: {
    default: 2,
    reason: 'Hai lượt xấu nhất trong ngày không tính: máy vừa mở nắp hoặc đang chuyển điểm phát, chưa phải bằng chứng.',
  },
  wifiLossyHostsShare: {
    default: 0.5,
    reason: 'Quá nửa số máy đo trong ngày cùng mất gói mới là lỗi Wi-Fi của trường; một máy đặt xa thì chưa phải.',
  },
  wifiBadPeriods: { default: 2, reason: 'Một ngày xấu có thể do sự cố đã khắc phục; từ hai ngày là không ổn định.' },
  antivirusMaxAgePeriods: { default: 7, reason: 'Trạng thái cũ hơn bảy ngày học không còn nói về hiện tại.' },
  antivirusDefinitionsMaxDays: { default: 7, reason: 'Mẫu nhận diện cũ hơn bảy ngày không chặn được mã độc mới.' },
  cameraLiveShareMin: { default: 0.95, reason: 'Camera phải có hình ít nhất 95 % thời gian mới gọi là ổn định.' },
  incidentMinSeconds: { default: 1800, reason: 'Mất hình dưới 30 phút giờ học có thể do bảo dưỡng, khởi động lại.' },
  repairLimitPeriods: { default: 3, reason: 'Ba ngày làm việc là thời hạn thường dùng để khắc phục sự cố.' },
};

/** The practice school: simulated devices, minutes where the default counts school days. */
export const PRACTICE_POLICY: Partial<Policy> = {
  periodUnit: 'minute',
  windowPeriods: 3,
  minPeriods: 1,
  minExpectedShare: 0.5,
  expectedEverySeconds: {
    'internet-speed': 10,
    uplink: 5,
    'lan-reach': 5,
    printer: 5,
    camera: 6,
    wifi: 20,
    antivirus: 20,
  },
  agentSilentSeconds: 30,
  dropMinSeconds: 10,
  onMinSeconds: 10,
  dropMaxSeconds: 60,
  internetMinTests: 2,
  internetOutageMinSeconds: 10,
  wifiMinQuestions: 40,
  wifiWorstRoundsLeftOut: 1,
  incidentMinSeconds: 10,
  repairLimitPeriods: 0.5,
};

/** What a unit changes; values that it leaves out are those of the unit above it. */
export const PolicyChanges = Type.Partial(PolicySchema, { additionalProperties: false });
const overrides = Compile(PolicyChanges);

export class PolicyError extends Error {
  override name = 'PolicyError';
}

/** The default policy with the changes of each unit from the root of the tree down to the school's own. Throws PolicyError. */
export function resolvePolicy(changes: readonly unknown[]): Policy {
  const policy = Object.fromEntries(Object.entries(POLICY).map(([name, entry]) => [name, entry.default])) as Policy;
  for (const change of changes) {
    if (!overrides.Check(change)) {
      const first = overrides.Errors(change)[0];
      throw new PolicyError(`policy${first?.instancePath}: ${first?.message}`);
    }
    // One probe's interval changed leaves those of the others.
    const expectedEverySeconds = { ...policy.expectedEverySeconds, ...change.expectedEverySeconds };
    Object.assign(policy, change, { expectedEverySeconds });
  }
  return policy;
}

/** Periods with data that a verdict needs: a window shorter than the minimum needs all of its own. */
export const neededPeriods = (policy: Pick<Policy, 'minPeriods' | 'windowPeriods'>): number =>
  Math.min(policy.minPeriods, policy.windowPeriods);

/** Named values as the pages show them. A sheet that was locked before a value came into use does not know it. */
export const describePolicy = (policy: Policy, names: readonly PolicyName[]) =>
  names
    .filter((name) => policy[name] !== undefined)
    .map((name) => ({
      name,
      value: policy[name],
      default: POLICY[name].default,
      reason: POLICY[name].reason,
      isDefault: JSON.stringify(policy[name]) === JSON.stringify(POLICY[name].default),
    }));
