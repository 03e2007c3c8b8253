import { formatDate, formatNumber, formatShare } from '../../shared/vietnamese.ts';
import type { Named } from '../api/schemas/finding.ts';
import type { Facts } from './facts.ts';
import { neededPeriods, type Policy } from './policy.ts';
import type { SampleRef } from './rollup/sample-ref.ts';
import { medianOf } from './rollup/tally.ts';
import type { Wifi, WifiDay } from './rollup/wifi.ts';
import type { Evidence } from './verdict.ts';

/** What the hosts that are on the school's Wi-Fi tell of it. */
export interface WifiHosts {
  /** Each that measured anything over the air, in the order of their targets. */
  hosts: readonly WifiHost[];
  /** Numbers of the periods in which at least one host asked often enough. */
  told: readonly number[];
  /** Those of them in which more than the policy's share of the hosts that asked often enough lost too much. */
  bad: readonly number[];
  enough: boolean;
  isFault: boolean;
}

export interface WifiHost {
  name: string;
  assetId: string | null;
  wifi: Wifi;
  /** Days on which it asked often enough, and those of them on which it lost too much. */
  told: readonly WifiDay[];
  lossy: readonly WifiDay[];
  sent: number;
  lost: number;
  samples: number;
}

/**
 * A day of a host tells once it asked often enough for the policy's share to be more than chance; a host that sleeps in
 * a bag owes no rounds, so days are held against the minimum and no share of the expected rounds is. The worst rounds of
 * a day are left out: a lid that was just opened, a step to another access point. A day is bad where more than half of the hosts that tell lost too much: of two, or of more where one stands far away, nobody could say
 * whether the Wi-Fi or that one host is at fault. A single host speaks for itself: it is all that was measured.
 *
 * A host belongs to the school whose agent measures it; the inventory only lends it a name. A sheet that was locked
 * before hosts were judged holds none of these policy values and is judged without them.
 */
export function wifiHosts(facts: Facts): WifiHosts {
  const { policy, rollup, assets } = facts;
  const names = new Map(assets.map((asset) => [asset.target, asset]));
  const series = policy.wifiLossShareMax === undefined ? [] : [...rollup.series.values()];
  const hosts = series.flatMap(({ target, wifi, samples }): WifiHost[] => {
    if (!wifi || wifi.days.length === 0) return [];
    const asset = names.get(target);
    const told = wifi.days.filter(({ sent }) => sent >= policy.wifiMinQuestions);
    return [
      {
        name: asset?.name ?? target,
        assetId: asset?.id ?? null,
        wifi,
        told,
        lossy: told.filter((day) => isLossy(day, policy)),
        sent: wifi.days.reduce((sum, { sent }) => sum + sent, 0),
        lost: wifi.days.reduce((sum, { lost }) => sum + lost, 0),
        samples,
      },
    ];
  });
  const telling = countByPeriod(hosts, ({ told }) => told);
  const losing = countByPeriod(hosts, ({ lossy }) => lossy);
  const told = [...telling.keys()].sort((a, b) => a - b);
  const bad = told.filter((period) => (losing.get(period) ?? 0) / telling.get(period)! > policy.wifiLossyHostsShare);
  const enough = told.length >= neededPeriods(policy);
  return { hosts, told, bad, enough, isFault: enough && bad.length >= policy.wifiBadPeriods };
}

const isLossy = ({ steadySent, steadyLost }: WifiDay, policy: Policy) =>
  steadyLost / steadySent > policy.wifiLossShareMax;

function countByPeriod(hosts: readonly WifiHost[], days: (host: WifiHost) => readonly WifiDay[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const host of hosts) for (const { period } of days(host)) counts.set(period, (counts.get(period) ?? 0) + 1);
  return counts;
}

/** "2 máy nối Wi-Fi mất 0,4 % gói tin tới cổng mạng (nhiều nhất A 0,9 %), 0/10 ngày quá nửa số máy mất trên 2 %, …". */
export function sayHosts({ hosts, told, bad }: WifiHosts, { policy }: Facts): string {
  const [sent, lost] = [sumOf(hosts, (host) => host.sent), sumOf(hosts, (host) => host.lost)];
  const worst = hosts.reduce((a, b) => (b.lost / b.sent > a.lost / a.sent ? b : a));
  const most = hosts.length > 1 ? ` (nhiều nhất ${worst.name} ${formatShare(worst.lost / worst.sent)})` : '';
  const which = hosts.length > 1 ? `${sayShareOf(policy.wifiLossyHostsShare)} số máy ` : '';
  return [
    `${hosts.length > 1 ? `${hosts.length} máy` : hosts[0]!.name} nối Wi-Fi mất ${formatShare(lost / sent)} gói tin tới cổng mạng${most}`,
    `${bad.length}/${told.length} ${unitOf(policy)} ${which}mất trên ${formatShare(policy.wifiLossShareMax)}`,
    ...sayAir(hosts.map(({ wifi }) => wifi)),
  ].join(', ');
}

const sayShareOf = (share: number) => (share === 0.5 ? 'quá nửa' : `quá ${formatShare(share)}`);
const unitOf = ({ periodUnit }: Pick<Policy, 'periodUnit'>) => (periodUnit === 'minute' ? 'phút' : 'ngày');
const sumOf = <T>(values: readonly T[], of: (value: T) => number) => values.reduce((sum, one) => sum + of(one), 0);

/** Signal, roaming and channels, as far as the systems tell them. */
function sayAir(seen: readonly Wifi[]): string[] {
  const median = medianOf(seen.flatMap(({ signal }) => signal).sort(([a], [b]) => a - b));
  const roams = sumOf(seen, (own) => own.roams);
  const channels = [...new Set(seen.flatMap((own) => own.channels.map(([channel]) => Number(channel))))];
  return [
    ...(median === null ? [] : [`tín hiệu trung vị −${formatNumber(median)} dBm`]),
    `chuyển điểm phát ${roams} lần`,
    ...(channels.length === 0 ? [] : [`kênh ${channels.sort((a, b) => a - b).join(', ')}`]),
  ];
}

/** One phrase a host: what it measured, and whether it alone loses. */
export function alsoHosts({ hosts, bad }: WifiHosts, { policy }: Facts): string[] {
  return hosts.map(({ name, wifi, told, lossy, sent, lost }) => {
    const alone = lossy.filter(({ period }) => !bad.includes(period)).length;
    return [
      `${name}: mất ${formatShare(lost / sent)} gói tin trong ${wifi.days.length} ${unitOf(policy)} đo (${told.length} ${unitOf(policy)} đủ ${policy.wifiMinQuestions} gói hỏi)`,
      ...sayAir([wifi]),
      ...(alone > 0
        ? [
            `${alone} ${unitOf(policy)} chỉ riêng máy này mất trên ${formatShare(policy.wifiLossShareMax)}: xem chỗ đặt máy`,
          ]
        : []),
      ...(wifi.gatewayOut > 0 ? [`không tính ${wifi.gatewayOut} lượt mà cổng mạng im lặng cả khi hỏi qua dây`] : []),
    ].join(', ');
  });
}

/** The hosts that lost too much on the bad days. */
export function lossyHosts({ hosts, bad }: WifiHosts, { policy, periods, numbers }: Facts): Named[] {
  const dateOf = (period: number) => formatDate(periods[numbers.indexOf(period)]?.from ?? 0);
  return hosts.flatMap(({ name, assetId, wifi, lossy }) => {
    const days = lossy.filter(({ period }) => bad.includes(period));
    if (days.length === 0) return [];
    const worst = days.reduce((a, b) => (b.lost / b.sent > a.lost / a.sent ? b : a));
    const lost = sumOf(days, (day) => day.lost) / sumOf(days, (day) => day.sent);
    const when = policy.periodUnit === 'minute' ? '' : ` ngày ${dateOf(worst.period)}`;
    const most = `nhiều nhất ${formatShare(worst.lost / worst.sent)}${when}`;
    const why = `mất ${formatShare(lost)} gói tin trong ${days.length} ${unitOf(policy)} (${most}), ${sayAir([wifi])[0]}`;
    return [{ assetId, name, why }];
  });
}

/** What is missing to judge by hosts alone. */
export const hostsMissing = ({ hosts, told }: WifiHosts, { policy }: Facts): Named => ({
  assetId: null,
  name: hosts.map(({ name }) => name).join(', '),
  why: `mới có ${told.length}/${neededPeriods(policy)} ${unitOf(policy)} đủ ${policy.wifiMinQuestions} gói hỏi qua Wi-Fi: để máy bật thêm`,
});

/** Of a bad day the round that lost most, and each host's newest. */
export function hostEvidence({ hosts, bad, isFault }: WifiHosts): { fault: boolean; evidence: Evidence[] }[] {
  return hosts.map(({ name, wifi, lossy }) => {
    const worst = isFault ? lossy.flatMap(({ period, worst }) => (worst && bad.includes(period) ? worst : [])) : [];
    return {
      fault: worst.length > 0,
      evidence: [
        ...worst
          .toSorted((a, b) => b.lost / b.sent - a.lost / a.sent)
          .map(({ sample, sent, lost }) => said(sample, `${name}: mất ${lost}/${sent} gói tin tới cổng mạng`)),
        ...(wifi.last ? [said(wifi.last, `${name}: lượt đo Wi-Fi gần nhất`)] : []),
      ],
    };
  });
}
const said = (sample: SampleRef, says: string): Evidence => ({ sample, says });
