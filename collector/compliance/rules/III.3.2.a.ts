import { formatShare } from '../../../shared/vietnamese.ts';
import type { Named } from '../../api/schemas/finding.ts';
import { coverage, type FactAsset, type Facts, measuredOf, newestSample, workedPeriods } from '../facts.ts';
import { neededPeriods } from '../policy.ts';
import { NONE } from '../rollup/bits.ts';
import type { SeriesRollup } from '../rollup/rollup.ts';
import { NETWORK_PROBES } from '../series.ts';
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

/** III.3.2.a: cameras are controlled, managed and used: each one of the inventory is watched and has a moving picture. */
export const rule: Rule = {
  id: 'III.3.2.a',
  short: 'Camera',
  // A camera that nobody watches is judged by whether the agent was at work elsewhere.
  probes: [...NETWORK_PROBES],
  policy: [...WINDOW_POLICY, 'cameraLiveShareMin'],
  judge(facts) {
    const cameras = facts.assets.filter((asset) => asset.kind === 'camera');
    if (cameras.length === 0) return insufficient('danh mục chưa có camera nào; thêm camera vào danh mục');
    const faults: Named[] = [];
    const missing: Named[] = [];
    const evidence = [];
    let samples = 0;
    let periods = 0;
    for (const asset of cameras) {
      if (asset.target === null && workedPeriods(facts, asset.since).length >= neededPeriods(facts.policy)) {
        faults.push({ assetId: asset.id, name: asset.name, why: 'có trong danh mục nhưng chưa đưa vào theo dõi' });
        const sample = newestSample(facts)!;
        const says = `${asset.name}: tác tử làm việc, camera không được theo dõi`;
        evidence.push({ fault: true, evidence: [{ sample, says }] });
        continue;
      }
      const measured = measuredOf(facts, 'camera', asset.target);
      const { known = 0, down = 0, lastDown = [], lastKnown = null } = measured?.camera ?? {};
      const seen = coverage(facts, 'camera', asset.target);
      samples += measured?.samples ?? 0;
      periods = Math.max(periods, seen.periods);
      const share = known > 0 ? 1 - down / known : 0;
      const unknown = sayUnknownCamera(facts, asset, measured);
      const isFault = unknown === null && known > 0 && share < facts.policy.cameraLiveShareMin;
      evidence.push({
        fault: isFault,
        evidence: [...lastDown.toReversed(), ...(lastKnown ? [lastKnown.sample] : [])].map((sample) => ({
          sample,
          says: `${asset.name}: ${sayState(sample.state)}`,
        })),
      });
      if (unknown !== null) missing.push(unknown);
      else if (isFault)
        faults.push({
          assetId: asset.id,
          name: asset.name,
          why: `có hình ${formatShare(share)} thời gian, hiện ${sayState(measured?.last.state)}`,
        });
    }
    const good = cameras.length - faults.length - missing.length;
    const rest = { figure: `${good}/${cameras.length} camera`, faults, missing, evidence: inOrder(evidence), samples };
    if (faults.length > 0)
      return fail(
        `${faults.length}/${cameras.length} camera không bảo đảm: ${sayEach(faults)}, ${sayWindow(facts, periods)}`,
        rest,
      );
    if (missing.length > 0)
      return insufficient(`chưa biết ${missing.length}/${cameras.length} camera (${sayEach(missing)})`, rest);
    return pass(
      `${good}/${cameras.length} camera có hình từ ${formatShare(facts.policy.cameraLiveShareMin)} thời gian trở lên, ${sayWindow(facts, periods)}`,
      rest,
    );
  },
};

/** Why a camera is unknown and what to do: measured too little, or it would not let the agent look; null: it is known. */
export function sayUnknownCamera(facts: Facts, asset: FactAsset, measured: SeriesRollup | undefined): Named | null {
  const seen = coverage(facts, 'camera', asset.target);
  if (!seen.enough) return sayMissing(asset, facts, seen, 'camera');
  const looked = coverage(facts, 'camera', asset.target, ({ camera }) => ({
    periods: camera?.lookedIn ?? NONE,
    rounds: camera?.lookedRounds ?? 0,
  }));
  if (looked.enough) return null;
  return {
    assetId: asset.id,
    name: asset.name,
    why: `${sayState(measured?.camera?.blindState)}: sửa tài khoản ONVIF trong cấu hình tác tử`,
  };
}

const STATES: Record<string, string> = {
  live: 'có hình',
  frozen: 'hình đứng yên',
  dark: 'hình đen',
  'no-stream': 'không có luồng hình',
  auth: 'sai tài khoản',
  'onvif-down': 'ONVIF không trả lời',
  unreachable: 'không kết nối được',
};
export const sayState = (state: unknown): string =>
  typeof state === 'string' && Object.hasOwn(STATES, state) ? STATES[state]! : 'không rõ';
