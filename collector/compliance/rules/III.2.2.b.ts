import { periodAt } from '../../../shared/calendar.ts';
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
      const { probe, samples: all, seen } = presenceOf(facts, asset);
      const inHours = all.filter((sample) => periodAt(facts.periods, sample.at));
      const misses = inHours.filter((sample) => !sample.ok);
      samples += inHours.length;
      periods = Math.max(periods, seen.periods);
      const away = inHours.length > 0 ? misses.length / inHours.length : 0;
      const isFault =
        seen.enough &&
        away > facts.policy.accessPointAwayShareMax &&
        misses.length >= facts.policy.accessPointMinMisses;
      const telling = [...misses.slice(-3), ...inHours.slice(-1)];
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
          why: `vắng ${formatShare(away)} giờ học (${misses.length} lần đo)`,
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
