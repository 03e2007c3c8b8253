import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { type FactAsset, type Facts, presenceOf } from '../facts.ts';
import {
  type Evidence,
  fail,
  inOrder,
  insufficient,
  pass,
  type Rule,
  sayEach,
  sayMissing,
  sayWindow,
  WINDOW_POLICY,
} from '../verdict.ts';
import { alsoHosts, hostEvidence, hostsMissing, lossyHosts, sayHosts, wifiHosts } from '../wifi-hosts.ts';

/**
 * III.2.2.b: Wi-Fi is stable. Judged by the presence of the inventory's access points in school hours, and by what hosts
 * on Wi-Fi lose to the gateway. Either may take the point. Access points without a host are judged by presence alone: no
 * school owes a laptop that measures. Hosts without access points are judged by themselves, since what is lost on the
 * air is what the rule asks about, and the Wi-Fi of many a small school is built into the provider's router. Hosts with
 * too few days open no question that the access points have answered.
 */
export const rule: Rule = {
  id: 'III.2.2.b',
  short: 'Wi-Fi',
  // By `uplink` is known whether the gateway was silent by cable too.
  probes: ['lan-reach', 'wifi', 'uplink'],
  policy: [
    ...WINDOW_POLICY,
    'accessPointAwayShareMax',
    'accessPointMinMisses',
    'wifiLossShareMax',
    'wifiMinQuestions',
    'wifiWorstRoundsLeftOut',
    'wifiLossyHostsShare',
    'wifiBadPeriods',
  ],
  judge(facts) {
    const points = facts.assets.filter((asset) => asset.kind === 'access-point').map((asset) => measure(facts, asset));
    const hosts = wifiHosts(facts);
    if (points.length === 0 && hosts.hosts.length === 0)
      return insufficient('danh mục chưa có điểm phát Wi-Fi nào; thêm các điểm phát vào danh mục');
    const away = points.flatMap(({ fault }) => fault ?? []);
    const unknown = points.flatMap(({ missing }) => missing ?? []);
    const stable = points.length - away.length - unknown.length;
    const ofPoints = points.length > 0 ? [`${stable}/${points.length} điểm phát`] : [];
    const sum = (of: 'lost' | 'sent' | 'samples') => hosts.hosts.reduce((total, host) => total + host[of], 0);
    const rest = {
      figure: [...ofPoints, ...(hosts.enough ? [`mất ${formatShare(sum('lost') / sum('sent'))}`] : [])].join(', '),
      faults: [...away, ...(hosts.isFault ? lossyHosts(hosts, facts) : [])],
      missing: [...unknown, ...(points.length === 0 && !hosts.enough ? [hostsMissing(hosts, facts)] : [])],
      evidence: inOrder([
        ...points.map(({ fault, evidence }) => ({ fault: fault !== null, evidence })),
        ...hostEvidence(hosts),
      ]),
      samples: points.reduce((total, { samples }) => total + samples, sum('samples')),
      also: alsoHosts(hosts, facts),
    };
    const window = sayWindow(facts, Math.max(...points.map(({ periods }) => periods), hosts.told.length));
    const onAir = hosts.enough ? [sayHosts(hosts, facts)] : [];
    if (rest.faults.length > 0)
      return fail(
        `không ổn định: ${[...(away.length > 0 ? [sayEach(away)] : []), ...onAir].join('; ')}, ${window}`,
        rest,
      );
    if (unknown.length > 0)
      return insufficient(`${unknown.length}/${points.length} điểm phát chưa đủ lần đo (${sayEach(unknown)})`, rest);
    if (rest.missing.length > 0) return insufficient(sayEach(rest.missing), rest);
    const present = points.length > 0 ? [`${stable}/${points.length} điểm phát Wi-Fi ổn định`] : [];
    return pass(`${[...present, ...onAir].join('; ')}, ${window}`, rest);
  },
};

interface Point {
  fault: Named | null;
  missing: Named | null;
  evidence: Evidence[];
  samples: number;
  periods: number;
}

function measure(facts: Facts, asset: FactAsset): Point {
  const { policy } = facts;
  const { probe, measured, seen } = presenceOf(facts, asset);
  const presence = measured?.presence;
  const misses = presence?.misses ?? 0;
  const away = presence ? misses / presence.samples : 0;
  const isFault = seen.enough && away > policy.accessPointAwayShareMax && misses >= policy.accessPointMinMisses;
  const why = `vắng ${formatShare(away)} giờ học (${misses} lần đo)`;
  return {
    fault: isFault ? { assetId: asset.id, name: asset.name, why } : null,
    missing: seen.enough ? null : sayMissing(asset, facts, seen, probe),
    evidence: (presence ? [...presence.lastMisses, presence.last] : []).map((sample) => ({
      sample,
      says: `${asset.name}: ${sample.ok ? 'có trả lời' : 'không trả lời'}`,
    })),
    samples: presence?.samples ?? 0,
    periods: seen.periods,
  };
}
