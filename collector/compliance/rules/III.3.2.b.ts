import { formatDate, formatNumber, formatTime } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { cameraIncidents } from '../../incidents/detect.ts';
import { coverage, measuredOf } from '../facts.ts';
import { fail, inOrder, insufficient, pass, type Rule, sayEach, sayWindow, WINDOW_POLICY } from '../verdict.ts';
import { sayState, sayUnknownCamera } from './III.3.2.a.ts';

/** III.3.2.b: camera incidents are repaired within the working days that the policy names. */
export const rule: Rule = {
  id: 'III.3.2.b',
  short: 'Khắc phục sự cố',
  probes: ['camera'],
  policy: [...WINDOW_POLICY, 'incidentMinSeconds', 'repairLimitPeriods'],
  judge(facts) {
    const { policy } = facts;
    const cameras = facts.assets.filter((asset) => asset.kind === 'camera');
    if (cameras.length === 0) return insufficient('danh mục chưa có camera nào; thêm camera vào danh mục');
    const unit = policy.periodUnit === 'minute' ? 'phút' : 'ngày làm việc';
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence = [];
    let incidents = 0;
    let samples = 0;
    let periods = 0;
    for (const asset of cameras) {
      const measured = measuredOf(facts, 'camera', asset.target);
      const seen = coverage(facts, 'camera', asset.target);
      samples += measured?.samples ?? 0;
      periods = Math.max(periods, seen.periods);
      const found = cameraIncidents(measured?.camera?.outages ?? [], facts.periods, policy.incidentMinSeconds * 1000);
      incidents += found.length;
      const late = found.filter((incident) => incident.openPeriods > policy.repairLimitPeriods);
      for (const incident of late) {
        const lasted = formatNumber(incident.openPeriods);
        // The window may have moved over the beginning, which the kept incident still knows.
        const known = facts.openSince.get(asset.id);
        const begun = incident.to === null && known !== undefined && known < incident.from ? known : incident.from;
        const from = `${formatTime(begun)} ngày ${formatDate(begun)}`;
        faults.push({
          assetId: asset.id,
          name: asset.name,
          why: `${sayState(incident.state)} từ ${from}, ${begun < incident.from ? 'đã hơn' : incident.to === null ? 'đã' : 'kéo dài'} ${lasted} ${unit}${incident.to === null ? ' chưa khắc phục' : ''}`,
        });
        evidence.push({
          fault: true,
          evidence: [
            { sample: incident.first, says: `${asset.name}: bắt đầu sự cố (${sayState(incident.first.state)})` },
            { sample: incident.last, says: `${asset.name}: lần đo cuối của sự cố (${sayState(incident.state)})` },
          ],
        });
      }
      if (late.length > 0) continue;
      const unknown = sayUnknownCamera(facts, asset, measured);
      if (unknown !== null) missing.push(unknown);
    }
    const limit = `${formatNumber(policy.repairLimitPeriods)} ${unit}`;
    const rest = {
      figure: faults.length > 0 ? `${faults.length} quá hạn` : `${incidents} sự cố`,
      faults,
      missing,
      evidence: inOrder(evidence),
      samples,
    };
    if (faults.length > 0)
      return fail(`${faults.length}/${incidents} sự cố quá hạn ${limit}: ${sayEach(faults)}`, rest);
    if (missing.length > 0)
      return insufficient(`chưa biết ${missing.length}/${cameras.length} camera (${sayEach(missing)})`, rest);
    const what = incidents === 0 ? 'không có sự cố camera' : `${incidents} sự cố đều trong hạn ${limit}`;
    return pass(`${what}, ${sayWindow(facts, periods)}`, rest);
  },
};
