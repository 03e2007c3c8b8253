import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { presenceOf } from '../facts.ts';
import {
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

/** III.2.2.b: Wi-Fi is stable. Judged by the presence of the inventory's access points in school hours. */
export const rule: Rule = {
  id: 'III.2.2.b',
  short: 'Wi-Fi',
  probes: ['lan-reach'],
  policy: [...WINDOW_POLICY, 'accessPointAwayShareMax', 'accessPointMinMisses'],
  judge(facts) {
    const points = facts.assets.filter((asset) => asset.kind === 'access-point');
    if (points.length === 0)
      return insufficient('danh mục chưa có điểm phát Wi-Fi nào; thêm các điểm phát vào danh mục');
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence = [];
    let samples = 0;
    let periods = 0;
    for (const asset of points) {
      const { probe, measured, seen } = presenceOf(facts, asset);
      const presence = measured?.presence;
      const misses = presence?.misses ?? 0;
      samples += presence?.samples ?? 0;
      periods = Math.max(periods, seen.periods);
      const away = presence ? misses / presence.samples : 0;
      const isFault =
        seen.enough && away > facts.policy.accessPointAwayShareMax && misses >= facts.policy.accessPointMinMisses;
      const telling = presence ? [...presence.lastMisses, presence.last] : [];
      evidence.push({
        fault: isFault,
        evidence: telling.map((sample) => ({
          sample,
          says: `${asset.name}: ${sample.ok ? 'có trả lời' : 'không trả lời'}`,
        })),
      });
      if (!seen.enough) missing.push(sayMissing(asset, facts, seen, probe));
      else if (isFault)
        faults.push({
          assetId: asset.id,
          name: asset.name,
          why: `vắng ${formatShare(away)} giờ học (${misses} lần đo)`,
        });
    }
    const stable = points.length - faults.length - missing.length;
    const rest = {
      figure: `${stable}/${points.length} điểm phát`,
      faults,
      missing,
      evidence: inOrder(evidence),
      samples,
    };
    if (faults.length > 0) return fail(`không ổn định: ${sayEach(faults)}, ${sayWindow(facts, periods)}`, rest);
    if (missing.length > 0)
      return insufficient(`${missing.length}/${points.length} điểm phát chưa đủ lần đo (${sayEach(missing)})`, rest);
    return pass(`${stable}/${points.length} điểm phát Wi-Fi ổn định, ${sayWindow(facts, periods)}`, rest);
  },
};
